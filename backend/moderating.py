"""THE FLOW of moderation: a report taken in, a case decided, an appeal answered, and everybody told.

Its callers open the transactions; the machine itself is the actor None.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend import studio
from backend.ids import Prefix, public
from backend.media import Media
from social import notices, removals
from social.moderation import cases, chain, comebacks, decisions, events, evidence, intake, measures, reviews
from social.moderation.appeals import Appeal, Outcome
from social.moderation.cases import Case
from social.moderation.comebacks import Suspect
from social.moderation.decisions import Ruled
from social.moderation.errors import CaseDecided, LeaseHeld, ModerationError, OwnMatter
from social.moderation.intake import Source
from social.moderation.reasons import Reason, Subject
from social.moderation.reports import Report
from social.moderation.rulings import Ruling
from social.safety import known

NAMED: Final[dict[Subject, tuple[str, Prefix]]] = {
    "clip": ("video", "video"),
    "character": ("character", "char"),
    "account": ("account", "acct"),
    "comment": ("comment", "cmt"),
    "message": ("message", "msg"),
}
"""What each kind of subject is called outside, and the prefix of its ids."""
FELT: Final = frozenset({"label", "age_restrict", "limit_reach", "disable_remix", "remove", "revoke_character"})


class Skipped(msgspec.Struct, frozen=True):
    """A copy that was not decided with the others, and why."""

    clip: UUID
    because: ModerationError


def subject(kind: Subject, key: UUID) -> dict[str, str]:
    """As the API names it."""
    name, prefix = NAMED[kind]
    return {"type": name, "id": public(prefix, key)}


async def open_report(
    conn: asyncpg.Connection,
    reporter: UUID | None,
    kind: Subject,
    key: UUID,
    *,
    reason: Reason,
    comment: str = "",
    at_s: float | None = None,
    source: Source = "member",
    due_at: datetime | None = None,
) -> Report:
    """As `intake.take_in`."""
    return await intake.take_in(
        conn, reporter, kind, key, reason=reason, comment=comment, at_s=at_s, source=source, due_at=due_at
    )


async def look_at(conn: asyncpg.Connection, account: UUID, suspects: Sequence[Suspect]) -> None:
    """A case about somebody who may have been banned before; one report for every new sign, and nothing else."""
    for suspect in suspects:
        if await comebacks.note(conn, account, suspect):
            await open_report(conn, None, "account", account, reason="other", comment=suspect.told, source="system")


async def decide(
    conn: asyncpg.Connection, kind: Subject, key: UUID, ruling: Ruling, by: UUID | None, *, leased: bool = True
) -> Ruled:
    """As `decisions.decide`; who made it, who reported it and who is shown in it are told in the same transaction."""
    ruled = await decisions.decide(conn, kind, key, ruling, by, leased=leased)
    if ruling.decision == "escalate":
        return ruled
    if ruling.decision == "revoke_character" and ruled.author is not None:
        await studio.stop_unconsented(conn, ruled.author)
    about = {"subject": subject(kind, key), "decision": ruling.decision}
    if ruled.statement is not None and ruled.author is not None:
        mine = about | {"statement": public("stm", ruled.statement), "strike": ruling.strike}
        await notices.tell(conn, ruled.author, "moderated", mine)
    if ruling.decision in FELT:
        for one in ruled.shown:
            await notices.tell(conn, one, "use_moderated", about)
    outcome = "dismissed" if ruling.decision == "dismiss" else "upheld"
    for report, reporter in ruled.reports:
        if reporter is not None:
            theirs = about | {"report": public("rep", report), "outcome": outcome}
            await notices.tell(conn, reporter, "report_decided", theirs)
    return ruled


async def decide_copies(
    conn: asyncpg.Connection, clip: UUID, ruling: Ruling, by: UUID, reason: Reason
) -> tuple[list[Ruled], list[Skipped]]:
    """The same about every other clip with the very same file. A strike is given once to each maker.

    What others look at now, and one's own, is left to them; what is decided so already, as it is. They are locked
    (`cases.lock_with_copies`).
    """
    ruled: list[Ruled] = []
    skipped: list[Skipped] = []
    struck: set[UUID | None] = {(await cases.people(conn, await cases.lock(conn, "clip", clip)))[0]}
    for copy in await cases.copies(conn, clip):
        try:
            async with conn.transaction():
                case = await cases.find(conn, "clip", copy)
                if case is not None and case.state == "decided" and case.decision == ruling.decision:
                    continue
                if case is None or case.state != "open":
                    await open_report(conn, None, "clip", copy, reason=reason, source="system")
                author, _ = await cases.people(conn, await cases.lock(conn, "clip", copy))
                lighter = msgspec.structs.replace(ruling, strike=ruling.strike and author not in struck)
                ruled.append(await decide(conn, "clip", copy, lighter, by, leased=False))
                struck.add(author)
        except (OwnMatter, LeaseHeld, CaseDecided) as refusal:
            skipped.append(Skipped(copy, refusal))
    return ruled, skipped


async def report_alike(conn: asyncpg.Connection, clip: UUID, reason: Reason) -> None:
    """A case about every clip that looks like one just removed for good cause; a grave reason hides it at once.

    What a moderator has decided stays, and what waits for the same reason waits on. They are locked
    (`cases.lock_with_copies`).
    """
    if not await known.is_known(conn, clip):
        return
    for other in await known.lookalikes(conn, clip):
        case = await cases.find(conn, "clip", other)
        if case is None or (case.state == "open" and case.reason != reason):
            await open_report(conn, None, "clip", other, reason=reason, source="system")


async def close_appeal(
    conn: asyncpg.Connection, appeal: UUID | None, public_id: str, by: UUID, role: str, outcome: Outcome, answer: str
) -> Appeal:
    """As `reviews.close_appeal`; whoever asked is told the answer, and where it changed something, the others that."""
    reviewed = await reviews.close_appeal(conn, appeal, public_id, by, role, outcome, answer)
    done = reviewed.appeal
    about: dict[str, Any] = {"subject": subject(done.subject_type, done.subject), "outcome": outcome}
    answered = about | {"appeal": public("apl", done.id), "answer": done.answer}
    if done.appellant is not None:
        await notices.tell(conn, done.appellant, "appeal_decided", answered)
    for report, reporter in reviewed.reporters:
        theirs = {"subject": about["subject"], "decision": "overturned", "report": public("rep", report)}
        await notices.tell(conn, reporter, "report_decided", theirs | {"outcome": "dismissed"})
    return done


async def hold(conn: asyncpg.Connection, kind: Subject, key: UUID, *, held: bool, by: UUID) -> Case:
    """A legal hold on all evidence of a subject, or its end. Raises CaseUnknown."""
    case = await cases.lock(conn, kind, key)
    await evidence.hold(conn, kind, key, held=held)
    await chain.note(conn, by, "held" if held else "unheld", kind, key, {})
    return case


async def restore_account(conn: asyncpg.Connection, account: UUID) -> None:
    """Whoever runs this place takes every suspension by moderators back."""
    await events.lock(conn, "account", account)
    event = await events.note(conn, "account", account, "restored", None, {})
    await measures.lift_suspensions(conn, account, event)
    await chain.note(conn, None, "restored", "account", account, {"event": str(event)})


async def sweep(pool: asyncpg.Pool, media: Media) -> None:
    """What time does: suspensions end, removed clips and old evidence lose their files."""
    keys: list[str] = []
    async with pool.acquire() as conn, conn.transaction():
        await measures.end_suspensions(conn)
        keys += await evidence.expire(conn)
        keys += _media(await removals.take_down(conn, await measures.over(conn), None, "moderation_final"))
    if keys:
        await studio.sweep(pool, media, keys)


def _media(gone: Sequence[removals.TakenDown]) -> list[str]:
    return [key for one in gone for key in one.media]
