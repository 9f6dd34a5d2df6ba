"""Sounds of things, synthesised: doors, bells, engines, glass. Each maker gives (N,) float64 at 24 kHz, any level."""

from __future__ import annotations

import numpy as np

from generation.portrait.ambience import coloured
from generation.portrait.instruments import DRUMS, RATE, struck
from generation.portrait.tape import Chance, Floats, bump, burst, laid, swell, swept, through, thud, time_of


def note(instrument: str, pitch: int, seconds: float) -> Floats:
    """One note of the sound bed's players."""
    return struck(instrument, pitch, seconds).astype(np.float64)


def knock(chance: Chance) -> Floats:
    return laid([(i * 0.21, thud(chance, 190, 38) * chance.uniform(0.8, 1)) for i in range(3)])


def door(chance: Chance) -> Floats:
    latch = 0.4 * burst(chance, 0.05, 1200, 6000, 90)
    return laid([(0.0, latch), (0.07, 1.6 * thud(chance, 72, 15)), (0.11, 0.7 * latch)])


def creak(chance: Chance) -> Floats:
    time = time_of(1.1)
    hertz = 130 + 220 * bump(time, 0.75, 0.35) + 12 * coloured(len(time), chance, 2, 20, 0.5)
    clicks = np.maximum(swept(hertz, (1.0,)), 0) ** 8
    return through(clicks, (700, 120, 1), (1500, 200, 0.7), (2600, 300, 0.4)) * swell(time, 0.15, 0.2)


def steps(chance: Chance) -> Floats:
    return laid([(i * 0.48, thud(chance, 95, 45) * chance.uniform(0.6, 1)) for i in range(4)])


def hooves(chance: Chance) -> Floats:
    beats = [bar * 0.42 + at for bar in range(5) for at in (0.0, 0.11, 0.2)]
    return laid([(at, thud(chance, 330, 70) * chance.uniform(0.6, 1)) for at in beats])


def glass(chance: Chance) -> Floats:
    shards = [
        (float(at), np.sin(2 * np.pi * chance.uniform(2500, 8000) * time_of(0.25)) * np.exp(-22 * time_of(0.25)))
        for at in chance.exponential(0.18, 46)
    ]
    return laid([(0.0, 3 * burst(chance, 0.25, 1500, 10000, 22)), *((at, 0.5 * shard) for at, shard in shards)])


def crash(chance: Chance) -> Floats:
    things = [(float(at), burst(chance, 0.3, 300, 7000, 14) * 0.7) for at in chance.exponential(0.22, 9)]
    return laid([(0.0, 2 * thud(chance, 85, 12)), (0.0, 2 * burst(chance, 0.9, 200, 8000, 6)), *things])


def whoosh(chance: Chance) -> Floats:
    time = time_of(0.7)
    rise = bump(time, 0.38, 0.13)
    return (coloured(len(time), chance, 250, 1500, 0.3) + coloured(len(time), chance, 800, 5000, 0.3) * rise) * rise


def explosion(chance: Chance) -> Floats:
    time = time_of(2.2)
    rumble = coloured(len(time), chance, 30, 260, 0.8) * np.exp(-2.2 * time)
    return rumble + 1.4 * coloured(len(time), chance, 60, 3500, 0.5) * np.exp(-9 * time)


def shot(chance: Chance) -> Floats:
    return laid([(0.0, 3 * burst(chance, 0.5, 200, 9000, 30)), (0.0, thud(chance, 110, 20))])


def thunder(chance: Chance) -> Floats:
    time = time_of(3.0)
    rolls = sum(bump(time, at, wide) for at, wide in ((0.15, 0.1), (0.5, 0.35), (1.2, 0.6), (2.0, 0.5)))
    crack = coloured(len(time), chance, 300, 4000, 0.4) * np.exp(-14 * np.abs(time - 0.12))
    return np.asarray(coloured(len(time), chance, 45, 600, 0.7) * rolls + 0.5 * crack)


def fireworks(chance: Chance) -> Floats:
    time = time_of(0.6)
    rise = 0.5 * swept(500 + 1500 * time, (1.0,)) * swell(time, 0.1, 0.1)
    sparks = [(0.75 + float(at), 0.5 * burst(chance, 0.02, 2000, 9000, 200)) for at in chance.uniform(0, 1.2, 70)]
    return laid([(0.0, rise), (0.62, 1.6 * explosion(chance)[: round(1.4 * RATE)]), *sparks])


def phone(_: Chance) -> Floats:
    notes = [(0.0, 76), (0.11, 80), (0.22, 83), (0.33, 88), (0.8, 76), (0.91, 80), (1.02, 83), (1.13, 88)]
    return laid([(at, note("marimba", pitch, 0.5)) for at, pitch in notes])


def ping(_: Chance) -> Floats:
    return laid([(0.0, note("bell", 91, 0.6)), (0.09, note("bell", 96, 0.8))])


def bell(_: Chance) -> Floats:
    return laid([(0.0, note("bell", 88, 1.4)), (0.42, note("bell", 84, 1.6))])


def church_bell(_: Chance) -> Floats:
    return laid([(at, note("bell", 57, 2.0) + 0.6 * note("bell", 64, 2.0)) for at in (0.0, 1.0)])


def alarm(_: Chance) -> Floats:
    beep = np.sign(np.sin(2 * np.pi * 1000 * time_of(0.09))) * 0.5 + np.sin(2 * np.pi * 2000 * time_of(0.09))
    return laid([(bar * 0.7 + i * 0.13, beep) for bar in range(2) for i in range(4)])


def beep(_: Chance) -> Floats:
    time = time_of(0.16)
    return laid([(i * 0.3, np.sin(2 * np.pi * 1250 * time) * swell(time, 0.005, 0.01)) for i in range(2)])


def siren(_: Chance) -> Floats:
    time = time_of(2.4)
    hertz = 900 + 350 * np.sin(2 * np.pi * time / 1.2 - np.pi / 2)
    return swept(hertz * (1.04 - 0.03 * time), (1, 0.5, 0.3, 0.15)) * bump(time, 1.2, 0.9)


def horn(_: Chance) -> Floats:
    time = time_of(0.42)
    blast = swept(np.full_like(time, 415.0), (1, 0.8, 0.7, 0.5, 0.3)) + swept(
        np.full_like(time, 523.0), (1, 0.8, 0.6, 0.4)
    )
    return laid([(0.0, blast * swell(time, 0.02, 0.03)), (0.5, blast * swell(time, 0.02, 0.03))])


def engine(chance: Chance) -> Floats:
    time = time_of(2.0)
    hertz = 38 + 70 * (bump(time, 0.7, 0.25) + bump(time, 1.45, 0.28))
    strokes = swept(hertz, [1 / k for k in range(1, 14)])
    return (strokes + 0.25 * coloured(len(time), chance, 100, 1500, 0.5)) * swell(time, 0.1, 0.4)


def train(chance: Chance) -> Floats:
    time = time_of(2.8)
    clacks = [(at + more, 0.8 * thud(chance, 140, 40)) for at in np.arange(0.1, 2.3, 0.55) for more in (0.0, 0.12)]
    rush = coloured(len(time), chance, 80, 2500, 0.7) * bump(time, 1.4, 0.8)
    return laid([(0.0, rush), *clacks])


def whistle(_: Chance) -> Floats:
    time = time_of(0.75)
    trill = swept(2350 + 60 * np.sin(2 * np.pi * 28 * time), (1, 0.2))
    return np.asarray(trill * (0.75 + 0.25 * np.sin(2 * np.pi * 28 * time)) * swell(time, 0.02, 0.06))


def drum_roll(chance: Chance) -> Floats:
    strokes = [(float(at), burst(chance, 0.12, 180, 5000, 45) * (0.4 + 0.4 * at)) for at in np.arange(0, 1.5, 0.045)]
    return laid(
        [*strokes, (1.55, 1.5 * DRUMS["clap"]().astype(np.float64)), (1.55, burst(chance, 0.9, 3000, 11000, 5))]
    )


def rimshot(chance: Chance) -> Floats:
    tom = thud(chance, 160, 18)
    return laid([(0.0, tom), (0.16, 0.9 * thud(chance, 120, 16)), (0.42, 1.2 * burst(chance, 0.9, 2500, 11000, 5))])


def fanfare(_: Chance) -> Floats:
    parts = [(0.0, 67), (0.16, 67), (0.32, 67), (0.5, 72)]
    return laid([
        (at, swept(np.full(round((0.9 if pitch == 72 else 0.13) * RATE), 440 * 2 ** ((pitch - 69) / 12)),
                   (1, 0.9, 0.8, 0.6, 0.5, 0.3)) * swell(time_of(0.9 if pitch == 72 else 0.13), 0.02, 0.05))
        for at, pitch in parts
    ])  # fmt: skip


def sad_trombone(_: Chance) -> Floats:
    parts = []
    for i, pitch in enumerate((62, 61, 60, 59)):
        time = time_of(1.1 if i == 3 else 0.34)
        wobble = 1 + (0.02 * np.sin(2 * np.pi * 6 * time) if i == 3 else 0 * time)
        blown = swept(440 * 2 ** ((pitch - 69) / 12) * wobble, (1, 0.9, 0.7, 0.6, 0.4, 0.3, 0.2))
        parts.append((i * 0.38, blown * swell(time, 0.05, 0.08)))
    return laid(parts)


def magic(chance: Chance) -> Floats:
    return laid([(i * 0.055, note("bell", int(p), 0.9)) for i, p in enumerate(np.sort(chance.integers(84, 104, 14)))])


def pop(chance: Chance) -> Floats:
    time = time_of(0.09)
    cork = swept(350 + 900 * time / 0.09, (1.0,)) * np.exp(-35 * time)
    return laid([(0.0, 1.5 * cork), (0.05, 0.25 * burst(chance, 0.9, 3000, 10000, 4))])


def splash(chance: Chance) -> Floats:
    time = time_of(0.9)
    return np.asarray(coloured(len(time), chance, 300, 7000, 0.3) * np.exp(-5 * time) * np.clip(time / 0.03, 0, 1))


def pouring(chance: Chance) -> Floats:
    drops = [
        (float(at), swept(700 + chance.uniform(0, 900) + 4000 * time_of(0.05), (1.0,)) * np.exp(-60 * time_of(0.05)))
        for at in np.sort(chance.uniform(0, 1.6, 90))
    ]
    tape = laid(drops)
    return (tape + 0.25 * coloured(len(tape), chance, 500, 4000, 0.4)) * swell(np.arange(len(tape)) / RATE, 0.1, 0.2)


def sizzle(chance: Chance) -> Floats:
    time = time_of(1.8)
    spits = [(float(at), burst(chance, 0.015, 2500, 10000, 250)) for at in chance.uniform(0, 1.75, 160)]
    hiss = 0.5 * coloured(len(time), chance, 2500, 10500, 0.1)
    return laid([(0.0, hiss), *spits])[: len(time)] * swell(time, 0.1, 0.3)


def typing(chance: Chance) -> Floats:
    at = np.cumsum(chance.uniform(0.07, 0.17, 14))
    keys = [(float(moment), burst(chance, 0.03, 1500, 8000, 160) * chance.uniform(0.5, 1)) for moment in at]
    return laid(keys)


def shutter(chance: Chance) -> Floats:
    return laid([(0.0, burst(chance, 0.05, 1500, 9000, 90)), (0.09, 0.8 * burst(chance, 0.06, 900, 7000, 80))])


def ticking(chance: Chance) -> Floats:
    return laid([(i * 0.5, burst(chance, 0.03, 1800 if i % 2 else 2400, 7000, 170)) for i in range(5)])


def heartbeat(_: Chance) -> Floats:
    return laid([(i * 0.85, np.tanh(4 * DRUMS["heart"]().astype(np.float64))) for i in range(2)])


def boing(_: Chance) -> Floats:
    time = time_of(0.8)
    hertz = 160 + 260 * time + 70 * np.exp(-3 * time) * np.sin(2 * np.pi * 13 * time)
    return swept(hertz, (1, 0.5, 0.4, 0.2)) * np.exp(-4 * time)


def zap(_: Chance) -> Floats:
    time = time_of(0.35)
    return swept(2600 * np.exp(-7 * time) + 120, (1, 0.5, 0.3)) * np.exp(-6 * time)


def clang(chance: Chance) -> Floats:
    time = time_of(0.8)
    blades = sum(np.sin(2 * np.pi * hertz * time) * np.exp(-6 * time) for hertz in (1830, 2710, 3970, 5230, 6870))
    return laid([(0.0, np.asarray(blades)), (0.0, burst(chance, 0.1, 2000, 9000, 60))])


def coin(_: Chance) -> Floats:
    return laid([(0.0, note("marimba", 95, 0.2)), (0.08, note("bell", 100, 0.7))])
