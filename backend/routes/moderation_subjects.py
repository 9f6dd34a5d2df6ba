"""One subject in one call: what was reported, what was kept of it, what happened, who made it and what can be done."""

from __future__ import annotations

from typing import Any, Final, get_args
from uuid import UUID

import asyncpg
import msgspec
from litestar import HttpMethod, Request, Response, get, put, route
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend import auth, ids, moderating, staff_shapes
from backend.auth import Viewer
from backend.byte_ranges import respond
from backend.media import Media
from backend.media_links import MediaLinks
from backend.routes.reports import subject_of
from social import clips
from social.moderation import cases, dossiers, events, evidence
from social.moderation.errors import CaseUnknown, EvidenceUnknown
from social.moderation.reasons import Reason, Subject
from social.moderation.rulings import ALLOWED, Decision
from social.moderation.templates import TEMPLATES

KEYS: Final[dict[Decision, str]] = {
    "dismiss": "d",
    "label": "l",
    "age_restrict": "a",
    "limit_reach": "m",
    "disable_remix": "x",
    "remove": "r",
    "revoke_character": "c",
    "warn": "w",
    "strike": "s",
    "suspend": "u",
    "ban": "b",
    "escalate": "e",
}
"""One key each, so that a case is decided without a mouse."""
SHOWN: Final = 3  # snapshots, the newest


class Hold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    legal_hold: bool


@get("/moderation/subjects/{kind:str}/{subject_id:str}")
async def one(
    kind: FromPath[str],
    subject_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    media_links: NamedDependency[MediaLinks],
) -> dict[str, Any]:
    """Pictures are blurred until they are opened. `media`: the clip itself, while it is there and not removed."""
    auth.need_staff(viewer)
    what, key = subject_of(kind, subject_id)
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        case = await _case(conn, viewer, what, key, subject_id)
        kept = (await evidence.of(conn, what, key))[:SHOWN]
        files = {one.id: await evidence.files(conn, one.id) for one in kept}
        author = kept[0].author if kept else (key if what == "account" else None)
        record = None if author is None else await dossiers.record(conn, author)
        clip = await clips.by_id(conn, key) if what == "clip" else None
        made = {
            "reports": [staff_shapes.report(row) for row in await dossiers.filed(conn, what, key)],
            "history": [staff_shapes.event(row) for row in await events.of(conn, what, key)],
            "measures": [staff_shapes.measure(row) for row in await dossiers.standing(conn, what, key)],
            "lineage": [staff_shapes.node(row) for row in await dossiers.lineage(conn, key)] if what == "clip" else [],
            "copies": [ids.public("video", copy) for copy in await cases.copies(conn, key)] if what == "clip" else [],
        }
    words = {one.id: await _transcript(media, files[one.id]) for one in kept}
    there = clip is not None and clip.status == "completed" and clip.removed_at is None
    return {
        "object": "moderation.subject",
        "subject": moderating.subject(what, key),
        "case": staff_shapes.case(case),
        "media": media_links.of(clip, "own") if clip is not None and there else None,
        "evidence": [staff_shapes.evidence(one, files[one.id], words[one.id]) for one in kept],
        "author": None if record is None else staff_shapes.record(record),
        "decisions": [{"decision": one, "key": KEYS[one]} for one in ALLOWED[what]],
        **made,
    }


@put("/moderation/subjects/{kind:str}/{subject_id:str}/legal-hold")
async def hold(
    kind: FromPath[str],
    subject_id: FromPath[str],
    data: JSONBody[Hold],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """Stops the clock of everything kept of this subject, or lets it run again. For seniors."""
    auth.need_role(viewer, "senior", "operator")
    auth.need_fresh(viewer, auth.STAFF_FRESH_SECONDS)
    what, key = subject_of(kind, subject_id)
    async with pool.acquire() as conn, conn.transaction():
        if await cases.find(conn, what, key) is None:
            raise CaseUnknown(subject_id)
        await moderating.hold(conn, what, key, held=data.legal_hold, by=viewer.id)
    return {"subject": moderating.subject(what, key), "legal_hold": data.legal_hold}


@route("/moderation/evidence/{evidence_id:str}/{variant:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def file(
    request: Request[Any, Any, Any],
    evidence_id: FromPath[str],
    variant: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> Response[Any]:
    """A kept file, or `blurred`: a PNG of 36 x 64 pixels in which nothing can be made out. Never cached."""
    auth.need_staff(viewer)
    key = ids.parse("evd", evidence_id)
    async with pool.acquire() as conn:
        kept = None if key is None else await evidence.find(conn, key)
        if kept is None:
            raise EvidenceUnknown(evidence_id)
        await _case(conn, viewer, kept.subject_type, kept.subject, evidence_id)
        files = await evidence.files(conn, kept.id)
    if variant == "blurred" and kept.snapshot.get("blurhash"):
        try:
            picture = staff_shapes.png_of(kept.snapshot["blurhash"])
        except ValueError:  # not one
            raise EvidenceUnknown(evidence_id) from None
        return Response(picture, media_type="image/png", headers={"cache-control": "no-store"})
    if variant not in files:
        raise EvidenceUnknown(evidence_id)
    try:
        found = await media.find(files[variant].key)
    except FileNotFoundError:
        raise EvidenceUnknown(evidence_id) from None
    return respond(request, found, cache="no-store")


@get("/moderation/templates")
async def templates(viewer: NamedDependency[Viewer]) -> dict[str, Any]:
    """Explanations to begin from, by reason."""
    auth.need_staff(viewer)
    listed = [{"reason": reason, **msgspec.structs.asdict(TEMPLATES[reason])} for reason in get_args(Reason)]
    return {"object": "list", "data": listed}


async def _case(conn: asyncpg.Connection, viewer: Viewer, kind: Subject, key: UUID, public_id: str) -> cases.Case:
    """Only what was reported, and what was escalated only to seniors. Raises CaseUnknown or SeniorNeeded."""
    case = await cases.find(conn, kind, key)
    if case is None:
        raise CaseUnknown(public_id)
    cases.need_senior(case, viewer.account.role)
    return case


async def _transcript(media: Media, files: dict[str, Any]) -> str | None:
    """What is said in it, as WebVTT."""
    if "captions" not in files:
        return None
    try:
        return (await media.get(files["captions"].key)).decode()
    except FileNotFoundError:
        return None
