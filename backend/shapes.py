"""Rows to the objects of the API: what clients see, all keys always present."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response

from backend import credit_line
from backend.conditional import CACHE, holds, tag_of
from backend.ids import public
from backend.media_links import MediaLinks
from character_store.characters import Character
from character_store.requests import Publication
from character_store.uses import Use
from social.accounts import Account
from social.clips import Clip
from social.people import Person
from social.quota import Quota

SPEAKERS_MEASURES: Final = ("face_distance", "face_worst", "face_found")  # of a report: by speaker


def account(row: Account) -> dict[str, Any]:
    return {
        "id": public("acct", row.id),
        "handle": row.handle,
        "display_name": row.display_name,
        "created_at": row.created_at,
        "role": row.role,
    }


def person(row: Person) -> dict[str, Any]:
    """Whether they block the viewer is not told."""
    return {
        "id": public("acct", row.id),
        "object": "account",
        "handle": row.handle,
        "display_name": row.display_name,
        "follows_you": row.follows_you,
        "you_follow": row.you_follow,
        "friends": row.friends,
        "blocked_by_you": row.blocked_by_you,
        "muted_by_you": row.muted_by_you,
    }


def character(row: Character, destroyed_at: datetime | None = None) -> dict[str, Any]:
    """For its owner."""
    return castable(row) | {
        "rights": row.rights,
        "approve_clips": row.approve_clips,
        "consent_id": None if row.consent is None else public("cons", row.consent),
        "refusal": row.refusal,
        "pending": row.pending,
        "measured": row.figures or {},
        "last_used_at": row.last_used_at,
        "expires_at": row.expires_at,
        "destruction": None if row.left_at is None else destruction(row, destroyed_at),
    }


def castable(row: Character) -> dict[str, Any]:
    """For whoever may cast it."""
    return {
        "id": public("char", row.id),
        "object": "character",
        "kind": row.kind,
        "name": row.name,
        "handle": row.handle,
        "owner": row.owner_handle,
        "version": row.version,
        "audience": row.audience,
        "height_cm": row.height_cm,
        "build": row.build,
        "preferences": row.preferences,
        "restrictions": row.restrictions,
        "archive": row.rights is not None,
        "state": row.state,
        "refusal": None,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
    }


def destruction(row: Character, destroyed_at: datetime | None) -> dict[str, Any]:
    """What is gone since when; null = not yet."""
    return {
        "because": row.left_because,
        "key_destroyed_at": destroyed_at,
        "bytes_swept_at": row.swept_at,
        "backups_unreadable_at": row.backups_mute_at,
    }


def video(
    row: Clip, cast: Sequence[Use], publication: Publication | None = None, parent: str | None = None
) -> dict[str, Any]:
    """The SDKs' Video object (times in Unix seconds) and our own fields beside it. `parent`: its maker's handle."""
    members = [
        {
            "character": public("char", use.character),
            "handle": use.handle,
            "name": use.name,
            "speaker": use.speaker,
            "archive": use.archive,
        }
        for use in cast
    ]
    return {
        "id": public("video", row.id),
        "object": "video",
        "model": row.model,
        "status": row.status,
        "progress": row.progress,
        "created_at": int(row.created_at.timestamp()),
        "completed_at": int(row.completed_at.timestamp()) if row.completed_at and row.status == "completed" else None,
        "expires_at": int(row.expires_at.timestamp()) if row.expires_at else None,
        "prompt": row.prompt,
        "size": row.size,
        "seconds": row.seconds,
        "remixed_from_video_id": public("video", row.remixed_from) if row.remixed_from else None,
        "error": {"code": row.error_code, "message": row.error_message} if row.error_code else None,
        "cast": members,
        "screenplay": row.screenplay,
        "audience": row.audience,
        "caption": row.caption,
        "allow_remix": row.allow_remix,
        "label": row.label,  # a moderator's word beside it
        "allow_sound": row.allow_sound,
        "sound_of_video_id": public("video", row.sound_of) if row.sound_of else None,
        "commenters": row.commenters,
        "published_at": int(row.published_at.timestamp()) if row.published_at else None,
        "publication": publication,
        "identity_report": None if row.identity_report is None else identity_report(row.identity_report, cast),
        "cost": None
        if row.engine_seconds is None
        else {"engine_seconds": row.engine_seconds, "stages": row.stages, "attempts": row.attempts},
        "credits": {
            "maker": row.maker,
            "cast": members,
            "parents": [public("video", row.remixed_from)] if row.remixed_from else [],
            "line": credit_line.line(row.maker, cast, parent),
        },
        "extended_from_s": row.continues.at_s if row.continues else None,
        "engine": row.engine,
        "seed": row.seed,
        "stage": row.stage,
        "shot": row.shot,
    }


def media(row: Clip, cast: Sequence[Use], viewer: UUID, links: MediaLinks) -> dict[str, Any] | None:
    """Where its files are, for this viewer: None while there are none, and where its cast keeps it from others."""
    mine = row.account == viewer or any(use.owner == viewer for use in cast)
    return links.of(row, "own" if mine else "sent" if row.audience == "only_me" else "published")


def identity_report(report: dict[str, Any], cast: Sequence[Use]) -> dict[str, Any]:
    """What was measured of a speaker, under the character's id; a character that is gone takes its figures along."""
    ids = {use.speaker: public("char", use.character) for use in cast}

    def by_character(figures: dict[str, Any]) -> dict[str, Any]:
        return {ids[speaker]: figure for speaker, figure in figures.items() if speaker in ids}

    measures = report["measures"]
    owned = {name: by_character(measures[name]) for name in SPEAKERS_MEASURES if name in measures}
    shown = {"face": by_character(report["face"]), "voice": by_character(report["voice"])}
    return report | shown | {"measures": measures | owned}


def page(items: Sequence[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    return {
        "object": "list",
        "data": items,
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "has_more": has_more,
    }


def quota_headers(left: Quota) -> dict[str, str]:
    """What a request for a clip leaves: the day's clips, and credits beyond them."""
    seconds = max(0, math.ceil((left.resets_at - datetime.now(UTC)).total_seconds()))
    return {
        "castmate-quota-limit": str(left.limit),
        "castmate-quota-remaining": str(left.remaining),
        "castmate-quota-reset": str(seconds),
        "castmate-quota-extra": str(left.extra),
    }


def single(
    request: Request[Any, Any, Any], body: dict[str, Any], headers: dict[str, str] | None = None
) -> Response[bytes]:
    """One object with its ETag (RFC 9110); 304 where the client holds it."""
    content = msgspec.json.encode(body)
    tag = tag_of(content)
    sent = {**(headers or {}), "etag": tag, "cache-control": CACHE}
    if request.method in {"GET", "HEAD"} and holds(request.headers.get("if-none-match", ""), tag):
        return Response(b"", status_code=304, headers=sent, media_type="application/json")
    return Response(content, status_code=200, headers=sent, media_type="application/json")
