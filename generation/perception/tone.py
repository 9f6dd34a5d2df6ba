"""What is done to the engine's voice after it has spoken: higher or lower, livelier or flatter, brighter or darker."""

from __future__ import annotations

import itertools
from typing import Final

import msgspec


class Tone(msgspec.Struct, frozen=True, omit_defaults=True):
    """A change of voice; the default changes nothing. Two of them `joined` are one after the other."""

    shift_st: float = 0.0  # semitones up
    pitch_range: float = 1.0  # times the distance of every moment's pitch from the line's median, in semitones
    warp: float = 1.0  # formants: above 1 they lie higher, as in a shorter throat
    bands_db: tuple[float, ...] = ()  # gains of the spectral envelope at BANDS_HZ; empty = none

    def joined(self, other: Tone) -> Tone:
        """Both changes."""
        return Tone(
            round(self.shift_st + other.shift_st, 3),
            round(self.pitch_range * other.pitch_range, 3),
            round(self.warp * other.warp, 4),
            tuple(round(a + b, 2) for a, b in itertools.zip_longest(self.bands_db, other.bands_db, fillvalue=0.0)),
        )


PLAIN: Final = Tone()
BANDS_HZ: Final = (100, 200, 300, 400, 550, 700, 900, 1150, 1450, 1800, 2250, 2800, 3500, 4400, 5500, 7000)
