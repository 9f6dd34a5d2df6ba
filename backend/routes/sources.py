"""The video of an edit or an extension: a reference, or the file of one; and what that was made with besides words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend import forms, given, ids, sniff
from backend.auth import Viewer
from backend.given import SCENE, Performance
from backend.media import Media
from backend.routes import references
from backend.routes.beside import Beside
from backend.sniff import Upload
from character_store import uses
from character_store.errors import KeyDestroyed
from character_store.uses import Use
from character_store.vault import Vault
from social import clips, publication
from social.clips import Clip
from social.errors import GivenGone, InvalidValue, VideoForeign


class Source(msgspec.Struct, frozen=True):
    """A clip that the viewer may make something of, and whom it shows."""

    clip: Clip
    cast: tuple[Use, ...]

    @property
    def public(self) -> str:
        return ids.public("video", self.clip.id)

    @property
    def characters(self) -> tuple[UUID | str, ...]:
        """By speaker."""
        return tuple(use.character for use in self.cast)


async def read(pool: asyncpg.Pool, viewer: Viewer, fields: forms.Fields) -> Source:
    """The clip under `video`.

    Raises InvalidValue, BadUpload leaves, VideoForeign, ClipUnknown, ClipNotReady or RemixOff.
    """
    async with pool.acquire() as conn:
        key = await _named(conn, viewer, fields.get("video"))
        parent = await publication.remixable(conn, viewer.id, key, ids.public("video", key))
        return await of_clip(conn, parent)


async def of_clip(conn: asyncpg.Connection, clip: Clip) -> Source:
    """Without those who are only heard in it."""
    return Source(clip, tuple(use for use in (await uses.of_clips(conn, [clip.id]))[clip.id] if not use.only_heard))


async def _named(conn: asyncpg.Connection, viewer: Viewer, video: Any) -> UUID:
    match video:
        case Upload():
            sha256 = hashlib.sha256(sniff.video("video", video)).hexdigest()
            found = await clips.of_file(conn, viewer.id, sha256)
            if found is None:
                raise VideoForeign(sha256)
            return found
        case {"id": str(video_id), **rest} if not rest:
            return references.clip(video_id)
    shown = sorted(map(str, video)) if isinstance(video, dict) else video
    raise InvalidValue("video", shown, 'a file, or exactly {"id": "video_…"}, in a form video[id]')


async def beside(
    pool: asyncpg.Pool,
    media: Media,
    safe: Vault,
    viewer: Viewer,
    source: Source,
    sent: Beside,
    *,
    performances: bool = True,
) -> Beside:
    """What was `sent` now, and what the clip had been given as far as nothing was sent in its place.

    It is kept with one's own drafts only. Raises GivenGone.
    """
    clip, plains, wanted = source.clip, dict(sent.plains), sent.wanted
    scene = clip.pictured and SCENE not in plains
    driven = clip.driven and performances and not wanted.performances
    if not (scene or driven):
        return sent
    what, param = ("a picture as its scene", "input_reference") if scene else ("a recording", "performance")
    if clip.account != viewer.id:
        raise GivenGone(source.public, what, param)
    try:
        held = await given.opened(pool, media, safe, clip.id)
    except (KeyDestroyed, FileNotFoundError):
        raise GivenGone(source.public, what, param) from None
    if scene:
        if held.scene is None:
            raise GivenGone(source.public, what, param)
        plains[SCENE] = held.scene
        wanted = msgspec.structs.replace(
            wanted, scene_sha256=hashlib.sha256(held.scene).hexdigest(), scene_inherited=True
        )
    if driven:
        if not held.performances:
            raise GivenGone(source.public, "a recording", "performance")
        plains |= {one.name: content for one, content in held.performances}
        wanted = msgspec.structs.replace(wanted, performances=_again(held.performances, source.cast))
    return Beside(wanted, plains)


def _again(held: Sequence[tuple[Any, bytes]], cast: Sequence[Use]) -> tuple[Performance, ...]:
    """As they were asked for, by character: speakers may be numbered otherwise now."""
    characters = {use.speaker: ids.public("char", use.character) for use in cast}
    return tuple(
        Performance(
            one.name, characters.get(one.speaker), one.voice, hashlib.sha256(content).hexdigest(), inherited=True
        )
        for one, content in held
    )
