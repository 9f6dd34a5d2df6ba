"""`sound` in a request for a clip: another clip whose sound it is to have."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
import msgspec

from backend import borrowing
from backend.auth import Viewer
from backend.forms import Fields
from backend.ids import public
from backend.media import Media
from backend.planning import Sound
from backend.routes import references
from backend.routes.orders import Order
from character_store import uses
from social import sounds
from social.errors import InvalidValue

WITHOUT: Final = ("performance", "screenplay")  # they would be heard too


async def with_sound(pool: asyncpg.Pool, media: Media, viewer: Viewer, fields: Fields, order: Order) -> Order:
    """The order with the sound that its field names, as it is where there is none.

    Raises InvalidValue, ClipUnknown, ClipImported, ClipNotReady, SoundOff or SoundMissing.
    """
    wanted: Any = fields.get("sound")
    if wanted is None:
        return order
    match wanted:
        case {"video_id": str(video_id), **rest} if not rest:
            key = references.clip(video_id)
        case wrong:
            raise InvalidValue("sound", wrong, 'exactly {"video_id": "video_…"}, in a form sound[video_id]')
    for name in WITHOUT:
        if fields.get(name) is not None:
            raise InvalidValue(name, "one, and a sound", f"sound or {name}, one of them")
    async with pool.acquire() as conn:
        source = await sounds.usable(conn, viewer.id, key, public("video", key))
        cast = (await uses.of_clips(conn, [source.id]))[source.id]
    spoken = await borrowing.spoken_in(media, source, cast)
    whose = {one.speaker for one in spoken}
    heard = tuple(use.character for use in cast if use.speaker in whose)
    clip = msgspec.structs.replace(order.clip, sound=Sound(source.id, spoken, heard))
    return msgspec.structs.replace(order, clip=clip)
