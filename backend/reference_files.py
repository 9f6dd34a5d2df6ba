"""What the vault holds of one character version, as files that other programs open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import filetype
import msgspec

from generation.perception.references import References


def files_of(plain: Mapping[str, bytes]) -> dict[str, bytes]:
    """Originals as they came, and what was made of them as pictures, sound and JSON, by their names in a folder."""
    files: dict[str, bytes] = {}
    for name, content in plain.items():
        if name == "references":
            made = _parts(msgspec.msgpack.decode(content, type=References))
            files |= {f"references/{part}": value for part, value in made.items()}
        elif name != "identity":  # among the references too
            kind = filetype.guess_extension(content) or "bin"
            files[f"originals/{name}.{kind}"] = content
    return files


def _parts(references: References) -> dict[str, bytes]:
    """Pictures, sounds and numbers; the figures of all of them as JSON."""
    parts: dict[str, bytes] = {}
    figures: dict[str, Any] = {"measured_with": references.measured_with}
    for group in ("face", "figure", "voice"):
        held = getattr(references, group)
        if held is None:
            continue
        rest: dict[str, Any] = {}
        for name, value in msgspec.structs.asdict(held).items():
            if not isinstance(value, bytes):
                rest[name] = value
            elif name.endswith(("_png", "_wav")):
                if value:
                    parts[f"{group}_{name[:-4]}.{name[-3:]}"] = value
            elif value:
                rest[name] = memoryview(value).cast("f").tolist()
        figures[group] = rest
    parts["figures.json"] = msgspec.json.format(msgspec.json.encode(figures))
    return parts
