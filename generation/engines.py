"""The choice of engine: the one that is configured, or with `auto` the best one that can run here.

A joint model where there is a GPU and its weights are whole, else an inference server where one is named, else the
portrait engine. What is configured and cannot start stops the worker and says why; nothing is chosen in its place.
"""

from __future__ import annotations

import logging
from typing import Final

import torch

from generation.engine import Engine
from generation.errors import EngineUnavailable
from generation.options import ABILITIES, EngineOptions
from generation.portrait.engine import PortraitEngine
from generation.shapes import VideoShape

ALLOWED: Final = ("auto", *ABILITIES)
WARM: Final = VideoShape(720, 1280), 10.0  # what is asked for most: the API's default
_TORCHAO_LOG: Final = "diffusers.quantizers.torchao.torchao_quantizer"


def choose(options: EngineOptions, device: torch.device | None = None) -> Engine:
    """Takes as long as the engine's weights take to load. Raises EngineUnavailable.

    Args:
        options: what is configured.
        device: for joint models; None is this machine's first GPU, if there is one.
    """
    accelerator = device or (torch.device("cuda") if torch.cuda.is_available() else None)
    match options.engine:
        case "portrait":
            return PortraitEngine()
        case "ltx":
            return _ltx(options, _needed(accelerator, options.engine))
        case "echo":
            return _echo(options, _needed(accelerator, options.engine))
        case "remote":
            return _remote(options)
        case "auto":
            return _best(options, accelerator)
        case other:
            raise EngineUnavailable("start", f"CASTMATE_ENGINE is {other!r}; this version has: {', '.join(ALLOWED)}")


def _best(options: EngineOptions, accelerator: torch.device | None) -> Engine:
    if accelerator is None:
        return _without_gpu(options)
    _hush()
    from generation.joint import echo, ltx  # noqa: PLC0415 - seven seconds of imports that a CPU has no use for
    from generation.joint.weights import locate  # noqa: PLC0415 - the same

    if locate(ltx.SOURCE, options.ltx_weights) is not None:
        return _ltx(options, accelerator)
    if options.accept_noncommercial and locate(echo.SOURCE, options.echo_weights) is not None:
        return _echo(options, accelerator)
    return _without_gpu(options)


def _without_gpu(options: EngineOptions) -> Engine:
    return PortraitEngine() if options.remote_url is None else _remote(options)


def _remote(options: EngineOptions) -> Engine:
    if options.remote_url is None or not options.remote_url.startswith(("http://", "https://")):
        message = (
            f"CASTMATE_REMOTE_URL is {options.remote_url!r}; the engine 'remote' wants one like http://gpu:8091/v1"
        )
        raise EngineUnavailable("start", message)
    from generation.remote import RemoteEngine  # noqa: PLC0415 - torch and its friends, as in _best
    from generation.video_server import VideoServer  # noqa: PLC0415 - the same

    return RemoteEngine(VideoServer(options.remote_url, options.remote_key), options.remote_model)


def _ltx(options: EngineOptions, device: torch.device) -> Engine:
    _hush()
    from generation.joint.adapters import configured  # noqa: PLC0415 - as in _best
    from generation.joint.ltx import LtxEngine  # noqa: PLC0415 - the same

    loras = configured(options.ltx_loras, options.ltx_id_lora, options.ltx_sheet_lora)
    engine = LtxEngine.load(options.ltx_weights, device, allowed_gb=options.vram_gb, loras=loras)
    if device.type == "cuda":
        engine.warm_up(*WARM)
    return engine


def _echo(options: EngineOptions, device: torch.device) -> Engine:
    _hush()
    from generation.joint.echo import EchoEngine  # noqa: PLC0415 - as in _best

    engine = EchoEngine.load(
        options.echo_weights, device, noncommercial=options.accept_noncommercial, allowed_gb=options.vram_gb
    )
    if device.type == "cuda":
        engine.warm_up(*WARM)
    return engine


def _needed(accelerator: torch.device | None, engine: str) -> torch.device:
    if accelerator is None:
        message = f"the engine {engine!r} needs a CUDA GPU and there is none: set CASTMATE_ENGINE=portrait or auto"
        raise EngineUnavailable("start", message)
    return accelerator


def _hush() -> None:
    """Diffusers warns of names that torchao has moved; only quantised files on disk would need them."""
    logging.getLogger(_TORCHAO_LOG).setLevel(logging.ERROR)
