"""POST /videos/{id}/remix: another clip from one that its maker lets be remixed, in one of several ways."""

from __future__ import annotations

from typing import Any, Final, get_args
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import forms, ids, uploads
from backend.auth import Viewer
from backend.config import Config
from backend.forms import Fields
from backend.media import Media
from backend.planning import RemixKind, Swap
from backend.routes import beside, borrowed, orders, references, sources, videos
from backend.routes.orders import Order
from backend.routes.sources import Source
from character_store import grants
from character_store.characters import Character
from character_store.errors import CastRefused, CharacterUnknown
from character_store.uses import Use
from character_store.vault import Vault
from generation.shapes import SECONDS
from social import comments, publication
from social.errors import InvalidValue
from social.talk_errors import CommentUnknown

KINDS: Final[tuple[RemixKind, ...]] = get_args(RemixKind)
OWN: Final = ("kind", "swap")
KEPT: Final = ("seconds", "size", "seed", "screenplay")  # of the parent, where its shots stay


@post("/videos/{video_id:str}/remix", status_code=200, request_max_body_size=videos.BODY_BYTES)
async def create(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[bytes]:
    """A new clip with the parent's cast, place and look; `kind` says what becomes of its shots.

    plain: the prompt is carried out on the screenplay where it is an instruction for that ("now it rains"), and is a
    new idea in the same place where it is not. swap: `{from, to}`, somebody else in somebody's place; a prompt is an
    instruction carried out on that, and needless. restyle: the prompt is a style. continue: what happens next, in one
    file with what was there. change_the_ending: every shot but the last stays. It is asked for like any clip.
    """
    fields = await uploads.stand_in(pool, media, vault, viewer, await forms.read(request))
    order = await _order(request, references.clip(video_id), fields, viewer, pool, config, media, vault)
    return await videos.ordered(request, order, viewer, pool, config, media, vault)


@post("/comments/{comment_id:str}/remix", status_code=200, request_max_body_size=videos.BODY_BYTES)
async def of_comment(
    request: Request[Any, Any, Any],
    comment_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[bytes]:
    """The clip that a comment asks for: its words are the prompt, and its author is credited and told."""
    fields = {} if (await request.body()).strip() in {b"", b"{}"} else await forms.read(request)
    if (own := fields.keys() - {"kind"}) and (name := min(own)):
        raise InvalidValue(name, fields[name], "kind alone: the comment says the rest")
    key = ids.parse("cmt", comment_id)
    if key is None:
        raise CommentUnknown(comment_id)
    async with pool.acquire() as conn:
        comment = await comments.find(conn, viewer.id, key, comment_id)
    asked = fields | {"prompt": comment.text}
    order = await _order(request, comment.clip, asked, viewer, pool, config, media, vault, spelled=False)
    order = msgspec.structs.replace(order, clip=msgspec.structs.replace(order.clip, suggestion=comment.id))
    return await videos.ordered(request, order, viewer, pool, config, media, vault)


async def _order(
    request: Request[Any, Any, Any],
    key: UUID,
    fields: Fields,
    viewer: Viewer,
    pool: asyncpg.Pool,
    config: Config,
    media: Media,
    vault: Vault,
    *,
    spelled: bool = True,
) -> Order:
    """What is asked for, checked against the parent. A prompt that is not `spelled` by the maker casts nobody."""
    kind = _kind(fields)
    async with pool.acquire() as conn:
        parent = await publication.remixable(conn, viewer.id, key, ids.public("video", key))
        source = await sources.of_clip(conn, parent)
        swap, characters = await _cast(conn, source, fields, kind)
    given = {name: value for name, value in fields.items() if name not in OWN}
    if swap is not None and not swap.instructed:
        given["prompt"], spelled = parent.prompt, False
    stays = kind in {"swap", "restyle", "change_the_ending"}
    for name in KEPT if stays else ("size", "seed", "performance") if kind == "continue" else ():
        if fields.get(name) is not None:
            raise InvalidValue(name, fields[name], f"no {name}: a remix of the kind {kind} keeps that of its video")
    seconds = parent.seconds if parent.seconds in SECONDS else SECONDS[-1]  # one that was extended is longer
    inherited = {"size": parent.size, "seconds": seconds, "model": parent.model} | given
    texts = {name: value for name, value in inherited.items() if name not in beside.NAMES}
    asked = orders.for_engine(orders.text_of(texts, multipart=forms.is_multipart(request)), config)
    beside.check_taken(fields, config.engine_options)
    sent = await beside.read(fields, config.image_hosts)
    if kind != "plain":
        sent = await sources.beside(pool, media, vault, viewer, source, sent, performances=kind != "continue")
    mentions = asked.mentions if spelled else ()
    await _need_cast(pool, viewer, source, swap, asked.prompt)
    clip = msgspec.structs.replace(
        asked,
        seconds=parent.seconds if stays else asked.seconds,
        seed=asked.seed if kind == "plain" else parent.delivered_seed,
        characters=(*characters, *asked.characters),
        mentions=mentions,
        remixed_from=key,
        rework="extend" if kind == "continue" else kind,
        swap=swap,
        given=sent.wanted,
    )
    order = Order(clip, sent)
    if fields.get("sound") is not None and kind != "plain":
        raise InvalidValue("sound", fields["sound"], f"no sound: a remix of the kind {kind} keeps that of its video")
    return await borrowed.with_sound(pool, media, viewer, fields, order)


def _kind(fields: Fields) -> RemixKind:
    """Raises InvalidValue."""
    asked = fields.get("kind", "plain")
    kind = next((one for one in KINDS if one == asked), None)
    if kind is None:
        raise InvalidValue("kind", asked, ", ".join(KINDS))
    if (kind == "swap") != (fields.get("swap") is not None):
        allowed = '{"from": …, "to": …}, the ids or @handles of characters' if kind == "swap" else 'kind "swap" with it'
        raise InvalidValue("swap", fields.get("swap"), allowed)
    return kind


async def _cast(
    conn: asyncpg.Connection, source: Source, fields: Fields, kind: RemixKind
) -> tuple[Swap | None, tuple[UUID | str, ...]]:
    """The parent's cast, with the one who comes in the place of the one who goes. Raises InvalidValue."""
    if kind != "swap":
        return None, source.characters
    match fields["swap"]:
        case {"from": str(old), "to": str(new), **rest} if not rest:
            pass
        case wrong:
            raise InvalidValue("swap", wrong, '{"from": …, "to": …}, the ids or @handles of characters')
    there = ", ".join(f"@{use.handle}" for use in source.cast) or "nobody is in it"
    gone = next((use for use in source.cast if old.lower() in _names(use)), None)
    if gone is None:
        raise InvalidValue("swap.from", old, f"somebody in the cast: {there}")
    character: Character = await references.character(conn, new)
    if any(use.character == character.id for use in source.cast):
        raise InvalidValue("swap.to", new, f"somebody who is not in the cast yet: {there}")
    characters = [character.id if use is gone else use.character for use in source.cast]
    speaker = f"S{source.cast.index(gone) + 1}"
    instructed = fields.get("prompt") is not None
    return Swap(gone.character, gone.name, gone.handle, speaker, instructed), tuple(characters)


def _names(use: Use) -> set[str]:
    return {f"@{use.handle}", use.handle, ids.public("char", use.character)}


async def _need_cast(pool: asyncpg.Pool, viewer: Viewer, source: Source, swap: Swap | None, prompt: str) -> None:
    """Everybody who stays may still be cast. Raises CastRefused with who may not, and what to do."""
    async with pool.acquire() as conn:
        for use in source.cast:
            if swap is not None and use.character == swap.gone:
                continue
            try:
                await grants.need(conn, viewer.id, use.character, clip=None, prompt=prompt, shown=f"@{use.handle}")
            except CastRefused as no:
                offer = f'allowed: kind "swap" with swap {{"from": "@{use.handle}", "to": somebody you may cast}}'
                raise CastRefused(no.reference, no.reason, no.restriction, offer) from None
            except CharacterUnknown:
                raise CharacterUnknown(f"@{use.handle}") from None
