"""THE FLOW of a clip across the libraries: asked for, finished, ended. Its transactions open here.

What happens between asking and finishing is `shoot`. Whatever ends a clip first counts: every change of state is one
conditional UPDATE.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend import given, idempotency, jobs, reworking, sounding
from backend.events import Progress, tell
from backend.given import Parcel
from backend.idempotency import Attempt
from backend.ids import public
from backend.media import Media
from backend.planning import ClipOrder, cast_of, need_fit_prompt, need_fit_screenplay, seed_of
from character_store import characters, clip_vault, grants, requests, uses
from character_store.characters import Character
from generation.captions_file import Caption
from generation.report import Report
from social import clips, comments, guardians, notices, provenance, publication, removals, sounds, suggestions
from social.accounts import Account
from social.clips import Clip, StageTime, StoredMedia
from social.comments import Comment
from social.errors import ClipEnded, ClipUnknown
from social.safety import known

Along = Callable[[asyncpg.Connection, UUID], Awaitable[None]]
WITHDRAWN: Final = "a person in it does not allow it any more"


class Rushes(msgspec.Struct, frozen=True):
    """What came back: finished files in `folder` of the order."""

    files: dict[str, Path]  # variant -> file
    engine: dict[str, Any]  # name, version, fallbacks
    stages: list[StageTime]  # in the order they began
    engine_seconds: float
    blurhash: str
    captions: tuple[Caption, ...] = ()  # by speaker: where to listen for whom
    prints: tuple[str, ...] = ()  # what its pictures look like (generation.prints)
    nudity: float = 0.0  # of the worst picture looked at, 0..1


async def request_clip(
    pool: asyncpg.Pool,
    maker: Account,
    order: ClipOrder,
    attempt: Attempt,
    daily_clips: int,
    parcel: Parcel | None = None,
    along: Along | None = None,
) -> UUID:
    """Permission, then debit + clip + uses + notices + job in ONE transaction; the new clip's id, or its twin's.

    `parcel` holds the files of `order.given`; `along` is done with a new clip in the same transaction. Raises
    CharacterUnknown, CastRefused, SentinelBlock, QuotaSpent, IdempotencyMismatch, what `given.attach` and `along`
    raise, and for a remix ClipUnknown, ClipNotReady or RemixOff; what `reworking.plan` raises for what no engine could
    make of it. Then nothing is stored or charged.
    """
    account = maker.id
    async with pool.acquire() as conn, conn.transaction():
        if (twin := await idempotency.recall(conn, account, attempt)) is not None:
            return twin
        parent = comment = None
        if order.suggestion is not None:
            comment = await comments.find(conn, account, order.suggestion, public("cmt", order.suggestion))
        if order.remixed_from is not None:
            parent = await publication.remixable(conn, account, order.remixed_from, public("video", order.remixed_from))
        cast = await cast_of(conn, account, order)
        await need_fit_prompt(conn, maker, order, cast)
        affected = [*(character.id for character in cast), *await sounding.voices(conn, order, parent)]
        await characters.lock(conn, affected)  # before the quota, as their owners do
        seed = seed_of(order)
        plan = await reworking.plan(conn, account, order, cast, seed, parent)
        await need_fit_screenplay(conn, maker, order, plan.cast, plan.screenplay)
        clip = await clips.create(
            conn,
            account,
            prompt=order.prompt,
            model=order.model,
            size=order.size,
            seconds=plan.seconds,
            seed=seed,
            debit=await guardians.debit(conn, account, daily_clips),
            remixed_from=order.remixed_from,
            continues=plan.continues,
        )
        if order.screenplay or order.rework or not order.given.performances:  # else its lines are heard first
            await clips.keep_screenplay(conn, clip, msgspec.to_builtins(plan.screenplay))
        await uses.record(conn, clip, account, plan.cast, order.prompt, plan.heard)
        if comment is not None:
            await suggestions.note(conn, clip, comment)
        if plan.sound_of is not None:
            await sounds.note(conn, clip, plan.sound_of)
        if parcel is not None and (wanted := parcel.of(plan.given)) is not None:
            await given.attach(conn, wanted, clip, account, plan.cast, plan.given)
        await _tell_of_request(conn, maker, clip, (*plan.cast, *plan.heard), parent)
        await _tell_of_debts(conn, maker, clip, comment, plan.sound_of)
        if along is not None:
            await along(conn, clip)
        await idempotency.remember(conn, account, attempt, clip)
        await jobs.enqueue(conn, jobs.CLIP, clip)
    return clip


async def _tell_of_request(
    conn: asyncpg.Connection, maker: Account, clip: UUID, cast: Sequence[Character], parent: Clip | None
) -> None:
    """To everybody shown, and to the maker of what is remixed."""
    about: dict[str, Any] = {"video": public("video", clip), "by": maker.handle}
    if parent is not None:
        about["remixed_from"] = public("video", parent.id)
        if parent.account != maker.id:
            await notices.tell(
                conn, parent.account, "remixed", about, by=maker.id, subject=about["remixed_from"], once=about["video"]
            )
    for owner in {character.owner for character in cast} - {maker.id}:
        shown = [public("char", character.id) for character in cast if character.owner == owner]
        await notices.tell(conn, owner, "cast", about | {"characters": shown})


async def _tell_of_debts(
    conn: asyncpg.Connection, maker: Account, clip: UUID, comment: Comment | None, source: Clip | None
) -> None:
    """To whoever's comment or sound it was made from."""
    about = {"video": public("video", clip), "by": maker.handle}
    if comment is not None and comment.author != maker.id:
        on = {"comment": public("cmt", comment.id), "remixed_from": public("video", comment.clip)}
        await notices.tell(
            conn,
            comment.author,
            "suggestion_taken",
            about | on,
            by=maker.id,
            subject=public("cmt", comment.id),
            once=about["video"],
        )
    if source is not None and source.account != maker.id:
        of = public("video", source.id)
        await notices.tell(
            conn, source.account, "sound_used", about | {"sound_of": of}, by=maker.id, subject=of, once=about["video"]
        )


async def cancel_clip(pool: asyncpg.Pool, account: UUID, clip: UUID) -> None:
    """Failed as `cancelled`, refunded. The worker notices at its next look. Raises ClipUnknown or ClipEnded."""
    async with pool.acquire() as conn, conn.transaction():
        found = await clips.visible(conn, account, clip)
        if found is None or found.account != account:
            raise ClipUnknown(public("video", clip))
        if not await end(conn, clip, "cancelled", "you cancelled this video"):
            raise ClipEnded(public("video", clip), found.status)


async def delete_clip(pool: asyncpg.Pool, media: Media, account: UUID, clip: UUID) -> None:
    """The row, then the files that no other clip shares. One in the making is cancelled first. Raises ClipUnknown."""
    async with pool.acquire() as conn, conn.transaction():
        found = await clips.visible(conn, account, clip)
        if found is None or found.account != account:
            raise ClipUnknown(public("video", clip))
        await end(conn, clip, "cancelled", "you deleted this video")
        keys = await removals.delete(conn, account, clip)
    await sweep(pool, media, keys)


async def finish_clip(
    pool: asyncpg.Pool, clip: UUID, attempt: int, rushes: Rushes, report: Report | None, stored: dict[str, StoredMedia]
) -> list[str] | None:
    """Clip and notice in ONE transaction; the keys of media that it replaces: `sweep` them.

    None for a clip that ended or was taken over meanwhile: it stays so.

    The rule is asked a last time: a yes taken back while the clip was being admitted was seen by neither side.
    """
    async with pool.acquire() as conn, conn.transaction():
        if await ended_unconsented(conn, clip):
            return None
        if await known.any_known(conn, [kept.sha256 for kept in stored.values()]):
            await end(conn, clip, "moderation_blocked", known.TOLD, attempt)
            return None
        if await known.looks_known(conn, rushes.prints):
            await end(conn, clip, "moderation_blocked", known.LIKE, attempt)
            return None
        replaced = await clips.complete(
            conn,
            clip,
            attempt,
            media=stored,
            engine=rushes.engine,
            stages=rushes.stages,
            engine_seconds=rushes.engine_seconds,
            blurhash=rushes.blurhash,
            identity_report=None if report is None else msgspec.to_builtins(report),
        )
        if replaced is not None:
            await provenance.keep(conn, clip, stored["video"].sha256, rushes.prints)
            await tell(conn, Progress(clip, "completed", 100, "done", 0))
    return replaced


async def fail_clip(pool: asyncpg.Pool, clip: UUID, attempt: int, code: str, message: str) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await end(conn, clip, code, message, attempt)


async def end(conn: asyncpg.Connection, clip: UUID, code: str, message: str, attempt: int | None = None) -> bool:
    """Failed, refunded and told; True if it had not ended before.

    A grant for one clip can be used again, unless it was a person shown who ended this one.
    """
    again = await conn.fetchval("select retake is not null from clip where id = $1 for no key update", clip)
    ended = await clips.fail(conn, clip, code, message, attempt)
    if ended and again:
        await tell(conn, Progress(clip, "completed", 100, code, 0))
    elif ended:
        if code != "consent_withdrawn":
            await grants.give_back(conn, clip)
        await tell(conn, Progress(clip, "failed", 0, code, 0))
    return ended


async def ended_unconsented(conn: asyncpg.Connection, clip: UUID) -> bool:
    """Ends the clip here if somebody in it may not be cast any more, and says so to its maker."""
    if await clip_vault.destroyed(conn, clip):
        await end(conn, clip, "consent_withdrawn", "the consent under which its recording was given is withdrawn")
        return True
    for use in (await uses.of_clips(conn, [clip]))[clip]:
        reason = await grants.refusal_in(conn, clip, use.character)
        if reason is not None:
            await end(conn, clip, "consent_withdrawn", f"@{use.handle} may not be cast any more ({reason})")
            return True
    return False


async def stop_unconsented(conn: asyncpg.Connection, *owners: UUID) -> int:
    """End the clips in the making that may not cast a character of these accounts any more; how many.

    Belongs into the transaction that changed what was allowed: an audience, a grant, a block, a friendship, a consent.
    """
    stopped = 0
    for owner in owners:
        for clip in await grants.unconsented(conn, owner):
            stopped += await end(conn, clip, "consent_withdrawn", WITHDRAWN)
    return stopped


async def clips_showing(conn: asyncpg.Connection, character: UUID, maker: UUID | None = None) -> list[UUID]:
    """Clips that show the character (made by `maker`), and the remixes of them that show it too; to be taken down."""
    roots = await uses.showing(conn, character, maker=maker)
    return await uses.showing(conn, character, below=roots)


async def take_down(conn: asyncpg.Connection, gone: Sequence[UUID], by: UUID | None, because: str) -> list[str]:
    """Removed for everybody, their makers told; running ones end and are refunded. The keys of media: `sweep` them.

    `by` None: the machine itself. Removing a clip twice does nothing the second time.
    """
    for clip in sorted(gone):
        await end(conn, clip, "consent_withdrawn", WITHDRAWN)
    removed = await removals.take_down(conn, gone, by, because)
    await requests.withdraw_publishing(conn, [one.clip for one in removed])
    for one in removed:
        if one.maker != by:
            about = {"video": public("video", one.clip), "because": because}
            await notices.tell(conn, one.maker, "use_removed", about)
        await conn.execute(
            "insert into audit (actor, action, subject, detail) values ($1, 'clip.take_down', $2, $3)",
            by,
            one.clip,
            {"because": because, "media": one.media},  # where to look should the sweep be cut short
        )
    return [key for one in removed for key in one.media]


async def sweep(pool: asyncpg.Pool, media: Media, keys: Sequence[str]) -> None:
    """Delete the files that no clip holds."""
    async with pool.acquire() as conn:
        orphans = await removals.unheld(conn, keys)
    for key in orphans:
        await media.delete(key)
