"""The mix, measured: level, peaks, what lies under the words, effects and moods: the figures of docs/voices.md."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.plan import Screenplay, Shot
from generation.portrait.bed import SCORES, music
from generation.portrait.effects import EFFECTS, effects_in
from generation.portrait.loudness import lufs
from generation.portrait.mix import Voice, mix, stems_of, wide_band
from generation.portrait.speech import Speaker
from generation.shapes import SAMPLE_RATE

LINES: Final = (("The garden show opens on Sunday.", 0.6), ("Wonderful, I will bring my best roses.", 4.4))
BEDS: Final = ("warm piano", "upbeat drums", "suspenseful strings")
WORDS: Final = {
    "howl": "a wolf howls", "claps": "claps once", "snap": "finger snap", "shot": "gunshot", "glass": "glass breaks",
}  # fmt: skip
EDGES: Final = 180 * 2 ** (np.arange(19) / 3)  # third octaves that small loudspeakers give


def report() -> Iterator[str]:
    """Some lines of text each: half a minute."""
    speaker = Speaker()
    voices = [
        Voice(wide_band(speaker.say(text, {"bf_emma": 1.0}).samples), start, 0.0, False, "neutral", 0.5)
        for text, start in LINES
    ]
    yield f"{'8 s, two lines':22}{'LUFS':>7}{'true peak':>11}{'under words':>13}{'ducked by':>11}"
    for bed in BEDS:
        play = _play(bed, "")
        whole, stems = mix(play, voices, seed=1), stems_of(play, voices, seed=1)
        under = stems.music + stems.surroundings
        undisturbed = stems_of(play, [], seed=1)
        before = undisturbed.music + undisturbed.surroundings
        talk = np.concatenate([np.arange(len(v.samples)) + round(v.start_s * SAMPLE_RATE) for v in voices])
        below, ducked = _db(stems.speech[:, talk]) - _db(under[:, talk]), _db(before[:, talk]) - _db(under[:, talk])
        peak = 20 * np.log10(np.abs(resample_poly(whole, 8, 1, axis=1)).max())
        yield f"{bed:22}{lufs(whole):7.1f}{peak:8.1f} dB{-below:10.1f} dB{ducked:8.1f} dB"
    music_alone = stems_of(_play("warm piano", ""), [], seed=1)
    above = {name: _above(name, music_alone.music + music_alone.surroundings) for name in EFFECTS}
    worst = min(above, key=lambda name: above[name])
    yield (
        f"\n{len(above)} effects, loudest third octave over the music: "
        f"median {np.median(list(above.values())):.0f} dB, least {above[worst]:.0f} dB ({worst})"
    )
    yield f"\n{'mood':10}{'centre Hz':>10}{'below 120 Hz':>14}"
    for mood in SCORES:
        power = np.abs(np.fft.rfft(music(mood, 8.0, 1).mean(0))) ** 2
        hertz = np.fft.rfftfreq(8 * SAMPLE_RATE, 1 / SAMPLE_RATE)
        centre, bass = (power * hertz).sum() / power.sum(), 10 * np.log10(power[hertz < 120].sum() / power.sum())
        yield f"{mood:10}{centre:10.0f}{bass:11.1f} dB"


def _play(bed: str, sound: str) -> Screenplay:
    return Screenplay("t", "s", "a garden", (Shot(0.0, 4.0, "wide"), Shot(4.0, 8.0, "wide", sound=sound)), bed)


def _above(name: str, under: NDArray[np.float32]) -> float:
    words = WORDS.get(name, name)
    if name not in effects_in(words):
        raise SystemExit(f"{words!r} does not name {name!r}")
    heard = stems_of(_play("none", words), [], seed=1).effects
    half = SAMPLE_RATE // 2
    power = [float((heard[:, i : i + half] ** 2).sum()) for i in range(4 * SAMPLE_RATE, 7 * SAMPLE_RATE, half // 2)]
    at = 4 * SAMPLE_RATE + int(np.argmax(power)) * (half // 2)
    part = slice(at, at + half)
    return float((10 * np.log10(_bands(heard[:, part]) / _bands(under[:, part]))).max())


def _bands(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    power = np.abs(np.fft.rfft(sound.mean(0))) ** 2
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE)
    return np.array([power[(hertz >= low) & (hertz < high)].sum() + 1e-9 for low, high in pairwise(EDGES)])


def _db(sound: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(sound.astype(np.float64) ** 2) + 1e-12))
