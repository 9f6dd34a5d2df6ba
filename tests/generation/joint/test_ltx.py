"""The LTX engine on the real classes with tiny random weights: what goes into the model and what becomes of it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from generation.engine import Given, Recorded, Take
from generation.errors import Cancelled, CastIncomplete, EngineError, EngineUnavailable
from generation.joint.adapters import Lora
from generation.joint.distilled import FIRST, NO_GUIDANCE, SECOND
from generation.joint.ltx import LtxEngine
from generation.joint.placing import Placing
from generation.joint.voice_reference import REFERENCE_S
from generation.plan import Line, Screenplay, Shot
from generation.shapes import VideoShape, samples_for
from tests.generation.joint import people, tiny
from tests.generation.joint.watching import Watcher, held_bytes, watched

CPU = torch.device("cpu")
SIZE = VideoShape(50, 90)  # rendered at 64 x 96 in one stage, 64 x 128 in two
CAST = people.cast()
SHORT = people.play(4.0)


def engine(*, two_stages: bool = False, hears_voices: bool = False, **other: Any) -> LtxEngine:
    pipeline = tiny.pipeline(**other)
    upsampler = tiny.upsampler() if two_stages else None
    return LtxEngine(pipeline, upsampler, version="tiny", device=CPU, hears_voices=hears_voices)


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


def take(made: LtxEngine, screenplay: Screenplay = SHORT, seed: int = 3, **more: Any) -> Take:
    return made.make(screenplay, CAST, SIZE, seed=seed, on_progress=more.pop("on_progress", Watcher()), **more)


def pixels(made: Take) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.stack(list(made.frames))


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seconds", [4.0, 10.0])
def test_a_clip_has_exactly_its_frames_pixels_and_samples(
    one: LtxEngine, two: LtxEngine, stages: int, seconds: float
) -> None:
    made = take(one if stages == 1 else two, people.play(seconds))
    frames = pixels(made)
    assert frames.shape == (round(seconds * 24), SIZE.height, SIZE.width, 3)
    assert made.track().sound.shape == (2, samples_for(seconds))
    assert made.track().sound.dtype == np.float32
    assert np.abs(made.track().sound).max() <= 1
    assert made.track().sound.std() > 0
    assert frames.std() > 0
    assert len(made.cuts_s) == 1


def test_eight_sigmas_are_eight_passes_at_exactly_those_levels(one: LtxEngine) -> None:
    with watched(one._distilled.pipeline.transformer) as calls:
        take(one)
    levels = [float(call["sigma"][0]) / 1000 for call in calls.seen]
    assert levels == pytest.approx(FIRST)
    assert len(levels) == 8


def test_two_stages_are_eight_passes_at_half_the_size_and_three_at_the_whole(two: LtxEngine) -> None:
    with watched(two._distilled.pipeline.transformer) as calls:
        take(two)
    levels = [float(call["sigma"][0]) / 1000 for call in calls.seen]
    assert levels == pytest.approx((*FIRST, *SECOND))
    assert [(call["width"], call["height"]) for call in calls.seen] == [(1, 2)] * 8 + [(2, 4)] * 3


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


def test_shots_pin_their_cast_at_the_first_latent_after_the_cut(one: LtxEngine) -> None:
    cut = SHORT.cuts_s[0]
    with watched(one._distilled.pipeline.transformer) as calls:
        take(one)
    coords = calls.seen[0]["video_coords"]
    own = 2 * 3 * 13  # 64 x 96, 97 frames
    pinned = coords[0, 0, own:, 0].unique()
    assert len(pinned) == 1
    assert cut <= float(pinned[0]) < cut + 8 / 24
    assert coords.shape[2] == own + 2 * 3
    clean = calls.seen[0]["timestep"][0]
    assert float(clean[:6].max()) == pytest.approx(100, abs=1)  # the first shot's picture stands in the first latent
    assert float(clean[6:own].min()) == pytest.approx(1000)
    assert float(clean[own:].max()) == pytest.approx(100, abs=1)


def test_a_shot_with_nobody_in_it_pins_nothing(one: LtxEngine) -> None:
    empty = Screenplay("", "", "a beach", (Shot(0.0, 2.0, "wide"), Shot(2.0, 4.0, "insert")), "waves")
    with watched(one._distilled.pipeline.transformer) as calls:
        take(one, empty)
    assert calls.seen[0]["video_coords"].shape[2] == 2 * 3 * 13


def test_the_voice_of_the_first_speaker_stands_before_the_clip_as_clean_tokens(two: LtxEngine) -> None:
    transformer = two._distilled.pipeline.transformer
    with watched(transformer.transformer_blocks[0]) as blocks, watched(transformer) as calls:
        made = take(two)
    own = calls.seen[0]["audio_hidden_states"].shape[1]
    assert own == 101  # 97 frames at 24, 25 latents a second
    tokens = round(25 * REFERENCE_S)
    heard = blocks.seen[0]["audio_hidden_states"].shape[1] - own
    assert abs(heard - tokens) <= 1
    assert made.track().fallbacks == ("Leo's voice was described in words, not taken from a recording",)


def test_reference_tokens_have_negative_time_and_a_time_step_of_zero(two: LtxEngine) -> None:
    transformer = two._distilled.pipeline.transformer
    with watched(transformer.audio_rope) as _, watched(transformer.audio_time_embed) as times:
        seen: list[torch.Tensor] = []
        handle = transformer.audio_rope.register_forward_pre_hook(lambda _module, args: seen.append(args[0]))
        steps: list[torch.Tensor] = []
        other = transformer.audio_time_embed.register_forward_pre_hook(lambda _module, args: steps.append(args[0]))
        take(two)
        handle.remove()
        other.remove()
    assert len(times.seen) == 11
    coords, at = seen[0][0, 0], steps[0]
    assert float(coords[101:, 0].min()) == pytest.approx(-REFERENCE_S, abs=0.05)
    assert float(coords[101:, 1].max()) == pytest.approx(0.0, abs=1e-6)
    assert bool((coords[101:, 0].diff() > 0).all())
    assert float(at[101:].max()) == 0.0
    assert float(at[:101].min()) == pytest.approx(1000)


def test_another_voice_makes_another_sound_and_the_same_one_the_same(two: LtxEngine) -> None:
    others = (people.person(1, "Maya", pitch_hz=95, height_cm=165), CAST[1])
    first, again = take(two), take(two)
    changed = two.make(SHORT, others, SIZE, seed=3, on_progress=Watcher())
    assert np.array_equal(first.track().sound, again.track().sound)
    assert not np.array_equal(first.track().sound, changed.track().sound)


def test_the_same_seed_gives_the_same_take_and_another_one_another(one: LtxEngine) -> None:
    first, again, other = take(one, seed=5), take(one, seed=5), take(one, seed=6)
    assert np.array_equal(pixels(first), pixels(again))
    assert np.array_equal(first.track().sound, again.track().sound)
    assert not np.array_equal(first.track().sound, other.track().sound)


def test_faces_change_the_picture(one: LtxEngine) -> None:
    bears = (people.bear(1), people.bear(2))
    other = one.make(SHORT, bears, SIZE, seed=3, on_progress=Watcher())
    assert not np.array_equal(pixels(take(one)), pixels(other))


def test_the_makers_scene_changes_the_picture(one: LtxEngine) -> None:
    scene = np.zeros((40, 40, 3), np.uint8)
    assert not np.array_equal(pixels(take(one)), pixels(take(one, given=Given(scene=scene))))


def test_progress_only_rises_and_names_every_stage(two: LtxEngine) -> None:
    watcher = Watcher()
    take(two, on_progress=watcher)
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
    take(two)
    before = held_bytes()
    with watched(two._distilled.pipeline.transformer) as calls, pytest.raises(Cancelled) as stopped:
        take(two, on_progress=Watcher(stage, call))
    count = len(calls.seen)
    calls.seen.clear()
    assert count == passes
    assert held_bytes() - before < 20_000, "while the exception is still alive"
    assert stopped.value is not None


def test_an_error_inside_the_model_leaves_nothing_behind(one: LtxEngine) -> None:
    take(one)
    before = held_bytes()

    def break_down(_module: torch.nn.Module, _args: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    handle = one._distilled.pipeline.vae.decoder.register_forward_pre_hook(break_down)
    with pytest.raises(EngineError, match=r"out of memory.*CASTMATE_VRAM") as failed:
        take(one)
    handle.remove()
    assert held_bytes() - before < 20_000
    assert failed.value.stage == "render"
    assert pixels(take(one)).shape[0] == 96


def test_words_are_encoded_once(one: LtxEngine) -> None:
    with watched(one._writer.text_encoder) as calls:
        unheard_of = msgspec.structs.replace(SHORT, setting="a submarine")
        take(one, unheard_of)
        take(one, unheard_of, seed=9)
    assert len(calls.seen) == 1


def test_weights_that_overflow_are_told_and_not_delivered() -> None:
    broken = engine()
    broken._distilled.pipeline.vae.decoder.conv_out.conv.weight.data.fill_(float("nan"))
    with pytest.raises(EngineError, match="not finite"):
        take(broken)
    broken.close()


def test_recordings_are_refused(one: LtxEngine) -> None:
    with pytest.raises(EngineError, match="takes no recordings"):
        take(one, given=Given(recorded=(Recorded("S1"),)))


def test_a_person_without_a_voice_or_a_picture_is_refused_before_anything_is_computed(one: LtxEngine) -> None:
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
            one.make(SHORT, cast, SIZE, seed=1, on_progress=watcher)
    assert watcher.told == []


def test_a_figure_may_speak_without_a_stored_voice(two: LtxEngine) -> None:
    made = two.make(SHORT, (people.bear(1), CAST[1]), SIZE, seed=1, on_progress=Watcher())
    assert len(made.track().fallbacks) == 2


def test_lines_are_captioned_where_they_are_meant_to_be_heard(one: LtxEngine) -> None:
    screenplay = Screenplay(
        "",
        "",
        "a room",
        (
            Shot(0.0, 2.0, "medium", who=("S1",), lines=(Line("S1", "Good morning to you."),)),
            Shot(2.0, 4.0, "medium", who=("S2",), lines=(Line("S2", "Hm.", start_s=3.25),)),
        ),
        "",
    )
    first, second = take(one, screenplay).track().captions
    assert (first.speaker, first.text) == ("S1", "Good morning to you.")
    assert 0 <= first.start_s < first.end_s <= 2.0
    assert second.start_s == pytest.approx(3.2, abs=0.06)
    assert second.end_s <= 4.0


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights") / "tiny-ltx"
    tiny.pipeline().save_pretrained(folder)
    tiny.upsampler().save_pretrained(folder / "latent_upsampler")
    return folder


def test_a_saved_model_makes_the_same_take_from_its_folder_with_the_hub_off(saved: Path) -> None:
    loaded = LtxEngine.load(saved, CPU)
    fresh = engine(two_stages=True)
    assert np.allclose(take(loaded).track().sound, take(fresh).track().sound, atol=1e-4)
    assert loaded.version.endswith("bf16 2-stage")
    assert len(loaded.version.split()[0]) == 12
    loaded.close()
    fresh.close()


def adapter(folder: Path, *, rows: int = 16, columns: int = 16) -> Path:
    """A LoRA of rank 1 for one matrix of the transformer, as such files are published."""
    name = "diffusion_model.transformer_blocks.0.attn1.to_q"
    down, up = np.ones((1, columns), "<f4"), np.full((rows, 1), 0.5, "<f4")
    header = msgspec.json.encode(
        {
            f"{name}.lora_A.weight": {"dtype": "F32", "shape": [1, columns], "data_offsets": [0, down.nbytes]},
            f"{name}.lora_B.weight": {
                "dtype": "F32",
                "shape": [rows, 1],
                "data_offsets": [down.nbytes, down.nbytes + up.nbytes],
            },
        }
    )
    file = folder / "id.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header + down.tobytes() + up.tobytes())
    return file


def test_an_adapter_is_melted_into_the_weights_and_named_in_the_version(saved: Path, tmp_path: Path) -> None:
    plain = LtxEngine.load(saved, CPU)
    adapted = LtxEngine.load(saved, CPU, loras=[Lora(adapter(tmp_path), 0.5, sees="voices")])
    name = "transformer_blocks.0.attn1.to_q.weight"
    before = dict(plain._distilled.pipeline.transformer.named_parameters())[name]
    after = dict(adapted._distilled.pipeline.transformer.named_parameters())[name]
    assert torch.allclose(after - before, torch.full_like(before, 0.25), atol=1e-6)
    assert "+id:0.5" in adapted.version
    with watched(adapted._distilled.pipeline.transformer.transformer_blocks[0]) as calls:
        take(adapted)
    assert calls.seen[0]["audio_hidden_states"].shape[1] > 200  # it hears the stored voice
    plain.close()
    adapted.close()


def test_an_adapter_that_is_not_there_or_does_not_fit_stops_the_start(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no adapter at"):
        LtxEngine.load(saved, CPU, loras=[Lora(tmp_path / "none.safetensors")])
    with pytest.raises(EngineUnavailable, match="does not fit"):
        LtxEngine.load(saved, CPU, loras=[Lora(adapter(tmp_path, rows=24))])


def test_missing_weights_name_the_repository_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(
        EngineUnavailable, match=r"hf download diffusers/LTX-2\.3-Distilled-Diffusers .*CASTMATE_LTX_WEIGHTS"
    ):
        LtxEngine.load(tmp_path / "nothing", CPU)


@pytest.mark.parametrize("name", ["quantised", "mixed", "offloaded"])
def test_every_placing_makes_a_clip(name: str) -> None:
    wheres = {
        "quantised": ("resident",) * 3,
        "mixed": ("resident", "offloaded", "resident"),
        "offloaded": ("offloaded",) * 3,
    }
    precision = "bf16" if name == "offloaded" else "int8"
    placing = Placing(name, *wheres[name], precision, 1.0)  # type: ignore[arg-type]
    made = LtxEngine(tiny.pipeline(), version="tiny", device=CPU, placing=placing)
    clip = take(made)
    assert pixels(clip).shape[0] == 96
    plain = engine()
    near = np.corrcoef(clip.track().sound[0], take(plain).track().sound[0])[0, 1]
    assert near > (0.99 if precision == "bf16" else 0.9)
    assert precision in made.version
    made.close()
    plain.close()
