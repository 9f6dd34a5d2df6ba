"""A person's recording -> what is kept of their voice: is it good enough, its best part, the nearest voice here."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, istft, resample_poly, sosfiltfilt, stft

from generation.errors import CheckFailed
from generation.perception.heard import PROBE, Heard, Utterance, kept, listened
from generation.perception.recordings import RATE, decoded, wav
from generation.perception.references import VoiceReference
from generation.perception.tone import PLAIN, Tone
from generation.perception.voices import VAD_S, embedding, pitches, speech_mask, timbre

Floats = NDArray[np.float32]
OnProgress = Callable[[str, float, int], None]

MIN_SPEECH_S: Final = 4.0
BEST_S: Final = 9.0
FAINT_DB: Final = -50.0  # the loudest tenth of the recording below this: nobody is heard
CLIPPED: Final = 0.004  # of the speech's samples at full scale
NOISY_DB: Final = 12.0  # speech over what is heard between the words
VOICED: Final = 0.2  # of the speech has a pitch; noise and music without a singer have less
PAUSE_S: Final = 0.36  # longer ones are cut down to this
SPEECH_DB: Final = -23.0  # the kept sample's level

FURTHEST_ST: Final = 4.0  # a voice moved further than this no longer sounds like anybody's
FURTHEST_DB: Final = 8.0
COLOURS: Final = (0.5, 1.0)  # of the difference in spectrum, much of which is the microphone's: half is tried first
WARPS: Final = (0.95, 1.0, 1.05)  # of the formants
RELUCTANCE: Final = 0.01  # of the cosine, that a changed spectrum must win to be worth it
TRIED: Final = 2  # blends that are really spoken and compared


class Speaker(Protocol):
    """The engine's voices, as portrait.speech.Speaker has them."""

    @property
    def voices(self) -> tuple[str, ...]:
        """Voice packs to blend."""
        ...

    def say(self, text: str, style: Mapping[str, float], speed: float = 1.0, *, tone: Tone = PLAIN) -> Utterance:
        """Speak a line in a blend of voice packs, with a change of tone."""
        ...

    def forget(self) -> None:
        """Drop the lines that were said."""
        ...


_heard_packs: WeakKeyDictionary[Speaker, dict[str, Heard]] = WeakKeyDictionary()
_one_at_a_time = threading.Lock()


def voice_reference(sound: bytes, speaker: Speaker, on_progress: OnProgress) -> VoiceReference:
    """Decode, check, clean and match. Blocking: two lines are spoken, one is changed in five ways, 6 to 10 s.

    Raises NotASound for bytes that do not decode; CheckFailed("voice" | "length" | "quality") with the measured figure
    and what to do better; whatever `on_progress` raises.
    """
    on_progress("listening", 0.0, 0)
    voice = decoded(sound)
    speech = checked(voice)
    sample = _levelled(_best(_cleaned(voice, speech)))
    found = pitches(sample)
    heard = Heard(embedding(sample), float(np.median(found)))
    on_progress("matching", 0.2, 0)
    with _one_at_a_time:
        packs = _packs(speaker, on_progress)
    try:
        style, plain = _nearest(heard, packs, speaker)
        on_progress("matching", 0.8, 0)
        colour = timbre(sample)
        tone, cosine = _matched(heard, colour, style, plain, speaker)
    finally:
        speaker.forget()
    on_progress("matching", 1.0, 0)
    return VoiceReference(
        wav(sample),
        heard.embedding.astype("<f4").tobytes(),
        style,
        cosine,
        heard.pitch_hz,
        tone,
        tuple(round(float(band), 1) for band in colour),
    )


def checked(voice: Floats, least_speech_s: float = MIN_SPEECH_S) -> NDArray[np.bool_]:
    """Where the (N,) recording speaks, one flag for 30 ms; raises CheckFailed if it is not good enough.

    `least_speech_s` of it must be speech: MIN_SPEECH_S to learn a voice, less to hear a few words.
    """
    size = round(VAD_S * RATE)
    seconds = len(voice) / RATE
    if seconds < 1.0:
        raise CheckFailed("length", f"the recording is {seconds:.1f} s long: read the text aloud for about 10 s")
    frames = voice[: len(voice) // size * size].reshape(-1, size)
    level = 10 * np.log10((frames**2).mean(1) + 1e-12)
    if (loudest := float(np.quantile(level, 0.9))) < FAINT_DB:
        raise CheckFailed(
            "voice", f"nobody is heard (level {loudest:.0f} dBFS): check the microphone, or come closer to it"
        )
    speech = speech_mask(voice)
    spoken_s = float(speech.sum()) * VAD_S
    voiced = len(pitches(voice)) * 0.01 / max(spoken_s, 0.1)
    if spoken_s < 1.0 or voiced < VOICED:
        raise CheckFailed(
            "voice", f"no voice is heard in {seconds:.1f} s of sound: speak aloud, close to the microphone"
        )
    over_db = float(np.median(level[speech]) - np.quantile(level, 0.05))
    if over_db < NOISY_DB:
        raise CheckFailed(
            "quality",
            f"speech is only {over_db:.0f} dB above the noise ({NOISY_DB:g} dB are needed): go to a quieter room",
        )
    clipped = float((np.abs(frames[speech]) > 0.985).mean())
    if clipped > CLIPPED:
        raise CheckFailed(
            "quality", f"{100 * clipped:.1f} % of the speech is overdriven: turn the microphone down, or move back"
        )
    if spoken_s < least_speech_s:
        raise CheckFailed(
            "length",
            f"{spoken_s:.1f} s of speech are heard and {least_speech_s:g} s are needed: read on for about 10 s",
        )
    return speech


def _cleaned(voice: Floats, speech: NDArray[np.bool_]) -> Floats:
    """Rumble off, steady noise down by up to 10 dB (Wiener, from the quietest frames), long pauses short."""
    band = sosfiltfilt(butter(2, 60, "highpass", fs=RATE, output="sos"), voice)
    _, _, turns = stft(band, RATE, nperseg=512)
    power = np.abs(turns) ** 2
    noise = np.quantile(power, 0.08, axis=1, keepdims=True)
    gain = np.maximum(1 - 2.0 * noise / np.maximum(power, 1e-14), 0.1) ** 0.5
    _, quiet = istft(turns * gain, RATE, nperseg=512)
    size, allowed = round(VAD_S * RATE), round(PAUSE_S / 2 / VAD_S)
    near = np.convolve(speech, np.ones(2 * allowed + 1), "same") > 0
    return np.asarray(quiet[: len(near) * size].reshape(-1, size)[near].reshape(-1), np.float32)


def _best(voice: Floats) -> Floats:
    """The nine seconds that hold most speech, or all there is."""
    size, wanted = round(VAD_S * RATE), round(BEST_S / VAD_S)
    speech = speech_mask(voice)
    if len(speech) <= wanted:
        return voice
    held = np.convolve(speech, np.ones(wanted), "valid")
    first = int(held.argmax())
    return voice[first * size : (first + wanted) * size]


def _levelled(voice: Floats) -> Floats:
    gain = 10 ** (SPEECH_DB / 20) / max(float(np.sqrt(np.mean(voice**2))), 1e-6)
    return np.asarray(voice * min(gain, 0.97 / float(np.abs(voice).max())), np.float32)


def _packs(speaker: Speaker, on_progress: OnProgress) -> dict[str, Heard]:
    """How each of the engine's voices sounds: kept, or measured once."""
    if speaker not in _heard_packs:
        heard: dict[str, Heard] = {}
        for i, pack in enumerate(speaker.voices):
            on_progress("matching", 0.2 + 0.5 * i / len(speaker.voices), 0)
            heard[pack] = kept().get(pack) or listened(speaker.say(PROBE, {pack: 1.0}))
        _heard_packs[speaker] = heard
    return _heard_packs[speaker]


def _nearest(heard: Heard, packs: Mapping[str, Heard], speaker: Speaker) -> tuple[dict[str, float], Heard]:
    """The blend of two or three voices that comes closest, and its cosine.

    A blend's voice is foretold from its parts (mean embedding, mean octave); the most promising are spoken.
    """
    best = sorted(packs, key=lambda pack: -heard.closeness(packs[pack]))[:4]
    shares = [(pair, (a, 1 - a)) for pair in itertools.combinations(best, 2) for a in (0.25, 0.4, 0.6, 0.75)]
    trios = [(trio, w) for trio in itertools.combinations(best, 3) for w in itertools.permutations((0.5, 0.3, 0.2))]
    foretold = sorted([*shares, *trios], key=lambda blend: -heard.closeness(_between(blend[0], blend[1], packs)))
    styles = [dict(zip(names, (round(w, 2) for w in weights), strict=True)) for names, weights in foretold[:TRIED]]
    spoken = [listened(speaker.say(PROBE, style)) for style in styles]
    chosen = max(range(len(styles)), key=lambda i: heard.closeness(spoken[i]))
    return styles[chosen], spoken[chosen]


def _matched(
    heard: Heard, colour: Floats, style: Mapping[str, float], plain: Heard, speaker: Speaker
) -> tuple[Tone, float]:
    """The change of pitch, spectrum and formants that brings the blend closest, if it does; and the cosine with it."""
    away_st = 12 * float(np.log2(heard.pitch_hz / plain.pitch_hz))
    shift = round(float(np.clip(away_st, -FURTHEST_ST, FURTHEST_ST)), 2)
    own = timbre(np.asarray(resample_poly(speaker.say(PROBE, style).samples, 2, 3), np.float32))
    half, whole = (
        tuple(round(float(gain), 1) for gain in np.clip(share * (colour - own), -FURTHEST_DB, FURTHEST_DB))
        for share in COLOURS
    )

    def tried(tone: Tone, reluctance: float) -> tuple[float, Tone, Heard]:
        changed = listened(speaker.say(PROBE, style, tone=tone))
        return heard.closeness(changed) - reluctance, tone, changed

    found = [(heard.closeness(plain), PLAIN, plain), tried(Tone(shift), 0.0)]
    found += [tried(Tone(shift, 1.0, warp, half), RELUCTANCE) for warp in WARPS]
    _, best, _ = max(found, key=lambda one: one[0])
    found.append(tried(Tone(shift, 1.0, best.warp, whole), 2 * RELUCTANCE))
    _, tone, changed = max(found, key=lambda one: one[0])
    return tone, float(heard.embedding @ changed.embedding)


def _between(names: Sequence[str], weights: Sequence[float], packs: Mapping[str, Heard]) -> Heard:
    mean = np.asarray(sum(w * packs[name].embedding for name, w in zip(names, weights, strict=True)), np.float32)
    octave = sum(w * np.log2(packs[name].pitch_hz) for name, w in zip(names, weights, strict=True))
    return Heard(mean / np.linalg.norm(mean), float(2**octave))
