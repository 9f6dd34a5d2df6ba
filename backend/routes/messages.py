"""Messages of a thread: read, written, answered with a clip, taken back."""

from __future__ import annotations

import secrets
from typing import Any, Final, get_args
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, conversations, forms, ids, shapes, talk_shapes
from backend.auth import Viewer
from backend.config import Config
from backend.media_links import MediaLinks
from backend.pages import page_of
from backend.planning import ClipOrder
from backend.routes import orders, references, videos
from backend.routes.threads import key_of
from generation import answering
from generation.plan import Emotion
from generation.shapes import Size
from social import messages, texts, threads
from social.errors import InvalidValue
from social.talk_errors import MessageUnknown

EMOTIONS: Final[tuple[str, ...]] = get_args(Emotion)
SIZE: Final[Size] = "480x848"
LINE_MAX: Final = 200  # characters; four seconds hold fewer words


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of the first three."""

    text: str | None = None
    video_id: str | None = None
    prompt: str | None = None
    emotion: Emotion | None = None
    character: str | None = None


@get("/threads/{thread_id:str}/messages")
async def of_thread(
    thread_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
    order: FromQuery[str] = "desc",
) -> dict[str, Any]:
    """Newest first, from when you joined. What you blocked, or may not be sent, is not among them."""
    auth.need_session(viewer)
    key = key_of(thread_id)
    start, limit = page_of("msg", after, limit)
    if order not in {"asc", "desc"}:
        raise InvalidValue("order", order, "asc, desc")
    async with pool.acquire() as conn:
        await threads.find(conn, viewer.id, key, thread_id)
        if start is not None and not await messages.is_of(conn, start, key):
            raise InvalidValue("after", after, "the last_id of the page before, of this thread")
        rows = await messages.of_thread(conn, viewer.id, key, after=start, limit=limit, newest_first=order == "desc")
        shown = await talk_shapes.messages(conn, viewer.id, media_links, rows[:limit])
    return shapes.page(shown, has_more=len(rows) > limit)


@post("/threads/{thread_id:str}/messages", status_code=201)
async def create(
    request: Request[Any, Any, Any],
    thread_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    media_links: NamedDependency[MediaLinks],
) -> dict[str, Any]:
    """Words, a clip, or a line that your own character says into the camera: a clip of four seconds, charged like any.

    Such a message is there at once with the status of its clip, and becomes the clip.
    """
    auth.need_session(viewer)
    key = key_of(thread_id)
    sent = msgspec.convert(await forms.read(request), _Sent)
    given = [name for name in ("text", "video_id", "prompt") if getattr(sent, name) is not None]
    if len(given) != 1:
        raise InvalidValue("text", f"{len(given)} of text, video_id, prompt", "exactly one of them")
    for name in ("emotion", "character"):
        if sent.prompt is None and getattr(sent, name) is not None:
            raise InvalidValue(name, getattr(sent, name), f"no {name} without a prompt")
    if sent.text is not None:
        written = await conversations.say(pool, viewer.account, key, sent.text)
    elif sent.video_id is not None:
        written = await conversations.send_clip(pool, viewer.account, key, references.clip(sent.video_id))
    else:
        order = await _answering(pool, viewer, key, sent, config)
        attempt = videos.attempt_with(request, msgspec.json.encode([thread_id, sent]))
        written = await conversations.answer(pool, viewer.account, key, order, attempt, config.daily_clips)
    async with pool.acquire() as conn:
        row = await messages.find(conn, viewer.id, written, ids.public("msg", written))
        return (await talk_shapes.messages(conn, viewer.id, media_links, [row]))[0]


@delete("/messages/{message_id:str}", status_code=200)
async def remove(
    message_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Yours, for everybody; its place stays. A clip that only this message showed is a draft again."""
    auth.need_session(viewer)
    key = ids.parse("msg", message_id)
    if key is None:
        raise MessageUnknown(message_id)
    async with pool.acquire() as conn, conn.transaction():
        await messages.delete(conn, viewer.id, key, message_id)
    return {"id": message_id, "deleted": True, "object": "message.deleted"}


async def _answering(pool: asyncpg.Pool, viewer: Viewer, thread: UUID, sent: _Sent, config: Config) -> ClipOrder:
    """Raises InvalidValue, ThreadUnknown, CharacterUnknown, OwnCharacterNeeded or ScreenplayError."""
    line = texts.checked("prompt", sent.prompt or "", LINE_MAX)
    named: UUID | str | None = None
    if sent.character is not None:
        key = ids.parse("char", sent.character)
        if key is None and not sent.character.startswith("@"):
            raise InvalidValue("character", sent.character, "the id or @handle of a character of yours")
        named = sent.character[1:].lower() if key is None else key
    async with pool.acquire() as conn:
        await threads.find(conn, viewer.id, thread, ids.public("thr", thread))
        speaker = await conversations.speaker_of(conn, viewer.id, named)
    seed = secrets.randbits(31)
    order = ClipOrder(
        prompt=line,
        model="castmate-1",
        seconds=f"{answering.SECONDS:g}",
        size=SIZE,
        seed=seed,
        characters=(speaker.id,),
        screenplay=answering.close_up(line, sent.emotion, seed=seed),
    )
    return orders.for_engine(order, config)
