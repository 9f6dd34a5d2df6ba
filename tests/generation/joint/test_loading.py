"""LTX out of a folder, with adapters, and without the hub."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from generation.errors import EngineUnavailable
from generation.joint.adapters import Lora
from generation.joint.ltx import LtxEngine
from generation.shapes import VideoShape
from tests.generation.joint import people, tiny
from tests.generation.joint.watching import Watcher, watched

CPU = torch.device("cpu")
SHORT = people.play(1.0)
MATRIX = "transformer_blocks.0.attn1.to_q.weight"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights") / "tiny-ltx"
    tiny.pipeline().save_pretrained(folder)
    tiny.upsampler().save_pretrained(folder / "latent_upsampler")
    return folder


def weights(made: LtxEngine) -> dict[str, torch.Tensor]:
    return dict(made._distilled.pipeline.transformer.named_parameters())


def adapter(folder: Path, name: str = "id", *, rows: int = 16, told: dict[str, str] | None = None) -> Path:
    """A LoRA of rank 1 for one matrix of the transformer, as such files are published."""
    matrix = "diffusion_model.transformer_blocks.0.attn1.to_q"
    down, up = np.ones((1, 16), "<f4"), np.full((rows, 1), 0.5, "<f4")
    ends = down.nbytes, down.nbytes + up.nbytes
    tensors: dict[str, Any] = {
        f"{matrix}.lora_A.weight": {"dtype": "F32", "shape": [1, 16], "data_offsets": [0, ends[0]]},
        f"{matrix}.lora_B.weight": {"dtype": "F32", "shape": [rows, 1], "data_offsets": [ends[0], ends[1]]},
    }
    header = msgspec.json.encode(tensors | ({"__metadata__": told} if told else {}))
    file = folder / f"{name}.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header + down.tobytes() + up.tobytes())
    return file


def test_a_saved_model_is_the_same_from_its_folder_with_the_hub_off(saved: Path) -> None:
    loaded = LtxEngine.load(saved, CPU)
    fresh = dict(tiny.parts()["transformer"].named_parameters())
    assert all(torch.equal(fresh[name], matrix) for name, matrix in weights(loaded).items())
    assert loaded.version.endswith("bf16 2-stage")
    assert len(loaded.version.split()[0]) == 12
    with watched(loaded._distilled.pipeline.transformer) as calls:
        clip = loaded.make(SHORT, people.cast(), VideoShape(50, 90), seed=1, on_progress=Watcher())
    assert len(list(clip.frames)) == 24
    assert len(calls.seen) == 11
    loaded.close()


def test_adapters_are_melted_into_the_weights_and_say_what_they_look_at(saved: Path, tmp_path: Path) -> None:
    loras = [
        Lora(adapter(tmp_path, "style"), 0.5),
        Lora(adapter(tmp_path, "voices"), sees="voices"),
        Lora(adapter(tmp_path, "sheet", told={"reference_downscale_factor": "2"}), sees="sheet"),
    ]
    adapted = LtxEngine.load(saved, CPU, loras=loras)
    added = weights(adapted)[MATRIX] - dict(tiny.parts()["transformer"].named_parameters())[MATRIX]
    assert torch.allclose(added, torch.full_like(added, 0.25 + 0.5 + 0.5), atol=1e-6)
    assert "+style:0.5+voices:1+sheet:1" in adapted.version
    path = adapted._distilled
    with (
        watched(path.pipeline.transformer) as passes,
        watched(path.pipeline.transformer.transformer_blocks[0]) as calls,
    ):
        adapted.make(SHORT, people.cast(), VideoShape(50, 90), seed=1, on_progress=Watcher())
    assert calls.seen[0]["audio_hidden_states"].shape[1] > 200  # it hears the stored voices
    own, pinned, sheet = 2 * 2 * 4, 2 * 2, 1 * 1 * 4  # of 128 x 128 in two stages
    assert passes.seen[0]["video_coords"].shape[2] == own + pinned + sheet
    assert passes.seen[-1]["video_coords"].shape[2] == 4 * (own + pinned + sheet)
    adapted.close()


@pytest.mark.parametrize(
    ("lora", "said"),
    [
        (lambda folder: Lora(folder / "none.safetensors"), "no adapter at"),
        (lambda folder: Lora(adapter(folder, rows=24)), "does not fit"),
        (
            lambda folder: Lora(adapter(folder, told={"reference_downscale_factor": "3"}), sees="sheet"),
            r"reference_downscale_factor '3'; 1, 2 or 4",
        ),
    ],
    ids=["missing", "of another model", "of an unknown size"],
)
def test_an_adapter_that_cannot_be_used_stops_the_start(saved: Path, tmp_path: Path, lora: Any, said: str) -> None:
    with pytest.raises(EngineUnavailable, match=said):
        LtxEngine.load(saved, CPU, loras=[lora(tmp_path)])


def test_missing_weights_name_the_repository_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(
        EngineUnavailable, match=r"hf download diffusers/LTX-2\.3-Distilled-Diffusers .*CASTMATE_LTX_WEIGHTS"
    ):
        LtxEngine.load(tmp_path / "nothing", CPU)
