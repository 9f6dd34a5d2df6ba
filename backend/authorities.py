"""A child-safety case for the authorities' reporting form: everything kept of it as one ZIP, and a note of who took it.

What the forms ask for (18 U.S.C. 2258A; DSA, article 18): what was found and when, whose account it was and how it was
used, the files with their hashes, and what was done. Nothing biometric is in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend import ids, moderating
from backend.media import Media
from social import accounts
from social.errors import InvalidValue
from social.moderation import cases, chain, dossiers, events, evidence, suspects
from social.moderation.errors import CaseUnknown, SeniorNeeded
from social.moderation.evidence import Evidence
from social.moderation.reasons import Subject

STAFF: Final = ("senior", "operator")
READ_ME: Final = """\
report.json   the case: reports, what was done, the account, the evidence as it was when it was reported
evidence/     the files that were kept, by evidence and kind; their SHA-256 stand in report.json
Copy what the form asks for; keep this file and its SHA-256 with the receipt.
"""


class Taken(msgspec.Struct, frozen=True):
    files: int
    size: int
    sha256: str


async def take_out(pool: asyncpg.Pool, media: Media, report: str, by: str, out: Path) -> Taken:
    """Written at once or not at all, readable by its owner alone.

    `report`: public id of a report of the case; its evidence is held from now on. `by`: handle of a senior or operator.
    Raises CaseUnknown, SeniorNeeded, AccountUnknown, FileExistsError, or InvalidValue where the case is another one.
    """
    key = ids.parse("rep", report)
    if key is None:
        raise CaseUnknown(report)
    if await asyncio.to_thread(out.exists):
        raise FileExistsError(f"{out} exists; name a new file")
    async with pool.acquire() as conn, conn.transaction():
        staff = await accounts.named(conn, by.removeprefix("@"))
        account = await accounts.by_id(conn, staff)
        if account is None or account.role not in STAFF:
            raise SeniorNeeded("member" if account is None else account.role)
        kind, subject = await cases.of_report(conn, key, report)
        told = await _told(conn, report, kind, subject, by)
        await moderating.hold(conn, kind, subject, held=True, by=staff)
        kept = await evidence.of(conn, kind, subject)
        files = {one.id: await evidence.files(conn, one.id) for one in kept}
    partial = out.with_name(f".{out.name}.partial")
    listed: list[dict[str, Any]] = []
    try:
        with (
            os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw,
            zipfile.ZipFile(raw, "w") as packed,
        ):
            packed.writestr("READ ME.txt", READ_ME)
            for one in kept:
                for variant, stored in files[one.id].items():
                    name = f"evidence/{one.id.hex}/{variant}{PurePath(stored.key).suffix}"
                    try:
                        content = await media.get(stored.key)
                    except FileNotFoundError:
                        listed.append({"file": None, "kept_as": name, "sha256": stored.sha256, "lost": True})
                        continue
                    packed.writestr(name, content)
                    found = hashlib.sha256(content).hexdigest()
                    same = {"size": len(content), "media_type": stored.media_type, "intact": found == stored.sha256}
                    listed.append({"file": name, "sha256": found} | same)
            told |= {"files": listed}
            packed.writestr("report.json", msgspec.json.format(msgspec.json.encode(told), indent=2))
        size, sha256 = await asyncio.to_thread(_measured, partial)
        async with pool.acquire() as conn, conn.transaction():
            detail = {"report": report, "sha256": sha256, "files": len(listed)}
            await chain.note(conn, staff, "taken_out", kind, subject, detail)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return Taken(len(listed), size, sha256)


async def _told(conn: asyncpg.Connection, report: str, kind: Subject, subject: UUID, by: str) -> dict[str, Any]:
    """Raises InvalidValue where nobody reported it for child safety."""
    filed = await dossiers.filed(conn, kind, subject)
    if not any(one.reason == "child_safety" for one in filed):
        reasons = ", ".join(sorted({one.reason for one in filed}))
        raise InvalidValue("case", f"{report}: {reasons}", "a case that was reported for child safety")
    kept = await evidence.of(conn, kind, subject)
    author = next((one.author for one in kept if one.author is not None), None)
    person = None if author is None else await suspects.of(conn, author)
    case = await cases.find(conn, kind, subject)
    return {
        "made_at": datetime.now(UTC),
        "made_by": by,
        "subject": moderating.subject(kind, subject),
        "found_at": min(one.created_at for one in filed),
        "case": None if case is None else {"state": case.state, "queue": case.queue, "decision": case.decision},
        "reports": [
            {"id": ids.public("rep", one.id), "by": one.handle, "reason": one.reason, "words": one.comment}
            | {"at_s": one.at_s, "source": one.source, "at": one.created_at}
            for one in filed
        ],
        "account": None if person is None else msgspec.to_builtins(person) | {"id": ids.public("acct", person.id)},
        "account_gone": author is not None and person is None,
        "done": [
            {"what": one.kind, "by": one.by, "at": one.at, "detail": one.detail}
            for one in reversed(await events.of(conn, kind, subject))
        ],
        "evidence": [_shown(one) for one in kept],
    }


def _shown(one: Evidence) -> dict[str, Any]:
    return {
        "id": one.id.hex,
        "taken_at": one.at,
        "sha256": one.sha256.hex(),
        "keep_until": one.keep_until,
        "snapshot": one.snapshot,
    }


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
