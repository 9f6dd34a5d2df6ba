"""Sounds that a shot names in words: a door, a knock, applause, a telephone. What is not known is left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.portrait.ambience import coloured
from generation.portrait.instruments import RATE, struck

Floats = NDArray[np.float32]
Maker = Callable[[np.random.Generator], NDArray[np.float64]]


def effects_in(words: str) -> tuple[str, ...]:
    """Names of the known effects that a shot's `sound` speaks of, in the order of the words."""
    found = [(m.start(), name) for name, pattern in _WORDS.items() if (m := re.search(pattern, words, re.IGNORECASE))]
    return tuple(name for _, name in sorted(found))


def effect(name: str, seed: int) -> Floats:
    """(N,) mono at 24 kHz, loudest at 1; 0.3 to 3 s long, silent at both ends."""
    sound = _MADE[name](np.random.default_rng(seed))
    edge = round(0.004 * RATE)
    sound[:edge] *= np.linspace(0, 1, edge)
    sound[-10 * edge :] *= np.linspace(1, 0, 10 * edge)
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * RATE)) / RATE


def _laid(parts: list[tuple[float, NDArray[np.float64]]]) -> NDArray[np.float64]:
    """Sounds at their second, on one tape."""
    tape = np.zeros(max(round(at * RATE) + len(part) for at, part in parts))
    for at, part in parts:
        tape[round(at * RATE) : round(at * RATE) + len(part)] += part
    return tape


def _thud(chance: np.random.Generator, pitch: float, decay: float) -> NDArray[np.float64]:
    time = _time(0.3)
    wood = np.sin(2 * np.pi * pitch * time * (1 - 0.3 * time)) + 0.5 * np.sin(2 * np.pi * 2.7 * pitch * time)
    rattle = 0.35 * coloured(len(time), chance, 300, 3000, 0.4) * np.exp(-3 * decay * time)
    return np.asarray(wood * np.exp(-decay * time) + rattle)


def _knock(chance: np.random.Generator) -> NDArray[np.float64]:
    return _laid([(i * 0.21, _thud(chance, 190, 38) * chance.uniform(0.8, 1)) for i in range(3)])


def _door(chance: np.random.Generator) -> NDArray[np.float64]:
    latch = 0.4 * coloured(round(0.05 * RATE), chance, 1200, 6000, 0.1) * np.exp(-90 * _time(0.05))
    return _laid([(0.0, latch), (0.07, 1.6 * _thud(chance, 72, 15)), (0.11, 0.7 * latch)])


def _applause(chance: np.random.Generator) -> NDArray[np.float64]:
    clap = coloured(round(0.04 * RATE), chance, 700, 5000, 0.2) * np.exp(-110 * _time(0.04))
    tape = _laid([(float(at), clap * chance.uniform(0.2, 1)) for at in chance.uniform(0, 2.6, 420)])
    time = np.arange(len(tape)) / RATE
    return np.asarray(tape * np.clip(time / 0.4, 0, 1) * np.clip((2.7 - time) / 1.2, 0, 1))


def _whoosh(chance: np.random.Generator) -> NDArray[np.float64]:
    time = _time(0.7)
    rise = np.exp(-(((time - 0.38) / 0.13) ** 2))
    return (coloured(len(time), chance, 250, 1500, 0.3) + coloured(len(time), chance, 800, 5000, 0.3) * rise) * rise


def _thunder(chance: np.random.Generator) -> NDArray[np.float64]:
    time = _time(3.0)
    rolls = sum(np.exp(-(((time - at) / wide) ** 2)) for at, wide in ((0.15, 0.1), (0.5, 0.35), (1.2, 0.6), (2.0, 0.5)))
    crack = coloured(len(time), chance, 300, 4000, 0.4) * np.exp(-14 * np.abs(time - 0.12))
    return np.asarray(coloured(len(time), chance, 35, 240, 0.9) * rolls + 0.5 * crack)


def _phone(_: np.random.Generator) -> NDArray[np.float64]:
    notes = [(0.0, 76), (0.11, 80), (0.22, 83), (0.33, 88), (0.8, 76), (0.91, 80), (1.02, 83), (1.13, 88)]
    return _laid([(at, struck("marimba", note, 0.5).astype(np.float64)) for at, note in notes])


def _bell(_: np.random.Generator) -> NDArray[np.float64]:
    return _laid(
        [(0.0, struck("bell", 88, 1.4).astype(np.float64)), (0.42, struck("bell", 84, 1.6).astype(np.float64))]
    )


def _steps(chance: np.random.Generator) -> NDArray[np.float64]:
    return _laid([(i * 0.48, _thud(chance, 95, 45) * chance.uniform(0.6, 1)) for i in range(4)])


def _splash(chance: np.random.Generator) -> NDArray[np.float64]:
    time = _time(0.9)
    return np.asarray(coloured(len(time), chance, 300, 7000, 0.3) * np.exp(-5 * time) * np.clip(time / 0.03, 0, 1))


_WORDS: Final = {
    "bell": r"\b(door ?)?bell|chime|\bding",
    "door": r"\bdoor(?! ?bell)(?!.*knock)|slam",
    "knock": r"knock",
    "applause": r"applau|clap|cheer",
    "whoosh": r"whoosh|swoosh|swish|zoom|gust",
    "thunder": r"thunder|lightning|explo|boom|rumble",
    "phone": r"phone|ringtone|notification|\bbuzz",
    "steps": r"foot ?step|walking|running",
    "splash": r"splash|wave crash",
}
_MADE: Final[dict[str, Maker]] = {
    "bell": _bell,
    "door": _door,
    "knock": _knock,
    "applause": _applause,
    "whoosh": _whoosh,
    "thunder": _thunder,
    "phone": _phone,
    "steps": _steps,
    "splash": _splash,
}
