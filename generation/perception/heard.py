"""How a voice sounds to a comparison; and how each of the engine's voice packs does, measured once and kept.

A pack that stands in the file need not be spoken by every new process. `python -m generation.portrait.measured_voices`
writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.perception.voices import embedding, pitches

Floats = NDArray[np.float32]

PROBE: Final = "The north wind and the sun were arguing about who was stronger."
PROBES: Final = {
    "en": PROBE,
    "zh": "北风和太阳在争论谁更有本事，这时来了一个旅行的人。",
    "ja": "北風と太陽が、どちらが強いかで言い争っていました。",
}
PITCH_WEIGHT: Final = 0.35  # of an octave's difference, against a cosine of 1
FILE: Final = Path(__file__).parent / "models" / "heard.json"


class Utterance(Protocol):
    """Something said."""

    @property
    def samples(self) -> Floats:
        """(N,) at 24 kHz."""
        ...


class Heard(msgspec.Struct, frozen=True):
    """`embedding` (256,), unit length; `pitch_hz` the median fundamental."""

    embedding: Floats
    pitch_hz: float

    def closeness(self, other: Heard) -> float:
        """1 for the same voice: cosine, less what the octaves between the two cost."""
        apart = abs(float(np.log2(self.pitch_hz / other.pitch_hz)))
        return float(self.embedding @ other.embedding) - PITCH_WEIGHT * apart


class _Kept(msgspec.Struct, frozen=True):
    embedding: tuple[float, ...]
    pitch_hz: float


def listened(said: Utterance) -> Heard:
    voice = np.asarray(resample_poly(said.samples, 2, 3), np.float32)
    return Heard(embedding(voice), float(np.median(pitches(voice))))


@cache
def kept() -> dict[str, Heard]:
    """Pack -> how it says PROBE."""
    read = msgspec.json.decode(FILE.read_bytes(), type=dict[str, _Kept])
    return {name: Heard(np.array(one.embedding, np.float32), one.pitch_hz) for name, one in read.items()}


def keep(heard: Mapping[str, Heard]) -> None:
    """Write the file, a line for each pack."""
    rows = {
        pack: _Kept(tuple(round(float(value), 5) for value in one.embedding), round(one.pitch_hz, 2))
        for pack, one in heard.items()
    }
    lines = (msgspec.json.encode(pack) + b": " + msgspec.json.encode(row) for pack, row in rows.items())
    FILE.write_bytes(b"{\n" + b",\n".join(lines) + b"\n}\n")
