"""A mouth that opens for syllables, and their sound moved by known times."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.perception.lip_sync import Mouthing, envelope, synchrony
from generation.perception.recordings import RATE

Floats = NDArray[np.float32]
SECONDS = 6.0


def syllables(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """How open the mouth is: irregular syllables, as in talk."""
    middles = np.cumsum(np.random.default_rng(5).uniform(0.13, 0.33, 24)) + 0.3
    return np.asarray(np.exp(-(((times[:, None] - middles) / 0.05) ** 2)).sum(1), np.float64)


def heard(late_s: float) -> Floats:
    """Vowels over music, `late_s` behind the mouth of `seen`."""
    times = np.arange(round(SECONDS * RATE)) / RATE
    voice = syllables(times - late_s) * np.sin(2 * np.pi * 700 * times)
    music = 0.2 * np.sin(2 * np.pi * 220 * times) * np.sin(2 * np.pi * 0.3 * times)
    return (0.2 * (voice + music)).astype(np.float32)


def seen(first: float = 0.5, last: float = 5.5) -> Mouthing:
    """At 24 frames/s."""
    times = np.arange(first, last, 1 / 24)
    return Mouthing(times.astype(np.float32), (0.01 + 0.05 * syllables(times)).astype(np.float32))


@pytest.mark.parametrize("late_ms", [-200, -80, 0, 40, 120, 250])
def test_sound_moved_by_a_known_time_is_found_there(late_ms: int) -> None:
    sync = synchrony([seen()], envelope(heard(late_ms / 1000)))
    assert sync is not None
    assert sync.offset_ms == pytest.approx(late_ms, abs=15)
    assert sync.confidence > 0.8


def test_stretches_are_judged_together() -> None:
    sync = synchrony([seen(0.5, 2.5), seen(3.0, 5.5)], envelope(heard(0.1)))
    assert sync is not None
    assert sync.offset_ms == pytest.approx(100, abs=15)


def test_another_sound_is_trusted_less() -> None:
    backwards = envelope(heard(0.0))[::-1]
    sync = synchrony([seen()], np.ascontiguousarray(backwards))
    assert sync is not None
    assert sync.confidence < 0.5


def test_too_little_or_a_still_mouth_says_nothing() -> None:
    loud = envelope(heard(0.0))
    assert synchrony([], loud) is None
    assert synchrony([seen(0.5, 0.9)], loud) is None
    still = Mouthing(seen().times_s, np.full_like(seen().opening, 0.01))
    assert synchrony([still], loud) is None
    assert synchrony([seen()], np.zeros(0, np.float32)) is None
