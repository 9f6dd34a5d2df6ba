"""Weights on disk: whole, half there, or not there at all."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from huggingface_hub import constants

from generation.errors import EngineUnavailable
from generation.joint.weights import Source, fault_in, fingerprint, locate, required

SOURCE = Source("ltx", "someone/some-model", "CASTMATE_LTX_WEIGHTS")


def safetensors(file: Path, numbers: int = 4) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}}).encode()
    file.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4 * numbers))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model of two parts with weights, one of them in two shards, and one without."""
    whole = tmp_path / "model"
    for part in ("transformer", "vae", "tokenizer"):
        (whole / part).mkdir(parents=True)
    (whole / "model_index.json").write_text(
        json.dumps(
            {
                "_class_name": "LTX2Pipeline",
                "transformer": ["diffusers", "LTX2VideoTransformer3DModel"],
                "vae": ["diffusers", "AutoencoderKLLTX2Video"],
                "tokenizer": ["transformers", "GemmaTokenizer"],
                "duration_head": [None, None],
            }
        )
    )
    (whole / "tokenizer" / "tokenizer.json").write_text("{}")
    (whole / "vae" / "config.json").write_text('{"a": 1}')
    safetensors(whole / "vae" / "diffusion_pytorch_model.safetensors")
    for number in (1, 2):
        safetensors(whole / "transformer" / f"part-{number}.safetensors")
    (whole / "transformer" / "part.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a": "part-1.safetensors", "b": "part-2.safetensors"}})
    )
    return whole


def test_a_whole_model_has_no_fault(folder: Path) -> None:
    assert fault_in(folder) is None
    assert locate(SOURCE, folder) == folder


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        ("rm transformer/part-2.safetensors", "part-2.safetensors is missing"),
        ("rm vae/diffusion_pytorch_model.safetensors", "holds no .safetensors"),
        ("rm model_index.json", "has no model_index.json"),
        ("rmdir vae", "vae is missing"),
        ("rmdir tokenizer", "tokenizer is missing"),
        ("cut vae/diffusion_pytorch_model.safetensors 70", "has 70 of"),
        ("cut vae/diffusion_pytorch_model.safetensors 30", "is not a safetensors file"),
        ("cut vae/diffusion_pytorch_model.safetensors 3", "is not a safetensors file"),
        ("cut model_index.json 10", "is not JSON"),
        ("cut transformer/part.safetensors.index.json 5", "is not an index"),
    ],
)
def test_a_broken_download_is_told_with_the_command_that_mends_it(folder: Path, harm: str, fault: str) -> None:
    what, name, *size = harm.split()
    target = folder / name
    if what == "rm":
        target.unlink()
    elif what == "rmdir":
        for file in target.iterdir():
            file.unlink()
        target.rmdir()
    else:
        target.write_bytes(target.read_bytes()[: int(size[0])])
    with pytest.raises(EngineUnavailable) as refused:
        locate(SOURCE, folder)
    assert fault in str(refused.value)
    assert "hf download someone/some-model --local-dir DIR, then CASTMATE_LTX_WEIGHTS=DIR" in str(refused.value)


def test_without_a_folder_the_hubs_cache_is_looked_through_and_the_hub_is_not_asked(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    assert locate(SOURCE, None) is None
    with pytest.raises(EngineUnavailable, match="hf download someone/some-model"):
        required(SOURCE, None)
    revision = "0" * 40
    snapshot = cache / "models--someone--some-model" / "snapshots" / revision
    snapshot.parent.mkdir(parents=True)
    (cache / "models--someone--some-model" / "refs").mkdir()
    (cache / "models--someone--some-model" / "refs" / "main").write_text(revision)
    folder.rename(snapshot)
    assert required(SOURCE, None) == snapshot
    (snapshot / "transformer" / "part-1.safetensors").unlink()
    with pytest.raises(EngineUnavailable, match=r"part-1\.safetensors is missing"):
        locate(SOURCE, None)


def test_a_fingerprint_follows_the_model_and_not_its_place(folder: Path, tmp_path: Path) -> None:
    before = fingerprint(folder)
    moved = folder.rename(tmp_path / "elsewhere")
    assert fingerprint(moved) == before
    (moved / "vae" / "config.json").write_text('{"a": 2}')
    changed = fingerprint(moved)
    assert changed != before
    safetensors(moved / "vae" / "diffusion_pytorch_model.safetensors", 5)
    assert fingerprint(moved) not in {before, changed}
