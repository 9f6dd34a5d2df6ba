from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.errors import Cancelled, EngineError, LanguageNotSpoken
from generation.plan import CastMember, Line, Screenplay, Shot
from generation.portrait.captions import CARD_CHARS, captions
from generation.portrait.loudness import lufs
from generation.portrait.pose import PRESS
from generation.portrait.soundtrack import Performance, Rehearsal
from generation.portrait.speech import Speaker, Word
from generation.portrait.timing import cues_of, starts_of, windows_of
from generation.shapes import frames_for, samples_for

LINES = (
    "Good morning, neighbour! 🌻",
    "Did you hear? The garden show opens on Sunday.",
    "Wonderful, I will bring roses.",
)
PLAY = Screenplay(
    "Neighbours", "warm", "a sunny garden",
    (
        Shot(0.0, 2.5, "wide", who=("S1", "S2"), lines=(Line("S1", LINES[0], "happy", 0.7),)),
        Shot(2.5, 5.5, "close_up", who=("S1",), lines=(Line("S1", LINES[1]),)),
        Shot(5.5, 8.0, "close_up", who=("S2",), lines=(Line("S2", LINES[2], "tender", 0.3, start_s=5.75),)),
    ),
    "warm piano",
)  # fmt: skip


def go_on(_stage: str, _fraction: float, _shot: int) -> None:
    return


def rehearsed(screenplay: Screenplay, cast: Sequence[CastMember], speaker: Speaker) -> Rehearsal:
    """All of it spoken."""
    rehearsal = Rehearsal(screenplay, cast, speaker)
    rehearsal.speak(len(screenplay.shots), go_on)
    return rehearsal


@pytest.fixture(scope="module")
def rehearsal(speaker: Speaker, cast: Sequence[CastMember]) -> Rehearsal:
    return rehearsed(PLAY, cast, speaker)


@pytest.fixture(scope="module")
def performance(rehearsal: Rehearsal) -> Performance:
    return rehearsal.performance(3)


def test_everything_is_as_long_as_the_clip(rehearsal: Rehearsal, performance: Performance) -> None:
    sound = rehearsal.sound(3, seed=1)
    assert sound.shape == (2, samples_for(8))
    assert {who: track.shape for who, track in performance.mouth.items()} == dict.fromkeys(("S1", "S2"), (192, 4))
    assert {who: loud.shape for who, loud in performance.loudness.items()} == dict.fromkeys(("S1", "S2"), (192,))
    assert lufs(sound) == pytest.approx(-16, abs=0.5)
    assert rehearsal.fallbacks == ()


def test_lines_are_spoken_in_order_inside_their_shots(performance: Performance) -> None:
    assert [line.speaker for line in performance.lines] == ["S1", "S1", "S2"]
    for line, shot in zip(performance.lines, PLAY.shots, strict=True):
        assert shot.start_s <= line.start_s < line.end_s <= shot.end_s
    assert performance.lines[2].start_s == 5.75
    assert (performance.lines[0].emotion, performance.lines[0].energy) == ("happy", 0.7)


def test_only_who_speaks_moves_the_mouth(performance: Performance) -> None:
    for who, track in performance.mouth.items():
        times = (np.flatnonzero(~np.isnan(track[:, 0])) + 0.5) / 24
        own = [line for line in performance.lines if line.speaker == who]
        assert all(any(line.start_s - 0.2 < t < line.end_s + 0.2 for line in own) for t in times)
        assert np.nanmax(track[:, PRESS]) == pytest.approx(1.0)  # m of morning and my, b of bring
        assert performance.loudness[who][frames_for(own[0].start_s + 0.2) : frames_for(own[0].end_s - 0.2)].max() > 0.5


def test_captions_show_every_word_in_order_and_never_two_cards_at_once(performance: Performance) -> None:
    assert " ".join(card.text for card in performance.captions).split() == " ".join(LINES).split()
    for card, after in pairwise(performance.captions):
        assert 0 <= card.start_s < card.end_s <= after.start_s + 1e-9
    assert performance.captions[-1].end_s <= 8
    assert all(len(card.text) <= CARD_CHARS for card in performance.captions)
    assert all(len(card.text.split()) > 1 for card in performance.captions)


def test_too_much_talk_ends_with_the_clip_and_says_so(speaker: Speaker, cast: Sequence[CastMember]) -> None:
    words = "This line is rather long."
    shots = (Shot(0.0, 0.8, "wide", lines=(Line("S1", words),)), Shot(0.8, 1.6, "wide", lines=(Line("S2", words),)))
    crowded = rehearsed(Screenplay("t", "s", "room", shots, "none"), cast, speaker)
    assert crowded.sound(2, seed=1).shape == (2, samples_for(1.6))
    assert len(crowded.fallbacks) == 1
    first, second = crowded.performance(2).lines
    assert first.end_s <= second.start_s + 1e-9
    assert second.end_s <= 1.6


def test_what_was_spoken_first_keeps_its_moment(speaker: Speaker, cast: Sequence[CastMember]) -> None:
    whole, by_and_by = rehearsed(PLAY, cast, speaker), Rehearsal(PLAY, cast, speaker)
    by_and_by.speak(1, go_on)
    first = by_and_by.performance(1)
    by_and_by.speak(3, go_on)
    again, all_of_it = by_and_by.performance(1), whole.performance(3)
    assert first.lines == again.lines == all_of_it.lines[:1]
    assert first.captions == all_of_it.captions[: len(first.captions)]
    assert all(np.array_equal(first.mouth[who], again.mouth[who], equal_nan=True) for who in first.mouth)
    assert by_and_by.performance(3).lines == all_of_it.lines
    assert np.array_equal(by_and_by.sound(3, seed=1), whole.sound(3, seed=1))


def test_a_late_line_that_does_not_fit_leaves_the_early_ones_alone(
    speaker: Speaker, cast: Sequence[CastMember]
) -> None:
    words = "This line is rather long, and it goes on for quite a while."
    shots = (
        Shot(0.0, 2.0, "wide", lines=(Line("S1", "Well then."),)),
        Shot(2.0, 3.0, "wide", lines=(Line("S2", words),)),
    )
    rehearsal = Rehearsal(Screenplay("t", "s", "room", shots, "none"), cast, speaker)
    rehearsal.speak(1, go_on)
    (early,) = rehearsal.performance(1).lines
    rehearsal.speak(2, go_on)
    before, late = rehearsal.performance(2).lines
    assert before == early
    assert early.end_s <= late.start_s
    assert late.end_s <= 3.0
    assert len(rehearsal.fallbacks) == 1


def test_a_clip_without_lines_has_music_and_resting_mouths(speaker: Speaker, cast: Sequence[CastMember]) -> None:
    rehearsal = rehearsed(Screenplay("t", "s", "beach", (Shot(0.0, 4.0, "wide"),), "calm"), cast, speaker)
    silent = rehearsal.performance(1)
    assert silent.lines == ()
    assert silent.captions == ()
    assert np.isnan(silent.mouth["S1"]).all()
    assert lufs(rehearsal.sound(1, seed=1)) == pytest.approx(-16, abs=0.5)


def test_an_uncast_speaker_another_language_and_a_cancel_come_through(
    speaker: Speaker, cast: Sequence[CastMember]
) -> None:
    def cancel(_stage: str, _fraction: float, _shot: int) -> None:
        raise Cancelled

    with pytest.raises(EngineError, match="S2"):
        Rehearsal(PLAY, cast[:1], speaker)
    with pytest.raises(LanguageNotSpoken):
        Rehearsal(Screenplay("t", "s", "room", PLAY.shots, "none", language="fr"), cast, speaker)
    with pytest.raises(Cancelled):
        Rehearsal(PLAY, cast, speaker).speak(3, cancel)


@given(st.lists(st.tuples(st.floats(1.2, 4.0), st.floats(0.0, 0.6), st.floats(0.05, 1.0)), min_size=1, max_size=5))
def test_a_start_that_was_asked_for_is_kept_by_every_line_that_fits(shots: list[tuple[float, float, float]]) -> None:
    edges = np.concatenate([[0.0], np.cumsum([length for length, _, _ in shots])])
    asked = [float(begin) + late for begin, (_, late, _) in zip(edges, shots, strict=False)]
    play = Screenplay(
        "t", "s", "room",
        tuple(
            Shot(float(begin), float(end), "wide", lines=(Line("S1", "x", start_s=start),))
            for (begin, end), start in zip(pairwise(edges), asked, strict=True)
        ),
        "none",
    )  # fmt: skip
    windows = windows_of(cues_of(play))
    seconds = [full * (window.end_s - window.start_s) for window, (_, _, full) in zip(windows, shots, strict=True)]
    assert starts_of(windows, seconds, play.seconds) == pytest.approx(asked)


lengths = st.lists(st.tuples(st.floats(0.3, 2.5), st.booleans()), min_size=1, max_size=6)


@given(lengths, st.lists(st.floats(1.0, 4.0), min_size=2, max_size=5))
def test_lines_never_overlap_and_never_pass_the_end_while_they_fit(
    lines: list[tuple[float, bool]], shot_seconds: list[float]
) -> None:
    edges = np.concatenate([[0.0], np.cumsum(shot_seconds)])
    shots = tuple(
        Shot(
            float(begin), float(end), "wide",
            lines=tuple(
                Line("S1", "x", start_s=float(begin) + 0.4 if fixed and i < len(shot_seconds) else None)
                for i, (_, fixed) in enumerate(lines)
                if i % len(shot_seconds) == number
            ),
        )
        for number, (begin, end) in enumerate(pairwise(edges))
    )  # fmt: skip
    play = Screenplay("t", "s", "room", shots, "none")
    seconds = [length for length, _ in lines]
    starts = starts_of(windows_of(cues_of(play)), seconds, play.seconds)
    assert len(starts) == len(lines)
    if sum(seconds) + 0.12 * (len(lines) + 1) <= play.seconds:
        assert starts[0] >= 0
        assert starts[-1] + seconds[-1] <= play.seconds
        for (start, length), after in zip(zip(starts, seconds, strict=True), starts[1:], strict=False):
            assert start + length <= after + 1e-6


@given(st.lists(st.text("abcdefghi.,!", min_size=1, max_size=14), min_size=1, max_size=30))
def test_cards_cover_any_line_without_a_lone_word_where_it_can_be_helped(texts: list[str]) -> None:
    words = [Word(text, 0.3 * i, 0.3 * i + 0.25) for i, text in enumerate(texts)]
    cards = captions("S1", words, 1.0, 100.0)
    assert " ".join(card.text for card in cards).split() == texts
    assert all(len(card.text) <= CARD_CHARS for card in cards)
    assert all(card.end_s == after.start_s for card, after in pairwise(cards))
    if len(texts) > 1 and max(map(len, texts)) <= CARD_CHARS // 3 - 1:  # any three words fit one card
        assert all(len(card.text.split()) > 1 for card in cards)
