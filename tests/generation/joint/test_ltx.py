"""The LTX engine on the real classes with tiny random weights: what goes into the model and what becomes of it.

Two runs of ten seconds, one for each number of stages, are looked at by most tests.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from generation.engine import Given, Recorded, Take, Track
from generation.errors import Cancelled, CastIncomplete, EngineError, EngineUnavailable, LanguageNotSpoken
from generation.joint import ltx, ltx_prompt
from generation.joint.distilled import FIRST, NO_GUIDANCE, SECOND
from generation.joint.ltx import LtxEngine
from generation.joint.placing import Placing
from generation.joint.residency import quantised
from generation.plan import Line, Screenplay, Shot
from generation.shapes import VideoShape, samples_for
from tests.generation.joint import people, tiny
from tests.generation.joint.watching import Watcher, held_bytes, watched

CPU = torch.device("cpu")
SIZE = VideoShape(50, 90)  # rendered at 64 x 96 in one stage, 64 x 128 in two
CAST = people.cast()
LONG, SHORT = people.play(10.0), people.play(1.0)
ALONE = msgspec.structs.replace(SHORT, shots=(SHORT.shots[0], msgspec.structs.replace(SHORT.shots[1], lines=())))
OWN_SOUND = 251  # tokens of 241 frames at 24 a second, 25 a second
Pixels = NDArray[np.uint8]


class Run(msgspec.Struct):
    """A take and everything that was seen while it was made."""

    frames: Pixels
    cuts_s: tuple[float, ...]
    first_sound: NDArray[np.float32]
    track: Track
    passes: list[dict[str, Any]]  # of the transformer
    blocks: list[dict[str, Any]]  # of its first block
    times: list[dict[str, Any]]  # of its audio time embedding
    sound_times: torch.Tensor  # (tokens, 2), of the first pass
    told: Watcher


def engine(*, two_stages: bool = False, **more: Any) -> LtxEngine:
    upsampler = tiny.upsampler() if two_stages else None
    return LtxEngine(tiny.pipeline(), upsampler, version="tiny", device=CPU, **more)


def run(made: LtxEngine, screenplay: Screenplay) -> Run:
    transformer, told, coords = made._distilled.pipeline.transformer, Watcher(), []
    rope = transformer.audio_rope.register_forward_pre_hook(lambda _module, args: coords.append(args[0]))
    with (
        watched(transformer) as passes,
        watched(transformer.transformer_blocks[0]) as blocks,
        watched(transformer.audio_time_embed, positional="timestep") as times,
    ):
        clip = take(made, screenplay, on_progress=told)
    rope.remove()
    shown = pixels(clip)
    return Run(
        shown,
        clip.cuts_s,
        clip.first_sound,
        clip.track(),
        passes.seen,
        blocks.seen,
        times.seen,
        coords[0][0, 0],
        told,
    )


@pytest.fixture(scope="module")
def one() -> Iterator[LtxEngine]:
    made = engine()
    yield made
    made.close()


@pytest.fixture(scope="module")
def two() -> Iterator[LtxEngine]:
    made = engine(two_stages=True, hears_voices=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def seen(one: LtxEngine) -> Run:
    return run(one, LONG)


@pytest.fixture(scope="module")
def seen_in_two(two: LtxEngine) -> Run:
    return run(two, LONG)


def take(made: LtxEngine, screenplay: Screenplay = SHORT, seed: int = 3, **more: Any) -> Take:
    cast = more.pop("cast", CAST)
    return made.make(screenplay, cast, SIZE, seed=seed, on_progress=more.pop("on_progress", Watcher()), **more)


def pixels(made: Take) -> Pixels:
    return np.stack(list(made.frames))


def levels(run: Run, name: str = "sigma") -> list[float]:
    return [float(call[name].reshape(-1)[0]) / 1000 for call in run.passes]


@pytest.mark.parametrize("stages", [1, 2])
def test_a_clip_has_exactly_its_frames_pixels_and_samples(stages: int, request: pytest.FixtureRequest) -> None:
    made: Run = request.getfixturevalue("seen" if stages == 1 else "seen_in_two")
    sound = made.track.sound
    assert made.frames.shape == (240, SIZE.height, SIZE.width, 3)
    assert sound.shape == (2, samples_for(10.0))
    assert sound.dtype == np.float32
    assert np.abs(sound).max() <= 1
    assert sound.std() > 0
    assert made.frames.std() > 0
    assert len(made.cuts_s) == 1
    assert np.array_equal(made.first_sound, sound[:, : samples_for(made.cuts_s[0])])


def test_eight_sigmas_are_eight_passes_at_exactly_those_levels(seen: Run) -> None:
    assert levels(seen) == levels(seen, "audio_sigma") == pytest.approx(FIRST)
    assert len(seen.passes) == 8


def test_two_stages_are_eight_passes_at_half_the_size_and_three_at_the_whole(seen_in_two: Run) -> None:
    assert levels(seen_in_two) == levels(seen_in_two, "audio_sigma") == pytest.approx((*FIRST, *SECOND))
    assert [(call["width"], call["height"]) for call in seen_in_two.passes] == [(1, 2)] * 8 + [(2, 4)] * 3


def test_a_models_own_shift_of_levels_does_not_touch_those_it_was_distilled_for() -> None:
    parts = tiny.parts()
    scheduler = type(parts["scheduler"])(shift=7.0, use_dynamic_shifting=True, shift_terminal=0.1)
    pipeline = type(tiny.pipeline())(**parts | {"scheduler": scheduler, "audio_scheduler": scheduler})
    made = LtxEngine(pipeline, version="tiny", device=CPU)
    with watched(made._distilled.pipeline.transformer) as calls:
        take(made)
    for name in ("sigma", "audio_sigma"):
        assert [float(call[name][0]) / 1000 for call in calls.seen] == pytest.approx(FIRST), name
    made.close()


def test_leaving_any_guidance_to_the_library_would_cost_passes(one: LtxEngine) -> None:
    """The trap: each of these defaults adds passes, so all eight arguments are given."""
    pipeline = one._distilled.pipeline
    embeds, mask = one._encoded("a test")
    call = {
        "prompt_embeds": embeds,
        "prompt_attention_mask": mask,
        "width": 64,
        "height": 64,
        "num_frames": 9,
        "sigmas": [1.0, 0.5],
        "output_type": "latent",
        "spatio_temporal_guidance_blocks": [1],
    }
    for left_out in ("stg_scale", "audio_stg_scale", "modality_scale", "audio_modality_scale"):
        with watched(pipeline.transformer) as calls:
            pipeline(**call, **{name: value for name, value in NO_GUIDANCE.items() if name != left_out})
        assert len(calls.seen) == 4, left_out
    assert len(NO_GUIDANCE) == 8


def test_shots_pin_their_cast_at_the_first_latent_after_the_cut(seen: Run) -> None:
    first, own = seen.passes[0], 2 * 3 * 31  # 64 x 96, 241 frames
    coords, clean = first["video_coords"], first["timestep"][0]
    pinned = coords[0, 0, own:, 0].unique()
    assert len(pinned) == 1
    assert 4.0 <= float(pinned[0]) < 4.0 + 8 / 24
    assert coords.shape[2] == own + 2 * 3
    assert float(clean[:6].max()) == pytest.approx(100, abs=1)  # the first shot's picture stands in the first latent
    assert float(clean[6:own].min()) == pytest.approx(1000)
    assert float(clean[own:].max()) == pytest.approx(100, abs=1)


def test_a_shot_with_nobody_in_it_pins_nothing_and_what_was_begun_stands_first(one: LtxEngine) -> None:
    empty = Screenplay("", "", "a beach", (Shot(0.0, 1.0, "wide"), Shot(1.0, 2.0, "insert")), "waves")
    first = np.full((90, 50, 3), 200, np.uint8)
    own = 2 * 3 * 7
    for given, clean in ((Given(), 1000.0), (Given(first=first), 0.0)):
        with watched(one._distilled.pipeline.transformer) as calls:
            take(one, empty, given=given)
        assert calls.seen[0]["video_coords"].shape[2] == own
        for call in calls.seen[::7]:
            assert float(call["timestep"][0, :6].max()) == pytest.approx(clean * float(call["sigma"][0]) / 1000)


def test_both_speakers_recordings_stand_before_the_clip_as_clean_tokens(seen_in_two: Run) -> None:
    heard = [call["audio_hidden_states"].shape[1] for call in seen_in_two.blocks]
    references = heard[0] - OWN_SOUND
    assert heard == [heard[0]] * 11
    assert references in {2 * 125, 2 * 126}  # five seconds each
    assert seen_in_two.track.fallbacks == ()
    steps = seen_in_two.times[0]["timestep"]
    assert float(steps[OWN_SOUND:].max()) == 0.0
    assert float(steps[:OWN_SOUND].min()) == pytest.approx(1000)


def test_recordings_end_one_latent_before_zero_both_at_the_same_times(seen_in_two: Run) -> None:
    first, second = seen_in_two.sound_times[OWN_SOUND:].chunk(2)
    assert torch.equal(first, second)
    assert float(first[-1, 1]) == pytest.approx(-0.04)
    assert -5.1 < float(first[0, 0]) <= -5.0
    assert bool((first[:, 0].diff() > 0).all())
    assert torch.allclose(first.diff(dim=0), seen_in_two.sound_times[: len(first)].diff(dim=0), atol=1e-5)


def test_each_speakers_recording_is_heard_by_their_own_lines_and_not_by_the_other(seen_in_two: Run) -> None:
    mask = seen_in_two.blocks[0]["audio_self_attention_mask"][0]
    seen = mask == 0
    references = (len(mask) - OWN_SOUND) // 2
    first = seen[:OWN_SOUND, OWN_SOUND : OWN_SOUND + references]
    second = seen[:OWN_SOUND, OWN_SOUND + references :]
    assert bool((first.any(1) ^ second.any(1)).all()), "every moment belongs to exactly one of them"
    change = int(first[:, 0].sum())
    assert bool(first[:change].all())
    assert bool(second[change:].all())
    assert LONG.shots[0].start_s + 0.5 < change / 25 < LONG.shots[1].end_s - 0.5
    assert not bool(seen[OWN_SOUND : OWN_SOUND + references, OWN_SOUND + references :].any())
    assert bool(seen[:OWN_SOUND, :OWN_SOUND].all())
    assert float(mask.min()) == -10_000


def test_a_voice_that_speaks_alone_is_heard_throughout_as_it_was_trained(two: LtxEngine) -> None:
    with watched(two._distilled.pipeline.transformer.transformer_blocks[0]) as blocks:
        clip = take(two, ALONE)
    assert blocks.seen[0]["audio_self_attention_mask"] is None
    assert clip.track().fallbacks == ()


def test_another_voice_makes_another_sound_the_same_seed_the_same_and_another_seed_another(two: LtxEngine) -> None:
    others = (people.person(1, "Maya", pitch_hz=95, height_cm=165), CAST[1])
    first, again, other = take(two), take(two), take(two, seed=6)
    changed = take(two, cast=others)
    assert np.array_equal(pixels(first), pixels(again))
    assert np.array_equal(first.track().sound, again.track().sound)
    assert not np.array_equal(first.track().sound, other.track().sound)
    assert not np.array_equal(first.track().sound, changed.track().sound)


def test_faces_and_the_makers_scene_change_the_picture(one: LtxEngine) -> None:
    plain = pixels(take(one))
    assert not np.array_equal(plain, pixels(take(one, cast=(people.bear(1), people.bear(2)))))
    assert not np.array_equal(plain, pixels(take(one, given=Given(scene=np.zeros((40, 40, 3), np.uint8)))))


def test_a_sheet_of_the_cast_is_given_as_a_video_that_stands_still() -> None:
    made = engine(sheet_downscale=2)  # rendered at 64 x 128, the sheet at 32 x 64
    with watched(made._distilled.pipeline.transformer) as calls:
        clip = pixels(take(made))
    own, pinned, sheet = 2 * 4 * 4, 2 * 4, 1 * 2 * 4
    first = calls.seen[0]
    assert first["video_coords"].shape[2] == own + pinned + sheet
    assert float(first["timestep"][0, own + pinned :].max()) == 0.0
    times = first["video_coords"][0, 0]
    assert torch.equal(times[own + pinned :, 0].unique(), times[:own, 0].unique())
    widths = first["video_coords"][0, 2, own + pinned :]
    assert float(widths.max()) == 64, "its places are the clip's, twice as far apart"
    assert len(calls.seen) == 8
    assert clip.shape == (24, SIZE.height, SIZE.width, 3)
    made.close()


def test_progress_only_rises_and_names_every_stage(seen_in_two: Run) -> None:
    watcher = seen_in_two.told
    assert watcher.stages == ["prompt", "references", "denoise", "refine", "decode"]
    fractions = [fraction for _, fraction, _ in watcher.told]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert 0.9 < fractions[-1] < 1
    assert sum(stage == "denoise" for stage, _, _ in watcher.told) == 9  # its beginning and eight steps


@pytest.mark.parametrize(("stage", "call", "passes"), [("denoise", 3, 2), ("refine", 2, 9), ("decode", 1, 11)])
def test_a_cancel_stops_within_one_step_and_leaves_nothing_behind(
    two: LtxEngine, stage: str, call: int, passes: int
) -> None:
    transformer = two._distilled.pipeline.transformer
    blocks = list(transformer.transformer_blocks)
    two._encoded(ltx_prompt.paragraph(SHORT, CAST))
    before = held_bytes()
    with watched(transformer) as calls, pytest.raises(Cancelled) as stopped:
        take(two, on_progress=Watcher(stage, call))
    count = len(calls.seen)
    calls.seen.clear()
    assert count == passes
    assert held_bytes() - before < 20_000, "while the exception is still alive"
    assert stopped.value is not None
    assert list(transformer.transformer_blocks) == blocks
    assert not transformer._forward_pre_hooks


def test_an_error_inside_the_model_leaves_nothing_behind_and_the_next_clip_is_made(one: LtxEngine) -> None:
    one._encoded(ltx_prompt.paragraph(SHORT, CAST))
    before = held_bytes()

    def break_down(_module: torch.nn.Module, _args: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    handle = one._distilled.pipeline.vae.decoder.register_forward_pre_hook(break_down)
    with pytest.raises(EngineError, match=r"out of memory.*CASTMATE_VRAM") as failed:
        take(one)
    handle.remove()
    assert held_bytes() - before < 20_000
    assert failed.value.stage == "render"
    assert pixels(take(one)).shape[0] == 24


def test_words_are_encoded_once(one: LtxEngine) -> None:
    with watched(one._writer.text_encoder) as calls:
        unheard_of = msgspec.structs.replace(SHORT, setting="a submarine")
        take(one, unheard_of)
        take(one, unheard_of, seed=9)
    assert len(calls.seen) == 1


def test_weights_that_overflow_are_told_and_not_delivered(one: LtxEngine) -> None:
    broken = one._distilled.pipeline.vae.decoder.register_forward_hook(lambda _module, _args, made: made * float("nan"))
    with pytest.raises(EngineError, match="not finite"):
        take(one)
    broken.remove()


def test_what_it_cannot_do_is_refused_before_anything_is_computed(one: LtxEngine) -> None:
    mute = msgspec.structs.replace(CAST[0], references=msgspec.structs.replace(CAST[0].references, voice=None))
    face = msgspec.structs.replace(people.face(), photo_png=b"")
    blind = msgspec.structs.replace(CAST[0], references=msgspec.structs.replace(CAST[0].references, face=face))
    watcher = Watcher()
    for cast, lacks in (
        ((mute, CAST[1]), "a stored voice"),
        ((blind, CAST[1]), "a stored picture"),
        (CAST[:1], "a character"),
    ):
        with pytest.raises(CastIncomplete, match=lacks):
            take(one, cast=cast, on_progress=watcher)
    with pytest.raises(EngineError, match="takes no recordings"):
        take(one, given=Given(recorded=(Recorded("S1"),)), on_progress=watcher)
    russian = Shot(0.0, 1.0, "medium", who=("S1",), lines=(Line("S1", "Привет, как дела?"),))
    with pytest.raises(LanguageNotSpoken, match="Russian"):
        take(one, Screenplay("", "", "a room", (russian,), ""), on_progress=watcher)
    assert watcher.told == []


def test_a_language_that_the_portrait_engine_does_not_speak_is_spoken(one: LtxEngine) -> None:
    spanish = Shot(0.0, 1.0, "medium", who=("S1",), lines=(Line("S1", "¿Dónde está la biblioteca?"),))
    with watched(one._writer.text_encoder) as calls:
        take(one, Screenplay("", "", "a room", (spanish,), "", language="es"))
    tokens = calls.seen[0]["input_ids"][0].tolist()
    words = bytes(token - 5 for token in tokens if token >= 5).decode()
    assert 'says in Spanish in an even high voice, "¿Dónde está la biblioteca?"' in words.replace("▁", " ")


def test_a_figure_may_speak_without_a_stored_voice(two: LtxEngine) -> None:
    with watched(two._distilled.pipeline.transformer.transformer_blocks[0]) as blocks:
        clip = take(two, cast=(people.bear(1), CAST[1]))
    assert clip.track().fallbacks == ("Bruno's voice was described in words, not taken from a recording",)
    mask = blocks.seen[0]["audio_self_attention_mask"][0]
    own = 26  # of 25 frames
    assert len(mask) - own in {125, 126}
    assert float(mask[0, own:].max()) == -10_000, "the bear's line does not hear the other's recording"
    assert float(mask[own - 1, own:].min()) == 0


@pytest.mark.parametrize("name", ["quantised", "mixed", "offloaded"])
def test_every_placing_makes_a_clip(one: LtxEngine, name: str) -> None:
    wheres = {
        "quantised": ("resident",) * 3,
        "mixed": ("resident", "offloaded", "resident"),
        "offloaded": ("offloaded",) * 3,
    }
    precision = "bf16" if name == "offloaded" else "int8"
    placing = Placing(name, *wheres[name], precision, 1.0)  # type: ignore[arg-type]
    made = LtxEngine(tiny.pipeline(), version="tiny", device=CPU, placing=placing)
    clip = take(made)
    assert pixels(clip).shape[0] == 24
    near = np.corrcoef(clip.track().sound[0], take(one).track().sound[0])[0, 1]
    assert near > (0.99 if precision == "bf16" else 0.9)
    assert precision in made.version
    made.close()


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine may multiply FP8")
def test_fp8_is_refused_in_words_where_the_device_does_not_multiply_it() -> None:
    with pytest.raises(EngineUnavailable, match="does not multiply FP8"):
        quantised(tiny.transformer(), "fp8", CPU)
    placing = Placing("quantised", "resident", "resident", "resident", "fp8", 1.0)
    with pytest.raises(EngineUnavailable, match="does not multiply FP8"):
        LtxEngine(tiny.pipeline(), version="tiny", device=CPU, placing=placing)


def test_blocks_are_compiled_at_warm_up_and_a_clip_of_that_shape_compiles_nothing_more(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ltx, "MOST_PINS", 1)
    unseen = msgspec.structs.replace(SHORT.shots[1], who=(), lines=(Line("S2", "Never.", off_screen=True),))
    both = msgspec.structs.replace(SHORT, shots=(SHORT.shots[0], unseen))
    alone = msgspec.structs.replace(both, shots=(SHORT.shots[0], msgspec.structs.replace(unseen, lines=())))
    made = engine(hears_voices=True)
    plain = take(made, both).track().sound
    counted = torch._dynamo.utils.counters["stats"]
    before = counted["unique_graphs"]
    made.warm_up(SIZE, SHORT.seconds, backend="eager")
    compiled = counted["unique_graphs"]
    assert compiled - before == 2  # one or two voices, whatever the number of blocks
    caplog.clear()
    again, other = (take(made, play).track().sound for play in (both, alone))
    assert counted["unique_graphs"] == compiled
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert np.allclose(plain, again, atol=1e-4)
    assert not np.array_equal(again, other)
    made.close()
    torch._dynamo.reset()
