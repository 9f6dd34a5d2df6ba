from __future__ import annotations

import numpy as np
import pytest

from generation.portrait.phones import Phone
from generation.portrait.pose import JAW, PRESS, ROUND, WIDE
from generation.portrait.visemes import loudness_of, mouth_track
from generation.shapes import FRAME_RATE, SAMPLE_RATE, samples_for

FRAMES = 72
LOUD = np.ones(FRAMES, np.float32)


def said(symbols: str, start_s: float = 1.0, each_s: float = 0.1) -> list[Phone]:
    return [Phone(symbol, start_s + i * each_s, start_s + (i + 1) * each_s) for i, symbol in enumerate(symbols)]


def around(phone: Phone) -> slice:
    """The frames in which a sound's lips may be seen: up to 60 ms early."""
    return slice(int((phone.start_s - 0.06) * FRAME_RATE), int(phone.end_s * FRAME_RATE) + 1)


@pytest.mark.parametrize("symbol", ["m", "b", "p"])
@pytest.mark.parametrize("each_s", [0.025, 0.06, 0.15])
def test_the_lips_shut_at_every_closure(symbol: str, each_s: float) -> None:
    phones = said(f"ɑ{symbol}ɑ{symbol}i", each_s=each_s)
    track = mouth_track(phones, LOUD, FRAMES)
    for phone in phones:
        if phone.symbol == symbol:
            assert np.nanmax(track[around(phone), PRESS]) == pytest.approx(1.0)


def test_the_lip_is_under_the_teeth_at_f_and_v_but_not_shut() -> None:
    phones = said("ɑfɑ", each_s=0.15)
    assert 0.2 < np.nanmax(mouth_track(phones, LOUD, FRAMES)[:, PRESS]) < 0.4


def test_no_lips_are_pressed_where_nothing_closes() -> None:
    assert np.nanmax(mouth_track(said("ɑiɑsɑ"), LOUD, FRAMES)[:, PRESS]) == 0


def test_open_round_and_wide_sounds_look_different() -> None:
    middle = int(1.4 * FRAME_RATE)
    open_, rounded, wide = (mouth_track(said(v, each_s=1.0), LOUD, FRAMES)[middle] for v in "ɑui")
    assert open_[JAW] > 2 * rounded[JAW]
    assert rounded[ROUND] > 0.8
    assert wide[ROUND] < 0.1
    assert wide[WIDE] > 0.5 > open_[WIDE]


def test_lips_come_before_the_sound() -> None:
    track = mouth_track(said("ɑ", each_s=0.2), LOUD, FRAMES)[:, JAW]
    times = (np.arange(FRAMES) + 0.5) / FRAME_RATE
    half = (np.nanmax(track) + np.nanmin(track)) / 2
    assert 1.1 - 0.085 < float(times[track > half].mean()) < 1.1 - 0.03


def test_a_loud_vowel_is_more_open_than_a_quiet_one() -> None:
    loud, quiet = (np.nanmax(mouth_track(said("ɑ", each_s=0.3), LOUD * v, FRAMES)[:, JAW]) for v in (1.0, 0.1))
    assert loud > 1.2 * quiet


def test_the_mouth_rests_before_between_and_after_lines() -> None:
    track = mouth_track([*said("hɑ", 0.5), *said("hɑ", 2.0)], LOUD, FRAMES)
    rest = np.isnan(track[:, JAW])
    assert rest[0]
    assert rest[int(1.3 * FRAME_RATE)]
    assert rest[-1]
    assert not rest[int(0.6 * FRAME_RATE)]
    assert np.array_equal(np.isnan(track), np.repeat(rest[:, None], 4, 1))
    speaking = np.flatnonzero(~rest)
    assert track[speaking[0], JAW] < 0.5 * np.nanmax(track[:, JAW])


def test_a_mouth_never_jumps() -> None:
    track = mouth_track(said("hɑmiubɑpætuwisɑ", 0.6, 0.08), LOUD, FRAMES)
    assert np.nanmax(np.abs(np.diff(track[:, :PRESS], axis=0))) < 0.4


def test_loudness_follows_the_voice_frame_by_frame() -> None:
    voice = np.zeros(samples_for(3), np.float32)
    voice[SAMPLE_RATE : 2 * SAMPLE_RATE] = 0.3 * np.sin(np.arange(SAMPLE_RATE) * 0.05)
    loud = loudness_of(voice, FRAMES)
    assert loud.shape == (FRAMES,)
    assert loud[30:42].min() > 0.9
    assert loud[:20].max() == 0
    assert not loudness_of(np.zeros(0, np.float32), FRAMES).any()
