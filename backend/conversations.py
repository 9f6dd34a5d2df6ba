"""What friends say to each other: threads, words, clips, and words that become a clip. Transactions open here."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from backend import studio
from backend.idempotency import Attempt
from backend.ids import public
from backend.planning import ClipOrder
from backend.talking import seen
from character_store import characters, grants, requests, uses
from character_store.characters import Character
from character_store.errors import CharacterUnknown
from social import guardians, messages, notices, threads
from social.accounts import Account
from social.clips import Clip
from social.errors import ClipImported, ClipNotReady, InvalidValue
from social.safety import refusals
from social.talk_errors import OwnCharacterNeeded, PublishFirst
from social.threads import Thread

OWN_MOST = 100  # characters of one's own that are looked through


async def begin(pool: asyncpg.Pool, creator: Account, handles: tuple[str, ...], title: str | None) -> tuple[UUID, bool]:
    """With one friend and no title the thread of the two, else a group; and whether it is new.

    Raises InvalidValue, AccountUnknown, NotYourself, YouBlocked, NotFriends, YoungProtected, ModerationBlocked.
    """
    if not 1 <= len(handles) < threads.MOST:
        raise InvalidValue("members", f"{len(handles)} handles", f"1 to {threads.MOST - 1} besides you")
    checked = None if title is None else threads.checked_title(title)
    async with pool.acquire() as conn, conn.transaction():
        friends = await threads.friends_named(conn, creator.id, handles)
        members = [creator.id, *(one.id for one in friends)]
        await threads.need_young_safe(conn, members)
        if checked is not None:
            await refusals.need_fit(conn, creator, "said", "title", checked)
        if len(friends) == 1 and checked is None:
            return await threads.direct(conn, creator.id, friends[0].id)
        made = await threads.group(conn, members, checked or "")
        for one in sorted(members[1:]):
            await _tell_added(conn, creator, one, made)
        return made, True


async def add(pool: asyncpg.Pool, adder: Account, thread_id: UUID, handle: str) -> None:
    """Raises ThreadUnknown, ThreadDirect, ThreadFull, NotFriends, YoungProtected and what `friends_named` raises."""
    shown = public("thr", thread_id)
    async with pool.acquire() as conn, conn.transaction():
        thread = await threads.find(conn, adder.id, thread_id, shown)
        friend = (await threads.friends_named(conn, adder.id, [handle]))[0]
        if await threads.add(conn, thread, friend.id, shown):
            await _tell_added(conn, adder, friend.id, thread_id)


async def say(pool: asyncpg.Pool, author: Account, thread_id: UUID, text: str) -> UUID:
    """Words. Raises InvalidValue, ThreadUnknown, NotFriends, YoungProtected, ModerationBlocked."""
    text = messages.checked_text(text)
    async with pool.acquire() as conn, conn.transaction():
        await _writable(conn, author, thread_id)
        await refusals.need_fit(conn, author, "said", "text", text)
        return await messages.write(conn, author.id, thread_id, "text", text=text)


async def send_clip(pool: asyncpg.Pool, author: Account, thread_id: UUID, clip_id: UUID) -> UUID:
    """A clip that the author sees.

    One of their own is for the members from now on, whatever its audience; somebody else's for those who may see it.
    Raises ThreadUnknown, NotFriends, YoungProtected, ClipUnknown; for a draft of one's own what publishing it to
    friends would be refused for, and PublishFirst.
    """
    async with pool.acquire() as conn, conn.transaction():
        await _writable(conn, author, thread_id)
        clip = await seen(conn, author.id, clip_id)
        if clip.status != "completed":
            raise ClipNotReady(public("video", clip_id), clip.status)
        written = await messages.write(conn, author.id, thread_id, "video", clip=clip_id)
        if clip.account == author.id and clip.audience == "only_me":
            await _show_draft(conn, author, clip, written)
        return written


async def answer(
    pool: asyncpg.Pool, author: Account, thread_id: UUID, order: ClipOrder, attempt: Attempt, daily_clips: int
) -> UUID:
    """The order's clip, charged like any, and its message; both or neither.

    A repeated request finds the message of the first. Raises ThreadUnknown, NotFriends, YoungProtected and what
    `studio.request_clip` raises.
    """
    async with pool.acquire() as conn:
        await _writable(conn, author, thread_id)

    async def post(conn: asyncpg.Connection, clip: UUID) -> None:
        await _writable(conn, author, thread_id)
        await guardians.need_audience(conn, author.id, "friends")
        await _need_shareable(conn, author, clip, order.prompt)
        await messages.write(conn, author.id, thread_id, "answer", text=order.prompt, clip=clip)

    clip = await studio.request_clip(pool, author, order, attempt, daily_clips, along=post)
    async with pool.acquire() as conn:
        written = await messages.with_clip(conn, author.id, thread_id, clip)
    if written is None:  # of a repeated request, and deleted since
        raise ClipNotReady(public("video", clip), "no answer any more")
    return written


async def speaker_of(conn: asyncpg.Connection, owner: UUID, reference: UUID | str | None) -> Character:
    """Their own character that answers for them: the one named, or the newest person that is ready.

    Raises CharacterUnknown or OwnCharacterNeeded.
    """
    ready = [
        one
        for one in await characters.owned_by(conn, owner, after=None, limit=OWN_MOST)
        if one.state == "ready" and one.left_at is None
    ]
    if reference is not None:
        named = [one for one in ready if reference in (one.id, one.handle)]
        if not named:
            raise CharacterUnknown(reference if isinstance(reference, str) else public("char", reference))
        return named[0]
    people = [one for one in ready if one.kind == "person"]
    if not people:
        raise OwnCharacterNeeded
    return people[0]


async def _writable(conn: asyncpg.Connection, writer: Account, thread_id: UUID) -> Thread:
    thread = await threads.find(conn, writer.id, thread_id, public("thr", thread_id))
    await messages.need_writable(conn, writer.id, thread)
    return thread


async def _show_draft(conn: asyncpg.Connection, maker: Account, clip: Clip, message: UUID) -> None:
    """The rule of publishing, for a clip that only the members of a thread will see; those it shows are told."""
    shown = public("video", clip.id)
    if clip.imported_from is not None:
        raise ClipImported(shown)
    await guardians.need_audience(conn, maker.id, "friends")
    await _need_shareable(conn, maker, clip.id, clip.prompt)
    if await requests.unasked(conn, clip.id, maker.id, "friends"):
        raise PublishFirst(shown)
    for use in (await uses.of_clips(conn, [clip.id]))[clip.id]:
        if use.owner != maker.id:
            about = {"video": shown, "character": public("char", use.character), "by": maker.handle}
            once = f"{public('msg', message)} {use.character.hex}"
            await notices.tell(conn, use.owner, "use_published", about | {"audience": "thread"}, once=once)


async def _need_shareable(conn: asyncpg.Connection, maker: Account, clip: UUID, prompt: str) -> None:
    """Raises CastRefused."""
    for use in (await uses.of_clips(conn, [clip]))[clip]:
        await grants.need_publishable(conn, maker.id, use.character, clip=clip, prompt=prompt, shown=f"@{use.handle}")


async def _tell_added(conn: asyncpg.Connection, by: Account, whom: UUID, thread: UUID) -> None:
    shown = public("thr", thread)
    await notices.tell(conn, whom, "thread_added", {"thread": shown}, by=by.id)
