"""`./run gpu` is tried with tiny models, and its arithmetic is held against what the real class does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import LTX2InContextPipeline
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from generation.joint.geometry import canvas_for
from generation.joint.placing import GB
from generation.shapes import VideoShape
from tests.benchmarks import gpu
from tests.benchmarks.arithmetic import H100, least_seconds, one_pass, sound_tokens
from tests.generation.joint import tiny


@pytest.fixture(scope="module")
def large() -> tuple[LTX2InContextPipeline, LTX2LatentUpsamplerModel]:
    """On the meta device: shapes alone."""
    return gpu.full_size(torch.device("meta"))


def test_the_script_measures_every_kind_of_clip_and_writes_it_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "SECONDS", 1.0)
    file = tmp_path / "gpu.json"
    gpu.main(["--tiny", "--no-compile", "--json", str(file)])
    written = json.loads(file.read_text())
    assert [(row["stages"], row["precision"]) for row in written["rows"]] == [
        (1, "bf16"),
        (2, "bf16"),
        (1, "int8"),
        (2, "int8"),
    ]
    for row in written["rows"]:
        assert 0 < row["denoise_s"] < row["whole_s"]
        assert row["cancel_s"] > 0
        assert (row["refine_s"] > 0) == (row["stages"] == 2)
    assert "random weights" in written["machine"]["model"]
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_without_a_gpu_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit, match="needs a CUDA GPU"):
        gpu.main([])


@pytest.mark.parametrize(("video", "audio", "text"), [(64, 24, 32), (640, 100, 32), (200, 250, 96)])
def test_operations_are_counted_as_the_model_makes_them(video: int, audio: int, text: int) -> None:
    model = tiny.transformer(use_prompt_embeddings=False, caption_channels=16)
    coords = torch.zeros(1, 3, video, 2), torch.zeros(1, 1, audio, 2)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH), torch.no_grad():
        model(
            hidden_states=torch.zeros(1, video, tiny.VIDEO_CHANNELS),
            audio_hidden_states=torch.zeros(1, audio, tiny.AUDIO_WIDTH),
            encoder_hidden_states=torch.zeros(1, text, 16),
            audio_encoder_hidden_states=torch.zeros(1, text, 16),
            timestep=torch.zeros(1),
            sigma=torch.zeros(1),
            video_coords=coords[0],
            audio_coords=coords[1],
            return_dict=False,
        )
    blocks = sum(
        sum(counts.values())
        for name, counts in counter.get_flop_counts().items()
        if name.rsplit(".", 1)[-1].isdigit() and name.rsplit(".", 2)[-2] == "transformer_blocks"
    )
    counted = one_pass(dict(model.config), video, audio, text)
    assert counted.tflop * 1e12 == pytest.approx(blocks, rel=0.02)


def test_the_least_time_is_bound_by_memory_for_a_few_tokens_and_by_operations_for_many(large: Any) -> None:
    config = dict(large[0].transformer.config)
    few, many = one_pass(config, 1, 1), one_pass(config, 7440, 251)
    assert least_seconds(few, 37.8, H100, fp8=False) == pytest.approx(37.8e9 / 3.35e12)
    assert least_seconds(many, 37.8, H100, fp8=False) == pytest.approx(many.tflop / H100.bf16_tflops)
    assert least_seconds(many, 18.9, H100, fp8=True) < least_seconds(many, 37.8, H100, fp8=False)


def test_the_full_size_is_what_the_documents_say(large: Any) -> None:
    model = large[0].transformer
    assert 2 * sum(tensor.numel() for tensor in model.parameters()) / GB == pytest.approx(37.8, abs=0.1)
    assert [work.video_tokens for _, work in gpu.passes(dict(model.config), VideoShape(384, 640), 2)] == [1920, 7680]


@torch.no_grad()
def test_the_full_size_parts_fit_each_other(large: Any) -> None:
    """Every hand-over of a 384 x 640 clip by shapes alone, on the meta device: no memory, no arithmetic."""
    meta = torch.device("meta")
    pipeline, upsampler = large
    words = torch.zeros(1, 1024, 49 * 3840, device=meta, dtype=torch.bfloat16)
    picture_words, sound_words, _ = pipeline.connectors(
        words, torch.ones(1, 1024, device=meta, dtype=torch.int64), padding_side="left"
    )
    canvas = canvas_for(VideoShape(384, 640), 240, stages=2)
    latents = torch.zeros(1, 128, 31, 10, 6, device=meta, dtype=torch.bfloat16)
    larger = upsampler(latents)
    assert larger.shape == (1, 128, 31, 20, 12)
    sound = sound_tokens(canvas)
    pipeline.transformer.transformer_blocks = pipeline.transformer.transformer_blocks[:1]  # all are alike
    picture, heard = pipeline.transformer(
        hidden_states=larger.flatten(2).transpose(1, 2),
        audio_hidden_states=torch.zeros(1, sound, 128, device=meta, dtype=torch.bfloat16),
        encoder_hidden_states=picture_words,
        audio_encoder_hidden_states=sound_words,
        timestep=torch.zeros(1, canvas.latent_tokens, device=meta),
        audio_timestep=torch.zeros(1, device=meta),
        sigma=torch.zeros(1, device=meta),
        num_frames=31,
        height=20,
        width=12,
        audio_num_frames=sound,
        return_dict=False,
    )
    assert picture.shape == (1, canvas.latent_tokens, 128)
    assert heard.shape == (1, 251, 128)
    shown = pipeline.vae.decode(larger, None, return_dict=False)[0]
    assert shown.shape == (1, 3, 241, 640, 384)
    mel = pipeline.audio_vae.decode(heard.reshape(1, 251, 8, 16).transpose(1, 2), return_dict=False)[0]
    wave = pipeline.vocoder(mel)
    assert wave.shape[:2] == (1, 2)
    assert wave.shape[2] / 24_000 > 10.0
    layers = pipeline.text_encoder.config.text_config.num_hidden_layers
    assert (layers + 1) * pipeline.text_encoder.config.text_config.hidden_size == words.shape[2]
