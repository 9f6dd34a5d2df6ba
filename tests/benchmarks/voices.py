"""How near a matched voice comes to people, and how far emotions are apart: the figures of docs/voices.md.

Each person is learnt from one recording and compared with another that enrolment never heard: the sample people with
the rest of their file, the stand-ins reading another text past another microphone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfilt

from generation.perception.hearing import Hearing
from generation.perception.recordings import RATE, decoded, wav
from generation.perception.tone import PLAIN, Tone
from generation.perception.voice_enrolment import voice_reference
from generation.perception.voices import embedding, pitches
from generation.plan import Emotion, Line
from generation.portrait.delivery import pace_of, tone_of
from generation.portrait.packs import VOICES
from generation.portrait.speech import Speaker, Speech
from generation.transcript import words

Floats = NDArray[np.float32]

ROOT: Final = Path(__file__).parents[2]
TEXTS: Final = (
    "Please call Stella and ask her to bring six spoons of fresh snow peas and blue cheese from the store.",
    "When the sunlight strikes raindrops in the air, they form a rainbow, and people look for its end.",
)
SAID: Final = "She said the new bridge would open before winter, and everyone laughed."
LEARNT: Final = 0.64  # of a sample person's file; the rest is the held-out recording
COLUMNS: Final = (
    f"{'held out':10}{'any pack':>9}{'blend':>7}{'matched':>8}{'self':>6}{'others':>8}"
    f"{'shift':>7}{'formants':>9}{'cpu s':>7}{'peak':>6}  words"
)


def report() -> Iterator[str]:
    """Both tables, line by line: some minutes."""
    speaker = Speaker(voices=(VOICES, ROOT / "tests" / "data" / "standins"))
    hearing = Hearing()
    yield COLUMNS
    people = [(name, learnt, embedding(held_out)) for name, learnt, held_out in _people(speaker)]
    packs = [embedding(_heard(speaker.say(SAID, {pack: 1.0}))) for pack in speaker.voices]
    rows: list[tuple[float, ...]] = []
    for name, learnt, held in people:
        begun = time.process_time()
        reference = voice_reference(wav(learnt), speaker, lambda *_: None)
        took = time.process_time() - begun
        both = [speaker.say(SAID, reference.style, tone=tone) for tone in (PLAIN, reference.tone)]
        own = np.frombuffer(reference.embedding, "<f4")
        others = [float(held @ other) for who, _, other in people if who != name]
        rows.append(
            (
                float(np.mean([held @ pack for pack in packs])),
                *(float(held @ embedding(_heard(speech))) for speech in both),
                float(held @ own),
                float(np.mean(others)),
            )
        )
        heard = words(" ".join(word.text for word in hearing.words(_heard(both[1]))))
        any_pack, blend, matched, same, strangers = rows[-1]
        yield (
            f"{name:10}{any_pack:9.3f}{blend:7.3f}{matched:8.3f}{same:6.2f}{strangers:8.2f}"
            f"{reference.tone.shift_st:+7.2f}{reference.tone.warp:9.2f}{took:7.1f}"
            f"{np.abs(both[1].samples).max():6.2f}  {'all' if heard == words(SAID) else ' '.join(heard)}"
        )
    any_pack, blend, matched, same, strangers = np.mean(rows, 0)
    yield f"{'mean':10}{any_pack:9.3f}{blend:7.3f}{matched:8.3f}{same:6.2f}{strangers:8.2f}"
    for style in ({"af_heart": 0.7, "bf_emma": 0.3}, {"am_michael": 1.0}):
        yield f"\n{'+'.join(style):22}{'median Hz':>10}{'range st':>10}{'sounds/s':>10}"
        for emotion in get_args(Emotion):
            line = Line("S1", SAID, emotion)
            yield f"{emotion:22}" + "".join(f"{value:10.1f}" for value in _melody(speaker, line, style, tone_of(line)))
        for energy in (0.0, 0.25, 0.75, 1.0):
            line = Line("S1", SAID, "neutral", energy)
            figures = "".join(f"{value:10.1f}" for value in _melody(speaker, line, style, tone_of(line)))
            yield f"neutral, energy {energy:<6g}{figures}"


def _people(speaker: Speaker) -> Iterator[tuple[str, Floats, Floats]]:
    for name in ("eileen", "grace"):
        voice = decoded((ROOT / "backend" / "samples" / f"{name}_voice.wav").read_bytes())
        cut = round(LEARNT * len(voice))
        yield name, voice[:cut], voice[cut:]
    for pack in ("af_nova", "am_onyx"):
        first, second = (
            _session(speaker.say(text, {pack: 1.0}, speed), number)
            for number, (text, speed) in enumerate(zip(TEXTS, (1.0, 0.95), strict=True))
        )
        yield pack, first, second


def _session(speech: Speech, number: int) -> Floats:
    """Past a microphone of its own, with the noise of its own room."""
    band = butter(1, (90 + 60 * number, 6500 - 500 * number), "bandpass", fs=RATE, output="sos")
    voice = sosfilt(band, _heard(speech))
    noise = np.random.default_rng(number).normal(0, 0.0006 * (1 + number), len(voice))
    return np.asarray(0.5 * voice / np.abs(voice).max() + noise, np.float32)


def _melody(speaker: Speaker, line: Line, style: dict[str, float], tone: Tone) -> tuple[float, float, float]:
    speech = speaker.say(line.text, style, pace_of(line), tone=tone)
    low, middle, high = np.quantile(pitches(_heard(speech)), (0.1, 0.5, 0.9))
    sounds = sum(phone.symbol.strip() != "" for phone in speech.phones)
    return float(middle), float(12 * np.log2(high / low)), sounds / speech.seconds


def _heard(speech: Speech) -> Floats:
    return np.asarray(resample_poly(speech.samples, 2, 3), np.float32)
