"""Model weights on this machine: a folder the operator names, or the hub's cache. Nothing is ever downloaded here.

A folder is looked through before anything is loaded from it: every part of the pipeline, every shard of its index, and
of every file as many bytes as its own header promises, so that a download that broke off is told apart from a model.
"""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any, Final

import msgspec
from huggingface_hub import snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError

from generation.errors import EngineUnavailable

_NO_WEIGHTS: Final = frozenset(("tokenizer", "scheduler", "audio_scheduler", "processor", "guider", "video_processor"))
_INDEXES: Final = ("model_index.json", "modular_model_index.json")


class Source(msgspec.Struct, frozen=True):
    """Where an engine's weights come from, and the variable that names a folder of them."""

    engine: str
    repo: str
    variable: str

    @property
    def command(self) -> str:
        """What an operator runs to have them."""
        return f"hf download {self.repo} --local-dir DIR, then {self.variable}=DIR"


def locate(source: Source, folder: Path | None) -> Path | None:
    """A complete folder of weights: the one that is named, else the hub's cached snapshot, else None.

    Raises EngineUnavailable where a folder is named, or a snapshot begun, and something of it is missing.
    """
    if folder is None:
        try:
            folder = Path(snapshot_download(source.repo, local_files_only=True))
        except LocalEntryNotFoundError:
            return None
    if (broken := fault_in(folder)) is not None:
        raise EngineUnavailable("start", f"the weights of {source.engine} are not whole: {broken}. {source.command}")
    return folder


def required(source: Source, folder: Path | None) -> Path:
    """As `locate`; raises EngineUnavailable where there are none."""
    found = locate(source, folder)
    if found is None:
        message = f"the engine {source.engine!r} has no weights here: {source.command}"
        raise EngineUnavailable("start", message)
    return found


def fault_in(folder: Path) -> str | None:
    """What is wrong with a saved pipeline, in words; None for a whole one."""
    if not folder.is_dir():
        return f"{folder} is not a folder"
    index = next((folder / name for name in _INDEXES if (folder / name).is_file()), None)
    if index is None:
        return f"{folder} has no {_INDEXES[0]}"
    try:
        parts = json.loads(index.read_bytes())
    except ValueError:
        return f"{index} is not JSON"
    for name, what in parts.items():
        if name.startswith("_") or not isinstance(what, list) or what[:2] == [None, None]:
            continue
        if (fault := _fault_of_part(folder / name, weightless=name in _NO_WEIGHTS)) is not None:
            return fault
    return None


def fingerprint(folder: Path) -> str:
    """Twelve hex digits that change with the model: from its settings and the heads of its files."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".json" and file.name not in _INDEXES:
            digest.update(file.read_bytes())
        elif file.suffix == ".safetensors":
            digest.update(f"{file.relative_to(folder)}:{file.stat().st_size}".encode())
            digest.update(header_of(file))
    return digest.hexdigest()[:12]


def _fault_of_part(part: Path, *, weightless: bool) -> str | None:
    if not part.is_dir() or not any(part.iterdir()):
        return f"{part} is missing"
    if weightless:
        return None
    indexes = list(part.glob("*.safetensors.index.json"))
    if indexes:
        try:
            shards = set(json.loads(indexes[0].read_bytes())["weight_map"].values())
        except (ValueError, KeyError):
            return f"{indexes[0]} is not an index"
    else:
        shards = {file.name for file in part.glob("*.safetensors")}
    if not shards:
        return f"{part} holds no .safetensors"
    return next((fault for shard in sorted(shards) if (fault := _fault_of_file(part / shard)) is not None), None)


def _fault_of_file(file: Path) -> str | None:
    if not file.is_file():
        return f"{file} is missing"
    try:
        header: dict[str, Any] = json.loads(header_of(file))
        promised = (
            8
            + len(header_of(file))
            + max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
        )
    except (ValueError, KeyError, struct.error):
        return f"{file} is not a safetensors file"
    there = file.stat().st_size
    return None if there == promised else f"{file} has {there:,} of {promised:,} bytes"


def header_of(file: Path) -> bytes:
    """The JSON at the head of a safetensors file. Raises struct.error for a file too short to have one."""
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        return opened.read(min(length, 100_000_000))
