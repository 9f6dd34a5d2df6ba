"""The Echo engine on the real blocks with tiny random weights: memory, one call for each shot, exact time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from generation.engine import Given, Recorded, Take
from generation.errors import Cancelled, CastIncomplete, EngineError, EngineUnavailable
from generation.joint import echo_memory
from generation.joint.echo import MOST_FRAMES, RATE, STEPS, EchoEngine, calls_for
from generation.joint.echo_blocks import assembled
from generation.plan import Line, Screenplay, Shot
from generation.shapes import VideoShape, samples_for
from tests.generation.joint import people, tiny
from tests.generation.joint.watching import Watcher, held_bytes, watched

CPU = torch.device("cpu")
SIZE = VideoShape(50, 60)  # rendered at 64 x 64
CAST = people.cast()
LONG, SHORT = people.play(10.0), people.play(1.0)


def engine(seed: int = 0) -> EchoEngine:
    return EchoEngine(assembled(tiny.parts(seed)), version="tiny", device=CPU)


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoEngine]:
    made = engine()
    yield made
    made.close()


class Run(msgspec.Struct):
    """A take, its frames and everything that went into the transformer."""

    clip: Take
    frames: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    passes: list[dict[str, Any]]
    told: Watcher


@pytest.fixture(scope="module")
def seen(echo: EchoEngine) -> Run:
    told = Watcher()
    with watched(echo._pipeline.transformer) as calls:
        clip = take(echo, LONG, on_progress=told)
    return Run(clip, pixels(clip), calls.seen, told)


def take(made: EchoEngine, screenplay: Screenplay = SHORT, cast: Any = CAST, seed: int = 3, **more: Any) -> Take:
    return made.make(screenplay, cast, SIZE, seed=seed, on_progress=more.pop("on_progress", Watcher()), **more)


def pixels(made: Take) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.stack(list(made.frames))


@st.composite
def clips(draw: st.DrawFn) -> Screenplay:
    seconds = draw(st.sampled_from((4, 8, 10, 12)))
    cuts = sorted(draw(st.sets(st.integers(24, 24 * (seconds - 1)), min_size=0, max_size=4)))
    borders = [0, *cuts, 24 * seconds]
    shots = [Shot(a / 24, b / 24, "wide") for a, b in zip(borders[:-1], borders[1:], strict=True) if b > a]  # noqa: RUF007 - pairs of a list
    return Screenplay("", "", "", tuple(shots), "")


@given(clips())
def test_calls_tile_the_clip_and_none_is_longer_than_the_model_can(screenplay: Screenplay) -> None:
    calls = calls_for(screenplay)
    assert calls[0].first == 0
    assert calls[-1].last == round(24 * screenplay.seconds)
    assert all(before.last == after.first for before, after in zip(calls[:-1], calls[1:], strict=True))  # noqa: RUF007 - the same
    for call in calls:
        assert call.frames <= MOST_FRAMES
        assert call.frames % 8 == 1
        assert call.frames / RATE >= (call.last - call.first) / 24
    assert {call.first for call in calls if not call.continues} == {round(24 * s.start_s) for s in screenplay.shots}


def test_a_clip_has_exactly_its_frames_pixels_samples_and_cuts(seen: Run) -> None:
    assert seen.clip.cuts_s == LONG.cuts_s
    assert seen.clip.track().sound.shape == (2, samples_for(10.0))
    assert seen.clip.first_sound.shape == (2, samples_for(LONG.cuts_s[0]))
    assert seen.frames.shape == (240, SIZE.height, SIZE.width, 3)
    assert seen.clip.track().fallbacks == ()


def test_every_shot_is_one_call_of_eight_passes(seen: Run) -> None:
    assert len(seen.passes) == STEPS * len(LONG.shots)


def test_a_shot_longer_than_the_model_takes_two_calls_and_goes_on_from_its_own_last_frame(echo: EchoEngine) -> None:
    screenplay = Screenplay("", "", "a beach", (Shot(0.0, 11.0, "wide"), Shot(11.0, 12.0, "insert")), "waves")
    calls = calls_for(screenplay)
    assert [(call.number, call.continues) for call in calls] == [(1, False), (1, True), (2, False)]
    with watched(echo._pipeline.transformer) as passes:
        made = take(echo, screenplay)
    assert len(passes.seen) == 3 * STEPS
    assert pixels(made).shape[0] == 288
    first, second = passes.seen[0], passes.seen[STEPS]
    assert float(first["timestep"].min()) > 0
    assert float(second["timestep"].reshape(-1)[:4].max()) == 0  # 2 x 2 tokens of a clean first frame


def test_faces_and_voices_fill_the_slots_in_order_then_silent_side_views() -> None:
    memory = echo_memory.slots((*CAST, people.bear(3)), 64, 96)
    assert [slot.voice is not None for slot in memory] == [True, True, False, False, False, False, False]
    assert len(memory) == echo_memory.MOST_SLOTS
    assert all(slot.picture.size == (64, 96) for slot in memory)
    assert echo_memory.arguments([]) == {}
    given_ = echo_memory.arguments(memory)
    assert {len(values) for values in given_.values()} == {7}


def test_a_side_view_keeps_nothing_of_what_was_around_the_head() -> None:
    view = np.asarray(echo_memory.slots([CAST[0]], 64, 96)[1].picture)
    assert (view[:6] == 178).all()
    assert (view[:, :4] == 178).all()
    assert view[40:56, 24:40].std() > 5


def test_memory_stands_before_the_shot_and_only_of_those_it_needs(seen: Run) -> None:
    calls, asked = seen.passes[::STEPS], calls_for(LONG)
    for call, one, slots in zip(calls, asked, (6, 3), strict=True):
        latents = (one.frames - 1) // 8 + 1
        assert call["hidden_states"].shape[1] == 4 * (latents + slots)  # 2 x 2 tokens each
    heard = [
        call["audio_hidden_states"].shape[1] - round(one.frames / RATE * 25)
        for call, one in zip(calls, asked, strict=True)
    ]
    assert heard == [2 * heard[1], heard[1]]  # two voices, then one
    assert heard[1] > 140  # six seconds at 25 tokens a second


def test_faces_voices_and_seeds_change_the_clip_and_nothing_else_does(echo: EchoEngine) -> None:
    plain, again = take(echo), take(echo)
    shown = pixels(plain)
    assert np.array_equal(shown, pixels(again))
    assert np.array_equal(plain.track().sound, again.track().sound)
    face = take(echo, cast=(people.bear(1), CAST[1]))
    voice = take(echo, cast=(people.person(1, "Maya", pitch_hz=90, height_cm=165), CAST[1]))
    seed = take(echo, seed=6)
    assert not np.array_equal(shown, pixels(face))
    assert not np.array_equal(plain.track().sound, voice.track().sound)
    assert not np.array_equal(plain.track().sound, seed.track().sound)


def test_progress_rises_and_names_the_shot(seen: Run) -> None:
    fractions = [fraction for _, fraction, _ in seen.told.told]
    assert fractions == sorted(fractions)
    assert {shot for _, _, shot in seen.told.told} == {1, 2}
    assert len(seen.told.told) == 2 * (STEPS + 1)


def test_a_clip_that_goes_on_from_another_begins_with_its_last_picture(echo: EchoEngine) -> None:
    empty = Screenplay("", "", "a beach", (Shot(0.0, 1.0, "wide"), Shot(1.0, 2.0, "insert")), "waves")
    with watched(echo._pipeline.transformer) as calls:
        take(echo, empty, given=Given(first=np.full((90, 50, 3), 200, np.uint8)))
    cleanest = [float(call["timestep"].reshape(-1)[:4].max()) for call in calls.seen[::STEPS]]
    assert cleanest[0] == 0  # 2 x 2 tokens of a clean first frame
    assert cleanest[1] > 0


def test_an_error_inside_the_model_leaves_nothing_behind_and_the_next_clip_is_made(echo: EchoEngine) -> None:
    before = held_bytes()

    def break_down(_module: torch.nn.Module, _args: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    handle = echo._pipeline.vae.decoder.register_forward_pre_hook(break_down)
    with pytest.raises(EngineError, match=r"out of memory.*CASTMATE_VRAM") as failed:
        take(echo)
    handle.remove()
    assert held_bytes() - before < 20_000
    assert failed.value.stage == "render"
    assert pixels(take(echo)).shape[0] == 24


def test_a_cancel_stops_within_one_step_says_nothing_and_leaves_nothing_behind(
    echo: EchoEngine, caplog: pytest.LogCaptureFixture
) -> None:
    before = held_bytes()
    with (
        caplog.at_level(logging.INFO),
        watched(echo._pipeline.transformer) as calls,
        pytest.raises(Cancelled) as stopped,
    ):
        take(echo, on_progress=Watcher("denoise", 5))
    count = len(calls.seen)
    calls.seen.clear()
    assert count == 4  # the first call of `on_progress` is the beginning
    assert held_bytes() - before < 20_000, "while the exception is still alive"
    assert caplog.records == []
    assert stopped.value is not None


def test_a_saved_model_that_was_moved_is_the_same(tmp_path: Path) -> None:
    assembled(tiny.parts()).save_pretrained(str(tmp_path / "a"), overwrite_modular_index=True)
    folder = (tmp_path / "a").rename(tmp_path / "b")
    again = EchoEngine.load(folder, CPU, noncommercial=True)
    fresh = dict(tiny.parts()["transformer"].named_parameters())
    loaded = dict(again._pipeline.transformer.named_parameters())
    assert all(torch.equal(fresh[name], matrix) for name, matrix in loaded.items())
    assert pixels(take(again)).shape[0] == 24
    assert len(again.version.split()[0]) == 12
    again.close()
    (folder / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(EngineUnavailable, match=r"vae holds no \.safetensors.*hf download jdopensource/JoyAI-Echo"):
        EchoEngine.load(folder, CPU, noncommercial=True)


def test_nothing_loads_before_the_licence_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="CASTMATE_ACCEPT_NONCOMMERCIAL=1"):
        EchoEngine.load(tmp_path, CPU, noncommercial=False)
    with pytest.raises(EngineUnavailable, match="hf download jdopensource/JoyAI-Echo"):
        EchoEngine.load(tmp_path / "none", CPU, noncommercial=True)


def test_what_it_cannot_take_is_refused_before_anything_is_computed(echo: EchoEngine) -> None:
    scene = np.zeros((8, 8, 3), np.uint8)
    for given_ in (Given(scene=scene), Given(recorded=(Recorded("S1"),))):
        with pytest.raises(EngineError, match=r"takes no (picture|recordings)"):
            take(echo, given=given_)
    with pytest.raises(CastIncomplete, match="S2 has not got a character"):
        take(echo, cast=CAST[:1])


def test_somebody_may_be_heard_who_is_not_seen(echo: EchoEngine) -> None:
    shots = (
        Shot(0.0, 2.0, "wide", lines=(Line("S1", "Can you hear me?", off_screen=True),)),
        Shot(2.0, 4.0, "close_up", who=("S2",)),
    )
    assert pixels(take(echo, Screenplay("", "", "a cave", shots, ""))).shape[0] == 96
