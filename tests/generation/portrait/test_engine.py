"""The whole engine on the sample people, small and short."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

import backend
from generation import engines
from generation.controls import turned
from generation.engine import NOTHING, Frame, Given
from generation.errors import Cancelled, EngineError, EngineUnavailable, LanguageNotSpoken
from generation.options import EngineOptions
from generation.perception.faces import FaceMeter
from generation.perception.references import FaceReference, References, VoiceReference
from generation.plan import CastMember, Line, Screenplay, Shot
from generation.portrait.engine import PortraitEngine
from generation.portrait.soundtrack import Rehearsal
from generation.shapes import VideoShape
from tests.factories import changed_from

SAMPLES = Path(backend.__file__ or "").parent / "samples"
SHAPE = VideoShape(384, 640)
PLAY = Screenplay(
    "Tea",
    "plain",
    "a sunny garden",
    (
        Shot(0.0, 1.5, "two_shot", "push_in", ("S1", "S2"), lines=(Line("S1", "Good morning!"),)),
        Shot(1.5, 2.75, "close_up", "static", ("S1",), lines=(Line("S1", "Tea?"),)),
        Shot(2.75, 4.0, "close_up", "handheld", ("S2",), lines=(Line("S2", "Please.", "happy"),)),
    ),
    "light plucked strings",
)


@pytest.fixture(scope="module")
def people(faces: dict[str, FaceReference]) -> tuple[CastMember, ...]:
    voices = [VoiceReference(b"", b"", style, 0.8, 190.0) for style in ({"af_heart": 1.0}, {"bf_emma": 1.0})]
    return tuple(
        CastMember(f"S{number}", f"Person {number}", f"person{number}:1", References(face, voice, {}), height)
        for number, (face, voice, height) in enumerate(zip(faces.values(), voices, (172.0, 163.0), strict=True), 1)
    )


def quiet(_stage: str, _fraction: float, _shot: int) -> None:
    """Nobody watches."""


def rendering_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("portrait")]


def test_every_frame_is_made_and_cuts_fall_where_the_screenplay_says(
    engine: PortraitEngine, people: tuple[CastMember, ...]
) -> None:
    seen: list[tuple[str, float, int]] = []
    take = engine.make(PLAY, people, SHAPE, seed=1, on_progress=lambda *now: seen.append(now))
    frames = list(take.frames)
    assert len(frames) == 96
    assert {(frame.shape, frame.dtype.name) for frame in frames} == {((640, 384, 3), "uint8")}
    track = take.track()
    assert track.sound.shape == (2, 4 * 48_000)
    assert take.first_sound.shape == (2, 3 * 24_000)
    assert take.cuts_s == PLAY.cuts_s == (1.5, 2.75)
    moved = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(frames)]
    assert {int(place) + 1 for place in np.argsort(moved)[-2:]} == {36, 66}
    assert min(moved) > 0
    assert [shot for stage, _, shot in seen if stage == "render"] == [1] * 36 + [2] * 30 + [3] * 30
    fractions = [fraction for _, fraction, _ in seen]
    assert all(b >= a - 1e-9 for a, b in itertools.pairwise(fractions))
    assert " ".join(caption.text for caption in track.captions) == "Good morning! Tea? Please."
    assert not rendering_threads()


def test_what_comes_after_a_shot_changes_nothing_in_it(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    *before, last = PLAY.shots
    other = msgspec.structs.replace(
        last, framing="wide", camera="pan_left", who=("S1", "S2"), lines=(Line("S1", "No, coffee!", "angry", 0.9),)
    )
    changed = msgspec.structs.replace(PLAY, shots=(*before, other))
    one, two = (
        [frame.tobytes() for frame in engine.make(play, people, SHAPE, seed=1, on_progress=quiet).frames]
        for play in (PLAY, changed)
    )
    assert one[:66] == two[:66]
    assert one[66:] != two[66:]


def test_the_first_shot_is_there_before_the_last_line_is_spoken(
    engine: PortraitEngine, people: tuple[CastMember, ...]
) -> None:
    seen: list[tuple[str, int]] = []
    take = engine.make(PLAY, people, SHAPE, seed=1, on_progress=lambda stage, _, shot: seen.append((stage, shot)))
    assert {shot for stage, shot in seen if stage == "speech"} == {1}
    for _ in range(36):
        next(take.frames)
    assert {shot for stage, shot in seen if stage == "speech"} == {1}
    assert sum(1 for _ in take.frames) == 60
    assert {shot for stage, shot in seen if stage == "speech"} == {1, 2, 3}


def test_the_people_shown_are_the_people_stored(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    take = engine.make(PLAY, people, SHAPE, seed=1, on_progress=quiet)
    frames, meter = list(take.frames), FaceMeter()
    assert [len(meter.faces(frames[index])) for index in (18, 50, 80)] == [2, 1, 1]
    left, right = sorted(meter.faces(frames[18]), key=lambda face: face.box[0])
    assert left.box[1] < right.box[1]  # the taller one stands on the left
    assert left.inter_ocular == pytest.approx(right.inter_ocular, rel=0.12)


def test_lips_move_with_the_words_and_rest_without(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    silent = msgspec.structs.replace(
        PLAY,
        shots=(Shot(0.0, 4.0, "close_up", "static", ("S2",), lines=(Line("S2", "Wow, Bob! Papa!", start_s=2.0),)),),
    )
    take = engine.make(silent, people, SHAPE, seed=1, on_progress=quiet)
    meter = FaceMeter()
    gaps = [meter.faces(frame)[0].mouth_open for frame in take.frames]
    assert np.ptp(gaps[4:40]) < 0.02
    assert np.ptp(gaps[48:80]) > 0.03


def test_the_same_seed_makes_the_same_take(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    short = msgspec.structs.replace(PLAY, shots=(msgspec.structs.replace(PLAY.shots[0], end_s=1.0),))

    def made(seed: int) -> list[bytes]:
        return [frame.tobytes() for frame in engine.make(short, people, SHAPE, seed=seed, on_progress=quiet).frames]

    first = made(5)
    assert made(5) == first
    assert made(6) != first


def test_a_given_picture_is_seen_behind_everybody_instead_of_the_setting(
    engine: PortraitEngine, people: tuple[CastMember, ...]
) -> None:
    red = np.full((300, 200, 3), (200, 40, 40), np.uint8)
    one, again, painted = (
        next(engine.make(PLAY, people, SHAPE, seed=3, on_progress=quiet, given=given).frames)
        for given in (Given(scene=red), Given(scene=red), NOTHING)
    )
    assert np.array_equal(one, again)
    above = one[:60, :60].reshape(-1, 3).mean(0)
    assert above[0] > 3 * above[1]
    assert painted[:60, :60].reshape(-1, 3).mean(0)[0] < 2 * painted[:60, :60].reshape(-1, 3).mean(0)[1]


def test_a_picture_too_small_to_be_a_place_is_refused(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    with pytest.raises(EngineError, match="the scene's picture is 9x12 px; at least 16 px"):
        engine.make(PLAY, people, SHAPE, seed=3, on_progress=quiet, given=Given(scene=np.zeros((12, 9, 3), np.uint8)))


def test_an_iterator_closed_early_leaves_no_thread(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    take = engine.make(PLAY, people, SHAPE, seed=1, on_progress=quiet)
    next(take.frames)
    take.frames.close()  # type: ignore[attr-defined]  # ours is a generator
    assert not rendering_threads()


@pytest.mark.parametrize("stage", ["speech", "sets", "render"])
def test_a_cancel_gets_through_from_every_stage(
    engine: PortraitEngine, people: tuple[CastMember, ...], stage: str
) -> None:
    def cancelling(wanted: str) -> Callable[[str, float, int], None]:
        def on_progress(now: str, _fraction: float, _shot: int) -> None:
            if now == wanted:
                raise Cancelled

        return on_progress

    with pytest.raises(Cancelled):
        list(engine.make(PLAY, people, SHAPE, seed=1, on_progress=cancelling(stage)).frames)
    assert not rendering_threads()


def test_a_fade_is_a_fade(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    shots = (PLAY.shots[1], PLAY.shots[2])
    times = ((0.0, 2.0), (2.0, 4.0))
    soft = msgspec.structs.replace(
        PLAY,
        shots=tuple(
            msgspec.structs.replace(shot, start_s=start, end_s=end, lines=(), cut="fade")
            for shot, (start, end) in zip(shots, times, strict=True)
        ),
    )
    frames = list(engine.make(soft, people, SHAPE, seed=1, on_progress=quiet).frames)
    moved = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(frames)]
    hard = float(np.abs(frames[40].astype(int) - frames[60]).mean())
    assert max(moved) < hard / 2


def test_a_language_without_a_voice_is_refused_by_name(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    foreign = msgspec.structs.replace(PLAY, language="fi")
    with pytest.raises(LanguageNotSpoken) as refused:
        engine.make(foreign, people, SHAPE, seed=1, on_progress=quiet)
    assert refused.value.language == "fi"


def test_a_set_without_people_is_a_clip_too(engine: PortraitEngine) -> None:
    empty = msgspec.structs.replace(PLAY, shots=(Shot(0.0, 1.0, "wide"),))
    take = engine.make(empty, (), SHAPE, seed=1, on_progress=quiet)
    assert len(list(take.frames)) == 24
    assert take.track().captions == ()


def test_only_engines_that_are_here_can_be_chosen() -> None:
    with pytest.raises(EngineUnavailable, match="portrait"):
        engines.choose(EngineOptions("film"))


NAMES = {"S1": "Grace", "S2": "Eileen"}


def test_a_slider_of_a_late_shot_leaves_every_frame_before_it_as_it_was(
    engine: PortraitEngine, people: tuple[CastMember, ...]
) -> None:
    louder = turned(PLAY, {"energy.S2": 1.0}, NAMES)
    assert changed_from(PLAY, louder) == 3
    one, two = (
        [frame.tobytes() for frame in engine.make(play, people, SHAPE, seed=1, on_progress=quiet).frames]
        for play in (PLAY, louder)
    )
    assert one[:66] == two[:66]
    assert one[66:] != two[66:]


def first_frame(engine: PortraitEngine, people: tuple[CastMember, ...], values: dict[str, float]) -> Frame:
    alone = Shot(0.0, 4.0, "medium", "static", ("S1",))
    play = turned(msgspec.structs.replace(PLAY, shots=(alone,)), values, NAMES)
    take = engine.make(play, people, SHAPE, seed=1, on_progress=quiet)
    frame = next(take.frames)
    take.frames.close()  # type: ignore[attr-defined]
    return frame


def test_warmth_is_red_over_blue(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    frames = [first_frame(engine, people, {"warmth": value}).mean((0, 1)) for value in (-1.0, 0.0, 1.0)]
    cold, plain, warm = (red / blue for red, _, blue in frames)
    assert cold * 1.15 < plain < warm / 1.15


def test_distance_is_the_height_of_a_face(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    meter = FaceMeter()
    near, plain, far = (
        meter.faces(first_frame(engine, people, {"distance.1": value}))[0].inter_ocular for value in (-1.0, 0.0, 1.0)
    )
    assert near > 1.1 * plain > 1.1 * 1.08 * far


def test_music_is_the_level_between_the_lines(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    line = Line("S1", "Good morning!", start_s=0.2)
    shots = (Shot(0.0, 4.0, "medium", "static", ("S1",), lines=(line,)),)
    levels = []
    for value in (0.0, 0.5, 1.0, 2.0):
        play = turned(msgspec.structs.replace(PLAY, shots=shots), {"music": value}, NAMES)
        take = engine.make(play, people, SHAPE, seed=1, on_progress=quiet)
        take.frames.close()  # type: ignore[attr-defined]
        levels.append(float(np.sqrt(np.mean(take.first_sound[:, 2 * 48_000 : 3 * 48_000] ** 2))))
    assert all(louder > 1.3 * softer for softer, louder in itertools.pairwise(levels))


def test_energy_is_pace(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    line = Line("S1", "I would really like another cup of tea.", start_s=0.2)
    play = msgspec.structs.replace(PLAY, shots=(Shot(0.0, 4.0, "medium", "static", ("S1",), lines=(line,)),))
    spoken = []
    for value in (0.0, 0.5, 1.0):
        rehearsal = Rehearsal(turned(play, {"energy.S1": value}, NAMES), people, engine.speaker)
        rehearsal.speak(1, quiet)
        said = rehearsal.performance(1).lines[0]
        spoken.append(said.end_s - said.start_s)
    assert all(slow > 1.03 * fast for slow, fast in itertools.pairwise(spoken))


def test_a_clip_goes_on_from_its_last_picture(engine: PortraitEngine, people: tuple[CastMember, ...]) -> None:
    """Made at once or in two goes it is the same clip, and no cut is seen or heard at the join."""
    begun = msgspec.structs.replace(
        PLAY,
        shots=(
            Shot(0.0, 1.0, "two_shot", who=("S1", "S2")),
            Shot(1.0, 2.0, "close_up", "handheld", ("S2",), lines=(Line("S2", "Please."),)),
        ),
    )
    goes_on = Shot(2.0, 3.0, "close_up", "push_in", ("S2",), lines=(Line("S2", "Thanks!"),), cut="continued")
    whole = msgspec.structs.replace(begun, shots=(*begun.shots, goes_on))
    first = list(engine.make(begun, people, SHAPE, seed=1, on_progress=quiet).frames)
    at_once = engine.make(whole, people, SHAPE, seed=1, on_progress=quiet)
    every = list(at_once.frames)
    later = engine.make(whole, people, SHAPE, seed=1, on_progress=quiet, given=Given(since_s=2.0))
    added = list(later.frames)
    assert (len(first), len(every), len(added)) == (48, 72, 24)
    assert [frame.tobytes() for frame in every] == [frame.tobytes() for frame in (*first, *added)]
    moved = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(every)]
    assert moved[47] < 4 * float(np.median(moved[24:]))
    assert moved[23] > 10 * moved[47]
    assert (at_once.cuts_s, later.cuts_s, later.seconds) == ((1.0,), (), 1.0)
    track, tail = at_once.track(), later.track()
    assert track.sound.shape == (2, 3 * 48_000)
    assert tail.sound.shape == (2, 48_000 + tail.lead)
    assert np.array_equal(track.sound[:, -48_000:], tail.sound[:, tail.lead :])
    assert [(card.start_s >= 2.0, card.text) for card in track.captions] == [(False, "Please."), (True, "Thanks!")]
    assert [card.moved(2.0) for card in tail.captions] == [track.captions[1]]
    with pytest.raises(EngineError, match="not its last join"):
        engine.make(whole, people, SHAPE, seed=1, on_progress=quiet, given=Given(since_s=1.0))
