"""What moderators see: cases, evidence without anything biometric, records and figures, by handle and public id."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import blurhash

from backend import moderating
from backend.ids import public
from social.clips import StoredMedia
from social.moderation.appeals import Appeal
from social.moderation.cases import Case
from social.moderation.dossiers import Filed, Measure, Node, Record
from social.moderation.events import Event
from social.moderation.evidence import Evidence
from social.moderation.reports import Report
from social.moderation.statements import Statement

TILES, COLUMNS = 10, 5  # of a sprite sheet (generation.sheet)
FRAMES: Final = (1, 4, 8)  # tiles that are shown one by one
BLURRED: Final = (36, 64)  # pixels


def case(row: Case) -> dict[str, Any]:
    """Named by its gravest report."""
    return {
        "id": public("rep", row.lead),
        "object": "moderation.case",
        "subject": moderating.subject(row.subject_type, row.subject),
        "reason": row.reason,
        "queue": row.queue,
        "state": "claimed" if row.state == "open" and row.claimed_by is not None else row.state,
        "priority": round(row.priority, 4),
        "reports": row.reports,
        "trusted": row.trusted,
        "due_at": row.due_at,
        "opened_at": row.opened_at,
        "claimed_by": row.claimed_handle,
        "lease_until": row.lease_until,
        "decision": row.decision,
        "event": None if row.decided_event is None else public("mev", row.decided_event),
        "decided_at": row.decided_at,
        "appeals": row.appeals,
    }


def report(row: Filed) -> dict[str, Any]:
    return {
        "id": public("rep", row.id),
        "by": row.handle,
        "trust": row.trust,
        "source": row.source,
        "reason": row.reason,
        "comment": row.comment,
        "at_s": row.at_s,
        "state": row.state,
        "outcome": row.outcome,
        "created_at": row.created_at,
    }


def filed(row: Report) -> dict[str, Any]:
    """As its reporter sees it."""
    return {
        "id": public("rep", row.id),
        "object": "report",
        "subject": moderating.subject(row.subject_type, row.subject),
        "reason": row.reason,
        "comment": row.comment,
        "at_s": row.at_s,
        "state": row.state,
        "outcome": row.outcome,
        "decision": row.decision if row.outcome == "upheld" else None,
        "decided_at": row.decided_at,
        "created_at": row.created_at,
    }


def event(row: Event) -> dict[str, Any]:
    """`by` None: the machine, or an account that is gone."""
    return {"id": public("mev", row.id), "kind": row.kind, "by": row.by, "detail": row.detail, "at": row.at}


def node(row: Node) -> dict[str, Any]:
    return {
        "id": public("video", row.clip),
        "parent": None if row.parent is None else public("video", row.parent),
        "depth": row.depth,
        "maker": row.handle,
        "state": row.state,
    }


def measure(row: Measure) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "event": public("mev", row.event),
        "detail": row.detail,
        "until": row.until,
        "since": row.at,
    }


def record(row: Record) -> dict[str, Any]:
    return {
        "id": public("acct", row.id),
        "handle": row.handle,
        "display_name": row.display_name,
        "created_at": row.created_at,
        "is_young": row.is_young,
        "suspended": row.suspended,
        "suspended_until": row.suspended_until,
        "strikes": row.strikes,
        "reports": row.reports,
        "upheld": row.upheld,
        "past": [
            {
                "event": public("mev", one.event),
                "subject": moderating.subject(one.subject_type, one.subject),
                "decision": one.decision,
                "policy": one.policy,
                "overturned": one.overturned,
                "at": one.at,
            }
            for one in row.past
        ],
    }


def evidence(row: Evidence, files: Mapping[str, StoredMedia], transcript: str | None) -> dict[str, Any]:
    """`blurred` is what to show first; the other files open on purpose. Frames are parts of the sprite sheet, 0..1."""
    at = f"/v1/moderation/evidence/{public('evd', row.id)}"
    return {
        "id": public("evd", row.id),
        "taken_at": row.at,
        "keep_until": row.keep_until,
        "legal_hold": row.legal_hold,
        "sha256": row.sha256.hex(),
        "snapshot": _snapshot(row.snapshot),
        "hashes": {name: one["sha256"] for name, one in (row.snapshot.get("media") or {}).items()},
        "blurred": f"{at}/blurred" if row.snapshot.get("blurhash") else None,
        "files": {name: f"{at}/{name}" for name in sorted(files)},
        "frames": _frames(row, f"{at}/spritesheet") if "spritesheet" in files else [],
        "transcript": transcript,
    }


def _frames(row: Evidence, sheet: str) -> list[dict[str, Any]]:
    seconds, rows = float(row.snapshot.get("seconds") or 0), TILES // COLUMNS
    return [
        {
            "file": sheet,
            "at_s": round((tile + 0.5) / TILES * seconds, 2),
            "x": tile % COLUMNS / COLUMNS,
            "y": tile // COLUMNS / rows,
            "width": 1 / COLUMNS,
            "height": 1 / rows,
        }
        for tile in FRAMES
    ]


def _snapshot(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of rows as public ids; where files lie in the store is nobody's business."""
    named = {"parent": "video", "root": "video", "clip": "video", "author": "acct", "reply_to": "cmt", "thread": "thr"}
    told = {name: value for name, value in kept.items() if name not in {"media", "cast"}}
    for name, prefix in named.items():
        if told.get(name):
            told[name] = f"{prefix}_{UUID(told[name]).hex}"
    if "cast" in kept:
        told["cast"] = [
            {name: value for name, value in one.items() if name != "owner"}
            | {"character": public("char", UUID(one["character"])), "owner": one["owner_handle"]}
            for one in kept["cast"]
        ]
    return told


def appeal(row: Appeal) -> dict[str, Any]:
    return {
        "id": public("apl", row.id),
        "object": "appeal",
        "subject": moderating.subject(row.subject_type, row.subject),
        "event": public("mev", row.event),
        "decision": row.decision,
        "side": row.side,
        "words": row.words,
        "outcome": row.outcome,
        "answer": row.answer,
        "created_at": row.created_at,
        "decided_at": row.decided_at,
    }


def statement(row: Statement) -> dict[str, Any]:
    """The fields of the DSA's transparency database, and whom and what they are about."""
    return {
        "id": public("stm", row.id),
        "object": "statement_of_reasons",
        "subject": moderating.subject(row.subject_type, row.subject),
        "created_at": row.at,
        "statement": row.body,
    }


def png_of(words: str) -> bytes:
    """A blurhash as a small PNG, so that no moderator meets the picture unasked."""
    width, height = BLURRED
    pixels: Sequence[Sequence[Sequence[float]]] = blurhash.decode(words, width, height)
    lines = b"".join(b"\0" + bytes(round(value) for pixel in line for value in pixel) for line in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
