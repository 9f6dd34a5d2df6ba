"""What a place sounds like when nobody speaks: wind and birds, a city's hum, waves, murmuring, a quiet room."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.engine import Sound
from generation.portrait.instruments import RATE
from generation.shapes import samples_for

Floats = NDArray[np.float64]
Kind = Literal["nature", "night", "city", "waves", "crowd", "rain", "fire", "space", "room"]


class Surroundings(msgspec.Struct, frozen=True):
    """How a setting sounds. `room_s`: reverberation of voices there, 0 = open air."""

    kind: Kind
    room_s: float
    level_db: float  # of the ambience, against full scale, before mastering


_ROOM: Final = Surroundings("room", 0.35, -58.0)
_PLACES: Final[tuple[tuple[str, Surroundings], ...]] = (
    (r"rain|storm|downpour|monsoon", Surroundings("rain", 0.0, -42.0)),
    (r"space(ship|craft)?\b|cockpit|starship|orbit|station\b|airplane|aeroplane|plane\b|submarine|engine",
     Surroundings("space", 0.30, -46.0)),
    (r"beach|ocean|sea\b|seaside|coast|shore|waves|boat|island|harbou?r|surf", Surroundings("waves", 0.0, -43.0)),
    (r"fire(place|side)|campfire|bonfire|hearth", Surroundings("fire", 0.15, -46.0)),
    (r"night|moon|dusk|desert|evening (sky|garden|walk)", Surroundings("night", 0.0, -48.0)),
    (r"church|cathedral|hall\b|cave|tunnel|museum|gym\b|warehouse|castle", Surroundings("room", 1.4, -56.0)),
    (r"caf[eé]|coffee|restaurant|diner|bar\b|pub\b|party|market|mall|stadium|concert|crowd|classroom|airport",
     Surroundings("crowd", 0.45, -46.0)),
    (r"street|city|town\b|urban|rooftop|traffic|downtown|alley|bus stop|sidewalk|plaza|bridge|road",
     Surroundings("city", 0.0, -45.0)),
    (r"garden|park\b|forest|wood(s|land)|field|meadow|farm|yard|lake|river|mountain|hill|jungle|tree|orchard|lawn|snow",
     Surroundings("nature", 0.0, -46.0)),
    (r"outdoor|outside|picnic|trail|beekeep|countryside|balcony|porch", Surroundings("nature", 0.0, -46.0)),
)  # fmt: skip


def surroundings_of(setting: str) -> Surroundings:
    """The first place that the words of a screenplay's setting name; an ordinary room if none."""
    return next((place for words, place in _PLACES if re.search(rf"\b(?:{words})", setting, re.IGNORECASE)), _ROOM)


def ambience(kind: Kind, seconds: float, seed: int) -> Sound:
    """(2, samples) at 48 kHz with an RMS of 1 over both channels."""
    sides = [_MADE[kind](round(seconds * RATE), np.random.default_rng((seed, ear))) for ear in range(2)]
    both = np.stack(sides)
    both = 0.75 * both + 0.25 * both[::-1]
    wide = resample_poly(both / max(float(both.std()), 1e-9), 2, 1, axis=1)[:, : samples_for(seconds)]
    return np.asarray(wide, np.float32)


def coloured(samples: int, chance: np.random.Generator, low: float, high: float, tilt: float) -> Floats:
    """Noise of RMS 1 at 24 kHz between two frequencies, falling as 1 / f ** tilt (in amplitude)."""
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    edge = 1 / (1 + (low / np.maximum(frequency, 1e-3)) ** 6) / (1 + (frequency / high) ** 6)
    spectrum = np.fft.rfft(chance.standard_normal(samples)) * edge / np.maximum(frequency, 20) ** tilt
    noise = np.fft.irfft(spectrum, samples)
    return np.asarray(noise / noise.std())


def _swell(samples: int, chance: np.random.Generator, period_s: float, depth: float) -> Floats:
    """A slow rise and fall around 1."""
    time = np.arange(samples) / RATE
    phase = chance.uniform(0, 2 * np.pi, 2)
    wave = np.sin(2 * np.pi * time / period_s + phase[0]) + 0.5 * np.sin(2 * np.pi * 2.3 * time / period_s + phase[1])
    return np.asarray(1 + depth * wave / 1.5)


def _scattered(samples: int, chance: np.random.Generator, a_second: float, make: Callable[[], Floats]) -> Floats:
    """Short sounds at moments that fall as they may."""
    tape = np.zeros(samples)
    for at in chance.integers(0, samples, int(chance.poisson(a_second * samples / RATE))):
        part = make()[: samples - at]
        tape[at : at + len(part)] += part * chance.uniform(0.3, 1.0)
    return tape


def _bird(chance: np.random.Generator) -> Floats:
    """Two to five chirps of one bird."""
    pitch, count = chance.uniform(2600, 4800), int(chance.integers(2, 6))
    time = np.arange(round(0.11 * RATE)) / RATE
    chirps = []
    for _ in range(count):
        bend = chance.uniform(-0.25, 0.35)
        turn = 2 * np.pi * pitch * (time + bend * time**2 / 0.22) + 3 * np.sin(2 * np.pi * 38 * time)
        chirps += [np.sin(turn) * np.sin(np.pi * time / 0.11) ** 2, np.zeros(round(chance.uniform(0.02, 0.12) * RATE))]
    return np.concatenate(chirps)


def _cricket(samples: int, chance: np.random.Generator) -> Floats:
    time = np.arange(samples) / RATE
    song = np.sin(2 * np.pi * chance.uniform(4200, 4700) * time) * np.clip(np.sin(2 * np.pi * 27 * time), 0, 1)
    return np.asarray(song * np.clip(3 * np.sin(2 * np.pi * chance.uniform(0.6, 0.9) * time), 0, 1))


def _crack(chance: np.random.Generator) -> Floats:
    burst = chance.standard_normal(round(0.012 * RATE))
    return np.asarray(burst * np.exp(-np.arange(len(burst)) / (0.002 * RATE)))


def _nature(samples: int, chance: np.random.Generator) -> Floats:
    wind = coloured(samples, chance, 120, 1400, 0.7) * _swell(samples, chance, 5.5, 0.5)
    return wind + _scattered(samples, chance, 0.7, lambda: 2.2 * _bird(chance))


def _night(samples: int, chance: np.random.Generator) -> Floats:
    return coloured(samples, chance, 90, 900, 0.8) * _swell(samples, chance, 6, 0.4) + 0.7 * _cricket(samples, chance)


def _city(samples: int, chance: np.random.Generator) -> Floats:
    hum = coloured(samples, chance, 50, 700, 0.9)
    return hum + 0.8 * coloured(samples, chance, 150, 2500, 0.6) * np.clip(_swell(samples, chance, 4.2, 1.2), 0, 2)


def _waves(samples: int, chance: np.random.Generator) -> Floats:
    surf = np.clip(_swell(samples, chance, 5.0, 0.9), 0.1, 2) ** 2
    return coloured(samples, chance, 200, 6000, 0.45) * surf + 0.5 * coloured(samples, chance, 50, 300, 0.8)


def _crowd(samples: int, chance: np.random.Generator) -> Floats:
    voices = [
        coloured(samples, chance, low, 2.2 * low, 0.2) * np.clip(_swell(samples, chance, period, 1.3), 0, 3)
        for low, period in ((220, 0.31), (330, 0.43), (480, 0.37), (700, 0.53), (1100, 0.29))
    ]
    return np.asarray(sum(voices)) + 0.5 * coloured(samples, chance, 80, 400, 0.8)


def _rain(samples: int, chance: np.random.Generator) -> Floats:
    drops = _scattered(samples, chance, 60, lambda: 5 * _crack(chance))
    return coloured(samples, chance, 400, 9000, 0.25) + drops


def _fire(samples: int, chance: np.random.Generator) -> Floats:
    roar = coloured(samples, chance, 60, 600, 0.8) * _swell(samples, chance, 1.7, 0.3)
    return roar + _scattered(samples, chance, 9, lambda: 6 * _crack(chance))


def _space(samples: int, chance: np.random.Generator) -> Floats:
    time = np.arange(samples) / RATE
    drone = (
        np.sin(2 * np.pi * 55 * time) + 0.6 * np.sin(2 * np.pi * 82.6 * time) + 0.3 * np.sin(2 * np.pi * 110.4 * time)
    )
    return 0.5 * drone * _swell(samples, chance, 7, 0.3) + coloured(samples, chance, 60, 900, 0.7)


def _room(samples: int, chance: np.random.Generator) -> Floats:
    return coloured(samples, chance, 60, 3000, 0.8)


_MADE: Final[dict[Kind, Callable[[int, np.random.Generator], Floats]]] = {
    "nature": _nature,
    "night": _night,
    "city": _city,
    "waves": _waves,
    "crowd": _crowd,
    "rain": _rain,
    "fire": _fire,
    "space": _space,
    "room": _room,
}
