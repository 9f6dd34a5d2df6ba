"""How a path names things: characters by id or @handle, clips by id."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from backend import ids
from backend.auth import Viewer
from character_store import characters
from character_store.characters import Character
from character_store.errors import CharacterUnknown
from social.errors import ClipUnknown


async def character(conn: asyncpg.Connection, reference: str) -> Character:
    """Anybody's. Raises CharacterUnknown."""
    if reference.startswith("@"):
        found = await characters.by_handle(conn, reference[1:].lower())
    else:
        key = ids.parse("char", reference)
        found = None if key is None else await characters.by_id(conn, key)
    if found is None:
        raise CharacterUnknown(reference)
    return found


async def own_character(conn: asyncpg.Connection, viewer: Viewer, reference: str) -> Character:
    """The viewer's, also one that is gone. Raises CharacterUnknown."""
    found = await character(conn, reference)
    if found.owner != viewer.id:
        raise CharacterUnknown(reference)
    return found


def clip(video_id: str) -> UUID:
    """Raises ClipUnknown."""
    key = ids.parse("video", video_id)
    if key is None:
        raise ClipUnknown(video_id)
    return key
