"""Which engine an operator configured, and what a maker may ask of it. Torch-free: the web process reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from generation.languages import SPOKEN

_LTX_SPEAKS: Final = ("en", "de", "es", "fr", "ja", "ko", "zh", "it", "pt")  # the model's card


class EngineOptions(msgspec.Struct, frozen=True):
    """What an operator configured; README lists the variables."""

    engine: str = "auto"
    ltx_weights: Path | None = None
    ltx_loras: str = ""  # "FILE[:SCALE],FILE[:SCALE]"
    ltx_id_lora: Path | None = None
    ltx_sheet_lora: Path | None = None
    echo_weights: Path | None = None
    accept_noncommercial: bool = False
    vram_gb: float | None = None
    remote_url: str | None = None  # ends before /videos
    remote_key: str | None = None
    remote_model: str = "default"  # the server's name for what it runs


class Abilities(msgspec.Struct, frozen=True):
    """What an engine can be asked for."""

    languages: tuple[str, ...]  # BCP 47 of lines
    scene: bool  # a picture that becomes the set
    recordings: bool  # that drive a line
    needs_first: bool  # goes on from `Given.first` where a clip was begun, not from its screenplay alone


ABILITIES: Final[Mapping[str, Abilities]] = {
    "portrait": Abilities(SPOKEN, scene=True, recordings=True, needs_first=False),
    "ltx": Abilities(_LTX_SPEAKS, scene=True, recordings=False, needs_first=True),
    "echo": Abilities(("en", "zh"), scene=False, recordings=False, needs_first=True),
    "remote": Abilities(_LTX_SPEAKS, scene=True, recordings=False, needs_first=True),
}


def abilities_of(options: EngineOptions) -> Abilities:
    """Of the engine that is named; with `auto`, whatever one of those can do that these settings make possible.

    Which of them runs only a worker knows, so with `auto` a clip may be queued that its engine then refuses. A name
    that no engine has stops the worker.
    """
    if options.engine != "auto":
        return ABILITIES.get(options.engine, ABILITIES["portrait"])
    possible = [ABILITIES["remote" if options.remote_url else "portrait"]]
    if options.ltx_weights is not None:
        possible.append(ABILITIES["ltx"])
    if options.echo_weights is not None and options.accept_noncommercial:
        possible.append(ABILITIES["echo"])
    return Abilities(
        tuple(dict.fromkeys(language for one in possible for language in one.languages)),
        scene=any(one.scene for one in possible),
        recordings=any(one.recordings for one in possible),
        needs_first=any(one.needs_first for one in possible),
    )
