"""Screenplays around lines that were really spoken: their words, their length, their moment."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation import screenwriter
from generation.errors import GivenRefused, PromptTooWordy, ScreenplayError
from generation.plan import Role, Screenplay, check
from generation.prompts.performed import reworded
from generation.recorded import Piece, Spoken, TimedWord, pieces, span

CAST = [Role("S1", "Grace Hopper", "grace"), Role("S2", "Leo", "leo")]
LINE = "Nobody told me that we would leave before the rain stops."


def spoken(text: str, *, start_s: float = 0.5, word_s: float = 0.36, speaker: str = "S1", gap_at: int = 0) -> Spoken:
    """Words at an even pace, with a pause of half a second before word `gap_at`."""
    times = [start_s + i * word_s + (0.5 if gap_at and i >= gap_at else 0.0) for i in range(len(text.split()))]
    return Spoken(
        speaker, tuple(TimedWord(word, at, at + word_s - 0.04) for word, at in zip(text.split(), times, strict=True))
    )


def written(prompt: str, *said: Spoken, seconds: float = 10.0, seed: int = 3) -> Screenplay:
    return screenwriter.write(prompt, CAST, seconds, seed=seed, spoken=said)


def texts(play: Screenplay, speaker: str = "S1") -> str:
    return " ".join(line.text for shot in play.shots for line in shot.lines if line.speaker == speaker)


def test_a_recorded_line_is_the_speakers_line_at_its_own_moment() -> None:
    said = spoken(LINE)
    play = written("@grace in a park", said)
    assert texts(play) == LINE
    line = next(line for shot in play.shots for line in shot.lines)
    assert line.start_s == pytest.approx(span(said.words, Piece(0, 11))[0], abs=0.002)


def test_another_ones_line_follows_the_recorded_one() -> None:
    play = written("@grace and @leo at a table. Leo: Really? You must be joking!", spoken(LINE))
    order = [line.speaker for shot in play.shots for line in shot.lines]
    assert order[0] == "S1"
    assert "S2" in order
    assert texts(play) == LINE


def test_the_prompt_says_where_its_own_words_go() -> None:
    prompt = f"Leo: What is wrong?\nGrace: {LINE}"
    play = written(prompt, spoken(LINE))
    assert next(line.speaker for shot in play.shots for line in shot.lines) == "S2"
    assert texts(play) == LINE, "once"


def test_misheard_words_are_spelled_as_the_prompt_has_them() -> None:
    heard = spoken("Nobody told me that wee would leaf before the rain stops.")
    better = reworded(f'@grace: "{LINE}"', heard, CAST)
    assert better.text == LINE
    assert [word.start_s for word in better.words] == [word.start_s for word in heard.words]
    fewer = reworded(f'@grace: "{LINE}"', spoken("Nobody told me that would leave before the rain stops."), CAST)
    assert fewer.text == LINE
    starts = [word.start_s for word in fewer.words]
    assert starts == sorted(starts)
    assert reworded("@grace: I like tea.", heard, CAST) == heard, "another line is no spelling"


def test_a_line_as_long_as_the_clip_is_cut_where_its_speaker_paused() -> None:
    text = "I have been waiting for this very day since last June and I will not wait another minute"
    said = spoken(text, start_s=0.1, word_s=0.5, gap_at=11)
    play = written("@grace talks", said)
    assert len(play.shots) == 2
    assert texts(play) == text
    first, second = (shot.lines[0] for shot in play.shots)
    assert (first.text.split()[-1], second.text.split()[0]) == ("June", "and")
    assert said.words[10].end_s < play.shots[1].start_s - 0.05 < said.words[11].start_s, "inside the pause"


def test_two_recordings_are_heard_one_after_the_other() -> None:
    one, other = spoken(LINE), spoken("That is not my fault, I am afraid.", speaker="S2")
    play = written("@grace and @leo argue", one, other, seconds=12.0)
    lines = [line for shot in play.shots for line in shot.lines]
    assert (texts(play), texts(play, "S2")) == (one.text, other.text)
    ends = {"S1": one.words[-1].end_s - one.words[0].start_s}
    assert lines[-1].start_s is not None
    assert lines[0].start_s is not None
    assert lines[-1].start_s > lines[0].start_s + ends["S1"]


@pytest.mark.parametrize(
    ("seconds", "word_s", "prompt"),
    [(4.0, 0.6, "@grace"), (4.0, 0.36, "@grace and @leo. Leo: I told you so, many, many times!")],
)
def test_what_does_not_fit_is_refused_with_both_lengths(seconds: float, word_s: float, prompt: str) -> None:
    with pytest.raises((GivenRefused, PromptTooWordy), match=r"\d\.\d s.* (clip|a clip).* 4 s"):
        written(prompt, spoken(LINE, word_s=word_s), seconds=seconds)


def test_lines_are_matched_to_words_whatever_their_marks() -> None:
    words = spoken("It's late. Go home!").words
    assert list(pieces(words, ["its late", "who is it", "Go home"])) == [Piece(0, 2), None, Piece(2, 4)]
    assert list(pieces(words, [])) == []


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 22),
    word_s=st.floats(0.2, 0.8),
    start_s=st.floats(0, 4),
    seconds=st.sampled_from([4.0, 8.0, 10.0, 12.0]),
    seed=st.integers(0, 50),
    prompt=st.sampled_from(
        ["@grace", "@grace and @leo in a kitchen", "Leo: No. Never!", '[Shot 1] @grace "Hi." [Shot 2] @leo waves']
    ),
)
def test_every_screenplay_holds_its_invariants_or_is_refused(
    count: int, word_s: float, start_s: float, seconds: float, seed: int, prompt: str
) -> None:
    said = spoken(" ".join(f"word{chr(97 + i)}" for i in range(count)), start_s=start_s, word_s=word_s)
    try:
        play = written(prompt, said, seconds=seconds, seed=seed)
    except (GivenRefused, ScreenplayError):
        return
    check(play, ["S1", "S2"], seconds)
    assert said.text in texts(play)
    placed = [line for shot in play.shots for line in shot.lines if line.start_s is not None]
    whole = placed[0].start_s
    assert whole is not None
    assert whole + said.words[-1].end_s - span(said.words, Piece(0, count))[0] <= seconds + 1e-3
