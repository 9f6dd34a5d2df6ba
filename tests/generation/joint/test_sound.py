"""Sound out of a vocoder, voices into a model, and what is kept between clips."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.errors import EngineError
from generation.joint.cache import Cache
from generation.joint.casting import voice_of
from generation.joint.sound import PEAK, at_48k
from generation.joint.steps import Steps
from tests.generation.joint import people
from tests.generation.joint.watching import Watcher


def tone(rate: int, seconds: float, channels: int = 2) -> torch.Tensor:
    clock = torch.arange(round(rate * seconds)) / rate
    return (0.4 * torch.sin(2 * torch.pi * 440 * clock)).expand(channels, -1)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from((16_000, 24_000, 44_100, 48_000)), st.floats(0.2, 2.0), st.integers(1, 120_000))
def test_sound_has_exactly_the_samples_that_are_wanted(rate: int, seconds: float, samples: int) -> None:
    sound = at_48k(tone(rate, seconds), rate, samples)
    assert sound.shape == (2, samples)
    assert sound.dtype == np.float32


@pytest.mark.parametrize("rate", [24_000, 44_100])
def test_a_tone_keeps_its_pitch_and_its_level(rate: int) -> None:
    sound = at_48k(tone(rate, 1.0), rate, 48_000)
    spectrum = np.abs(np.fft.rfft(sound[0]))
    assert int(spectrum.argmax()) == 440
    assert np.sqrt((sound[0] ** 2).mean()) == pytest.approx(0.4 / np.sqrt(2), rel=0.02)


def test_one_channel_is_heard_on_both_sides_and_what_is_missing_is_silence() -> None:
    sound = at_48k(tone(48_000, 0.5, channels=1), 48_000, 48_000)
    assert np.array_equal(sound[0], sound[1])
    assert np.abs(sound[:, 24_000:]).max() == 0
    assert np.abs(sound[:, :24_000]).max() > 0.3


def test_a_sound_that_is_too_loud_is_turned_down_and_not_clipped() -> None:
    sound = at_48k(5 * tone(48_000, 0.5), 48_000, 24_000)
    assert np.abs(sound).max() == pytest.approx(PEAK, rel=1e-3)
    assert (np.abs(sound) > 0.97 * PEAK).mean() < 0.2


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (torch.full((2, 100), float("nan")), "not finite"),
        (torch.full((2, 100), float("inf")), "not finite"),
        (torch.zeros(3, 100), r"\(3, 100\)"),
        (torch.zeros(100), r"\(100,\)"),
    ],
)
def test_what_is_no_sound_is_refused(made: torch.Tensor, said: str) -> None:
    with pytest.raises(EngineError, match=said):
        at_48k(made, 48_000, 100)


def test_nothing_at_all_is_silence() -> None:
    assert np.abs(at_48k(torch.zeros(2, 0), 48_000, 10)).max() == 0


def test_a_stored_voice_comes_at_its_own_rate_and_a_figure_has_none() -> None:
    voice = voice_of(people.person(1, "Maya"))
    assert voice is not None
    assert voice.shape == (1, 96_000)
    assert voice_of(people.bear(1)) is None


def test_a_cache_keeps_the_latest_and_no_more_bytes_than_it_may() -> None:
    cache, made = Cache(800), []

    def make(name: str) -> tuple[torch.Tensor, ...]:
        made.append(name)
        return (torch.zeros(100),)  # 400 bytes

    for name in ("a", "b", "a", "c", "a", "b"):
        cache.get(name, lambda name=name: make(name))  # type: ignore[misc]
        assert cache.bytes <= 800
    assert made == ["a", "b", "c", "b"]
    assert cache.get("large", lambda: (torch.zeros(1000),))[0].numel() == 1000
    assert cache.bytes == 800
    cache.clear()
    assert cache.bytes == 0


def test_progress_is_a_share_of_the_whole_in_the_order_of_the_stages() -> None:
    watcher = Watcher()
    steps = Steps(watcher, {"think": 1.0, "paint": 3.0})
    steps.begin("think")
    steps.begin("paint", shot=2)
    told = steps.after_step("paint", 2)
    assert told(None, 0, None, {}) == {}
    told(None, 1, None, {})
    assert watcher.told == [("think", 0.0, 0), ("paint", 0.25, 2), ("paint", 0.625, 0), ("paint", 0.99, 0)]
