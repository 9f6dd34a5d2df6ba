"""Sounds of animals and crowds, synthesised. Each maker gives (N,) float64 at 24 kHz, any level."""

from __future__ import annotations

import numpy as np

from generation.portrait.ambience import coloured
from generation.portrait.instruments import RATE
from generation.portrait.tape import Chance, Floats, bump, burst, laid, swell, swept, through, time_of

_HARMONICS = tuple(1 / k**0.7 for k in range(1, 16))
_VOWEL = ((750, 180, 1.0), (1250, 220, 0.6), (2600, 350, 0.25))  # of "ha"


def bark(chance: Chance) -> Floats:
    time = time_of(0.19)
    voice = swept(330 + 260 * bump(time, 0.05, 0.05), _HARMONICS) + 0.8 * coloured(len(time), chance, 300, 3000, 0.3)
    woof = through(voice, (620, 160, 1.0), (1150, 220, 0.8), (2500, 400, 0.3)) * bump(time, 0.065, 0.05)
    return laid([(0.0, woof), (0.34, 0.9 * woof)])


def howl(_: Chance) -> Floats:
    time = time_of(1.9)
    hertz = 300 + 260 * np.clip(time / 0.5, 0, 1) - 120 * np.clip((time - 1.2) / 0.7, 0, 1)
    return through(swept(hertz, _HARMONICS), (550, 150, 1), (1000, 200, 0.4)) * swell(time, 0.2, 0.6)


def meow(_: Chance) -> Floats:
    time = time_of(0.75)
    hertz = 520 + 260 * bump(time, 0.28, 0.2) - 120 * time
    voice = swept(hertz, _HARMONICS)
    opened = bump(time, 0.32, 0.2)
    closed = through(voice, (450, 120, 1), (2600, 300, 0.4))
    return (closed * (1 - opened) + through(voice, (1000, 250, 1), (1700, 300, 0.8)) * opened) * swell(time, 0.08, 0.2)


def purr(chance: Chance) -> Floats:
    time = time_of(1.8)
    strokes = np.maximum(np.sin(2 * np.pi * 26 * time), 0) ** 3
    breath = 0.7 + 0.3 * np.sin(2 * np.pi * 0.6 * time)
    return np.asarray(coloured(len(time), chance, 60, 700, 0.6) * strokes * breath * swell(time, 0.2, 0.3))


def roar(chance: Chance) -> Floats:
    time = time_of(1.6)
    rough = 1 + 0.5 * np.sign(np.sin(2 * np.pi * 31 * time))
    voice = swept(85 + 55 * bump(time, 0.5, 0.4), _HARMONICS) * rough + coloured(len(time), chance, 100, 1800, 0.5)
    return through(voice, (300, 120, 1), (650, 180, 0.8), (1400, 300, 0.4)) * swell(time, 0.15, 0.7)


def moo(_: Chance) -> Floats:
    time = time_of(1.5)
    voice = swept(150 + 35 * bump(time, 0.7, 0.5), _HARMONICS)
    return through(voice, (380, 110, 1), (800, 160, 0.5)) * swell(time, 0.2, 0.5)


def rooster(_: Chance) -> Floats:
    parts = []
    for at, seconds, low, high in (
        (0.0, 0.2, 600, 850),
        (0.24, 0.16, 700, 950),
        (0.44, 0.2, 800, 1150),
        (0.68, 0.75, 1150, 700),
    ):
        time = time_of(seconds)
        voice = swept(low + (high - low) * time / seconds, _HARMONICS)
        parts.append((at, through(voice, (1200, 300, 1), (2400, 400, 0.7)) * swell(time, 0.03, 0.08)))
    return laid(parts)


def tweets(chance: Chance) -> Floats:
    chirps = []
    for at in (0.0, 0.28, 0.5, 1.1, 1.32):
        time = time_of(0.12)
        hertz = chance.uniform(3000, 4300) * (1 + 0.25 * np.sin(2 * np.pi * 9 * time))
        chirps.append((at, swept(hertz, (1, 0.15)) * np.sin(np.pi * time / 0.12) ** 2))
    return laid(chirps)


def applause(chance: Chance) -> Floats:
    clap = burst(chance, 0.04, 700, 5000, 110)
    tape = laid([(float(at), clap * chance.uniform(0.2, 1)) for at in chance.uniform(0, 2.6, 420)])
    return tape * swell(np.arange(len(tape)) / RATE, 0.4, 1.2)


def claps(chance: Chance) -> Floats:
    return laid([(i * 0.33, burst(chance, 0.08, 700, 5000, 70) * chance.uniform(0.8, 1)) for i in range(3)])


def snap(chance: Chance) -> Floats:
    return burst(chance, 0.3, 1600, 5500, 70)


def cheers(chance: Chance) -> Floats:
    time = time_of(2.4)
    tape = 0.6 * coloured(len(time), chance, 350, 3500, 0.4) * swell(time, 0.3, 1.0)
    for _ in range(26):
        long = time_of(float(chance.uniform(0.5, 1.2)))
        voice = swept(chance.uniform(220, 520) * (1 + 0.3 * bump(long, long[-1] / 2, 0.3)), _HARMONICS)
        called = through(voice, *_VOWEL) * swell(long, 0.1, 0.3)
        first = int(chance.integers(0, len(time) - len(long)))
        tape[first : first + len(called)] += 0.5 * called
    return tape * swell(time, 0.2, 0.8)


def laughter(chance: Chance) -> Floats:
    """A room laughs: a dozen people, each at a pitch and pace of their own."""
    tape = np.zeros(round(2.6 * RATE))
    for _ in range(14):
        pitch, pace, at = chance.uniform(150, 420), chance.uniform(0.15, 0.21), chance.uniform(0, 0.5)
        for i in range(int(chance.integers(5, 10))):
            time = time_of(0.13)
            breath = 0.25 * coloured(len(time), chance, 800, 4000, 0.2) * bump(time, 0.02, 0.02)
            ha = through(swept(pitch * (1.1 - 0.03 * i) * (1 - 0.6 * time), _HARMONICS), *_VOWEL) * bump(
                time, 0.06, 0.035
            )
            first = round((at + i * pace) * RATE)
            part = (ha + breath)[: max(0, len(tape) - first)]
            tape[first : first + len(part)] += part * (1 - 0.06 * i)
    return tape * swell(np.arange(len(tape)) / RATE, 0.05, 0.5)


def gasp(chance: Chance) -> Floats:
    time = time_of(0.5)
    air = through(coloured(len(time), chance, 400, 6000, 0.3), (900, 300, 1), (2200, 500, 0.8))
    return air * (time / 0.5) ** 1.5 * np.clip((0.5 - time) / 0.06, 0, 1)


def boos(chance: Chance) -> Floats:
    tape = np.zeros(round(2.2 * RATE))
    for _ in range(16):
        long = time_of(float(chance.uniform(0.9, 1.6)))
        voice = through(
            swept(chance.uniform(110, 240) * (1.05 - 0.06 * long), _HARMONICS), (330, 90, 1), (850, 140, 0.4)
        )
        first = int(chance.integers(0, len(tape) - len(long)))
        tape[first : first + len(long)] += voice * swell(long, 0.15, 0.3)
    return tape * swell(np.arange(len(tape)) / RATE, 0.2, 0.6)
