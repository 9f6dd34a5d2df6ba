"""A clip planned around another's sound, and one made from a clip that has such a sound.

Its voices come where they are; where nobody speaks, its music.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from backend.ids import public
from backend.planning import ClipOrder, Plan, Sound, planned, roles_of, written
from character_store import characters, grants, uses
from character_store.characters import Character
from generation.errors import GivenRefused
from generation.plan import Screenplay
from generation.recorded import Spoken
from social import clips, sounds
from social.clips import Clip
from social.errors import ClipUnknown, InvalidValue
from social.remix_errors import SoundMissing, SoundOff


async def plan(
    conn: asyncpg.Connection, maker: UUID, order: ClipOrder, sound: Sound, cast: Sequence[Character], seed: int
) -> Plan:
    """Whoever is heard must let the maker cast them, as if they were seen.

    Raises what `planned` and `sounds.usable` raise, InvalidValue for a cast or seconds that the sound does not fit,
    CastRefused for a voice, SoundMissing.
    """
    if len(cast) < len(sound.spoken):
        allowed = f"at least {len(sound.spoken)}: one for each voice of the sound"
        raise InvalidValue("characters", f"a cast of {len(cast)}", allowed)
    end = max((one.words[-1].end_s for one in sound.spoken), default=0.0)
    if end > float(order.seconds):
        raise InvalidValue("seconds", order.seconds, f"at least {end:.1f}: so long somebody speaks in the sound")
    spoken = [Spoken(f"S{number}", one.words) for number, one in enumerate(sound.spoken, 1)]
    try:
        play = await asyncio.to_thread(written, order.prompt, roles_of(cast), float(order.seconds), seed, spoken)
    except GivenRefused as refused:
        raise SoundMissing(public("video", sound.source), str(refused)) from None
    source = await sounds.usable(conn, maker, sound.source, public("video", sound.source))
    heard = await _heard(conn, maker, order, sound.heard, cast)
    whole = msgspec.structs.replace(order, screenplay=_scored(source, play))
    screenplay = await planned(conn, maker, whole, cast, seed)
    return Plan(screenplay, tuple(cast), order.seconds, order.given, heard=heard, sound_of=source)


async def voices(conn: asyncpg.Connection, order: ClipOrder, parent: Clip | None) -> tuple[UUID, ...]:
    """Characters that may come to be heard in the clip without being cast: to be locked with the cast."""
    if order.sound is not None:
        return order.sound.heard
    if parent is None or parent.sound_of is None or order.rework is None:
        return ()
    source = await clips.by_id(conn, parent.sound_of)
    return () if source is None else await _speaking(conn, source)


async def kept(
    conn: asyncpg.Connection, maker: UUID, order: ClipOrder, parent: Clip, before: Screenplay, made: Plan
) -> Plan:
    """The plan with the sound that its parent has from another clip, where that is still heard.

    What is continued begins with it, and words that did not change are said in it; changed ones the cast says itself.
    Raises CastRefused for a voice, SoundMissing where it may not be used any more.
    """
    if parent.sound_of is None or not (made.continues is not None or _alike(before, made.screenplay)):
        return made
    try:
        source = await sounds.usable(conn, maker, parent.sound_of, public("video", parent.id))
    except (ClipUnknown, SoundOff):
        raise SoundMissing(public("video", parent.id), sounds.NOT_ITS_OWN) from None
    heard = await _heard(conn, maker, order, await _speaking(conn, source), made.cast)
    return msgspec.structs.replace(made, heard=heard, sound_of=source)


def _alike(before: Screenplay, after: Screenplay) -> bool:
    """To the ear."""
    one, other = ([(line.speaker, line.text) for shot in play.shots for line in shot.lines] for play in (before, after))
    return one == other and (bool(one) or (before.music, before.sound_bed) == (after.music, after.sound_bed))


async def _speaking(conn: asyncpg.Connection, source: Clip) -> tuple[UUID, ...]:
    """The characters who have lines."""
    lines = () if source.screenplay is None else msgspec.convert(source.screenplay, Screenplay).speakers
    return tuple(use.character for use in (await uses.of_clips(conn, [source.id]))[source.id] if use.speaker in lines)


async def _heard(
    conn: asyncpg.Connection, maker: UUID, order: ClipOrder, speaking: Sequence[UUID], cast: Sequence[Character]
) -> tuple[Character, ...]:
    """Those who are not in the cast themselves. Raises CastRefused."""
    shown = {one.id for one in cast}
    found = []
    for key in speaking:
        character = await characters.by_id(conn, key)
        if character is None or key in shown:
            continue
        await grants.need(conn, maker, key, clip=None, prompt=order.prompt, shown=f"@{character.handle}")
        found.append(character)
    return tuple(found)


def _scored(source: Clip, play: Screenplay) -> Screenplay:
    """With the source's music and what else lies under its words."""
    if source.screenplay is None:
        return play
    before = msgspec.convert(source.screenplay, Screenplay)
    return msgspec.structs.replace(play, sound_bed=before.sound_bed, music=before.music)
