"""Content Credentials (C2PA 2.1) of finished MP4 files: signed last, read back, tampering noticed. All offline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from c2pa import Builder, C2paError, C2paSignerInfo, Context, Reader, Signer

MP4: Final = "video/mp4"
SOURCES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TITLE: Final = "Castmate clip"
PARENT: Final = "playback"
MARK: Final = "org.castmate.mark"  # our own assertion: the number of the invisible mark
SourceType = Literal["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"]
State = Literal["Trusted", "Valid", "Invalid", "None"]


class Chain(msgspec.Struct, frozen=True):
    """PEM texts of one instance. `chain`: its certificate first, the root last."""

    chain: str
    key: str
    root: str


class Claims(msgspec.Struct, frozen=True):
    """What a file says of itself for good: no prompt and no name."""

    model: str  # the engine
    source: SourceType
    mark: int
    maker: str = ""  # a handle, where the file shows it anyway


class Credentials(msgspec.Struct, frozen=True):
    """`state` Trusted: ours and intact; Valid: intact, but of somebody else; None: there are none."""

    state: State
    failures: tuple[str, ...] = ()  # such as assertion.bmffHash.mismatch
    generator: str = ""
    source: str = ""
    ingredients: int = 0
    mark: int | None = None


def sign(chain: Chain, file: Path, target: Path, claims: Claims, parents: Sequence[Path] = ()) -> None:
    """A signed copy of an MP4; what is at its front stays there. Sign last: any later change breaks the seal.

    `parents`: the files that it was made from, the nearest first. Blocks, some 20 ms for a clip.
    """
    created = {
        "action": "c2pa.created",
        "digitalSourceType": SOURCES + claims.source,
        "softwareAgent": {"name": claims.model},
    }
    used = [({"title": TITLE, "relationship": "inputTo"}, parent) for parent in parents]
    _signed(chain, file, target, claims, [created], used)


def sign_edited(chain: Chain, file: Path, target: Path, claims: Claims, parent: Path) -> None:
    """The same for a file that shows what `parent` shows, with the visible mark in its pictures."""
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
    edited = {
        "action": "c2pa.edited",
        "digitalSourceType": SOURCES + claims.source,
        "softwareAgent": {"name": claims.model},
        "description": "The maker's name as a visible mark",
    }
    used = [({"title": TITLE, "relationship": "parentOf", "label": PARENT}, parent)]
    _signed(chain, file, target, claims, [opened, edited], used)


def _signed(
    chain: Chain,
    file: Path,
    target: Path,
    claims: Claims,
    actions: list[dict[str, Any]],
    used: Sequence[tuple[dict[str, str], Path]],
) -> None:
    said: dict[str, Any] = {"mark": f"{claims.mark:012x}"}
    if claims.maker:
        said["maker"] = claims.maker
    manifest = {
        "claim_generator_info": [{"name": "castmate", "version": "1"}],
        "title": TITLE,
        "format": MP4,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": MARK, "data": said},
        ],
    }
    info = C2paSignerInfo(alg=b"es256", sign_cert=chain.chain.encode(), private_key=chain.key.encode(), ta_url=None)
    with (
        Signer.from_info(info) as signer,
        Builder(manifest, context=Context.from_dict(_settings(chain.root))) as builder,
        file.open("rb") as plain,
        target.open("w+b") as signed,
    ):
        for ingredient, source in used:
            with source.open("rb") as content:
                builder.add_ingredient(ingredient, MP4, content)
        builder.sign(signer, MP4, plain, signed)


def read(file: Path, root: str) -> Credentials:
    """What stands in any file; one that cannot be read has none."""
    try:
        with file.open("rb") as content:
            reader = Reader.try_create(MP4, content, context=Context.from_dict(_settings(root)))
            if reader is None:
                return Credentials("None")
            with reader:
                report = json.loads(reader.json())
                state: State = reader.get_validation_state()
    except C2paError:
        return Credentials("None")
    return _told(report, state)


def _told(report: dict[str, Any], state: State) -> Credentials:
    manifest = report["manifests"][report["active_manifest"]]
    by_label = {one["label"]: one["data"] for one in manifest.get("assertions", ())}
    actions = by_label.get("c2pa.actions.v2", by_label.get("c2pa.actions", {})).get("actions", ())
    source = next((one["digitalSourceType"] for one in actions if "digitalSourceType" in one), "")
    results = report.get("validation_results", {}).get("activeManifest", {})
    said = by_label.get(MARK)
    return Credentials(
        state,
        tuple(str(one["code"]) for one in results.get("failure", ())),
        str((manifest.get("claim_generator_info") or [{}])[0].get("name", "")),
        str(source).rsplit("/", 1)[-1],
        len(manifest.get("ingredients", ())),
        int(said["mark"], 16) if state == "Trusted" and isinstance(said, dict) else None,
    )


def _settings(root: str) -> dict[str, Any]:
    """Whose root counts, and no network."""
    return {
        "trust": {"trust_anchors": root},
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
        "builder": {"thumbnail": {"enabled": False}},
    }
