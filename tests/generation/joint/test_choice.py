"""Which engine runs, and what an operator is told where none can."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from backend import config
from generation import engines
from generation.engines import choose
from generation.errors import EngineUnavailable
from generation.joint.adapters import Lora, configured
from generation.joint.echo_blocks import assembled
from generation.options import EngineOptions
from generation.portrait.engine import PortraitEngine
from tests.generation.joint import tiny

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    tiny.pipeline().save_pretrained(folder / "ltx")
    assembled(tiny.parts()).save_pretrained(str(folder / "echo"), overwrite_modular_index=True)
    return folder


@pytest.fixture(autouse=True)
def _empty_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def no_portrait(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The portrait engine's models take seconds to load; that it was chosen is enough."""
    chosen: list[str] = []

    class Chosen(PortraitEngine):
        def __init__(self) -> None:
            chosen.append("portrait")

    monkeypatch.setattr(engines, "PortraitEngine", Chosen)
    return chosen


def test_auto_takes_the_joint_model_whose_weights_are_here(weights: Path, no_portrait: list[str]) -> None:
    both = EngineOptions(ltx_weights=weights / "ltx", echo_weights=weights / "echo", accept_noncommercial=True)
    first = choose(both, CPU)
    assert first.name == "ltx"
    assert len(first.version.split()[0]) == 12
    first.close()
    second = choose(EngineOptions(echo_weights=weights / "echo", accept_noncommercial=True), CPU)
    assert second.name == "echo"
    second.close()
    assert no_portrait == []


def test_auto_takes_the_portrait_engine_where_there_are_no_weights_no_licence_or_no_gpu(
    weights: Path, no_portrait: list[str]
) -> None:
    for options in (EngineOptions(), EngineOptions(echo_weights=weights / "echo")):
        assert choose(options, CPU).name == "portrait"
    assert len(no_portrait) == 2
    if not torch.cuda.is_available():
        assert choose(EngineOptions(ltx_weights=weights / "ltx")).name == "portrait"


def test_weights_that_are_configured_and_broken_stop_the_start_even_with_auto(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="the weights of ltx are not whole"):
        choose(EngineOptions(ltx_weights=tmp_path / "none"), CPU)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (EngineOptions("ltx"), r"hf download diffusers/LTX-2\.3-Distilled-Diffusers"),
        (EngineOptions("echo"), "CASTMATE_ACCEPT_NONCOMMERCIAL=1"),
        (EngineOptions("echo", accept_noncommercial=True), "hf download jdopensource/JoyAI-Echo"),
        (EngineOptions("sora"), "'sora'; this version has: auto, portrait, ltx, echo"),
        (EngineOptions("ltx", ltx_loras="a.safetensors:loud"), "a.safetensors:loud"),
    ],
)
def test_an_engine_that_cannot_start_says_why_and_what_to_do(options: EngineOptions, said: str) -> None:
    with pytest.raises(EngineUnavailable, match=said):
        choose(options, CPU)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_joint_model_without_a_gpu_says_so(weights: Path) -> None:
    with pytest.raises(EngineUnavailable, match="needs a CUDA GPU and there is none"):
        choose(EngineOptions("ltx", ltx_weights=weights / "ltx"))


def test_too_little_memory_is_told_with_what_is_needed(weights: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"CASTMATE_VRAM allows 2 GB.*needs at least 11\.5 GB"):
        choose(EngineOptions("ltx", ltx_weights=weights / "ltx", vram_gb=2.0), CPU)


def test_adapters_are_files_with_a_scale() -> None:
    assert configured(
        "/a/x.safetensors:0.8, /b/y.safetensors", Path("/c/id.safetensors"), Path("/d/sheet.safetensors")
    ) == (
        Lora(Path("/a/x.safetensors"), 0.8),
        Lora(Path("/b/y.safetensors"), 1.0),
        Lora(Path("/c/id.safetensors"), 1.0, sees="voices"),
        Lora(Path("/d/sheet.safetensors"), 1.0, sees="sheet"),
    )
    assert configured("", None, None) == ()


def test_every_setting_of_the_engines_is_read_from_the_environment(tmp_path: Path) -> None:
    read = config.read(
        {
            "CASTMATE_ENGINE": "ltx",
            "CASTMATE_LTX_WEIGHTS": str(tmp_path),
            "CASTMATE_LTX_ID_LORA": "id.safetensors",
            "CASTMATE_ACCEPT_NONCOMMERCIAL": "1",
            "CASTMATE_VRAM": "40",
        }
    )
    assert read.ltx_weights == tmp_path
    assert read.ltx_id_lora == Path("id.safetensors").absolute()
    assert read.accept_noncommercial
    assert read.vram == 40.0
    assert read.echo_weights is None
