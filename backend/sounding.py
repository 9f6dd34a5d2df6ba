"""A clip planned around another's sound: its voices where they are, or its music where nobody speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from backend.ids import public
from backend.planning import ClipOrder, Plan, Sound, planned, roles_of, written
from character_store import characters, grants
from character_store.characters import Character
from generation.errors import GivenRefused
from generation.plan import Screenplay
from generation.recorded import Spoken
from social import clips
from social.errors import InvalidValue
from social.remix_errors import SoundMissing


async def plan(
    conn: asyncpg.Connection, maker: UUID, order: ClipOrder, sound: Sound, cast: Sequence[Character], seed: int
) -> Plan:
    """Whoever is heard must let the maker cast them, as if they were seen.

    Raises what `planned` raises, InvalidValue for a cast or seconds that the sound does not fit, CastRefused for a
    voice, SoundMissing.
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
    heard = await _heard(conn, maker, order, sound, cast)
    whole = msgspec.structs.replace(order, screenplay=await _scored(conn, sound, play))
    screenplay = await planned(conn, maker, whole, cast, seed)
    return Plan(screenplay, tuple(cast), order.seconds, order.given, heard=heard)


async def _heard(
    conn: asyncpg.Connection, maker: UUID, order: ClipOrder, sound: Sound, cast: Sequence[Character]
) -> tuple[Character, ...]:
    """Those who are not in the cast themselves. Raises CastRefused."""
    shown = {one.id for one in cast}
    found = []
    for key in sound.heard:
        character = await characters.by_id(conn, key)
        if character is None or key in shown:
            continue
        await grants.need(conn, maker, key, clip=None, prompt=order.prompt, shown=f"@{character.handle}")
        found.append(character)
    return tuple(found)


async def _scored(conn: asyncpg.Connection, sound: Sound, play: Screenplay) -> Screenplay:
    """With the source's music and what else lies under its words."""
    source = await clips.by_id(conn, sound.source)
    if source is None or source.screenplay is None:
        return play
    before = msgspec.convert(source.screenplay, Screenplay)
    return msgspec.structs.replace(play, sound_bed=before.sound_bed, music=before.music)
