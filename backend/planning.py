"""What a clip will be made from, before anything is spent: its cast and its screenplay."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from backend.given import Wanted
from character_store import grants, versions
from character_store.characters import Character
from character_store.errors import VoiceNeeded
from generation import screenwriter
from generation.errors import ScreenplayError
from generation.languages import SPOKEN, check_spoken
from generation.plan import MAX_CAST, Role, Screenplay, words_of
from generation.recorded import Spoken
from generation.shapes import Size
from social.accounts import Account
from social.clips import Clip, Continued
from social.errors import InvalidValue
from social.safety import figures, refusals, strangers

RemixKind = Literal["plain", "swap", "restyle", "continue", "change_the_ending"]
Rework = Literal["edit", "extend", "swap", "restyle", "change_the_ending", "plain"]


class Swap(msgspec.Struct, frozen=True):
    """Who leaves a cast, by the speaker id that their place keeps. `instructed`: the prompt says more to be done."""

    gone: UUID
    name: str
    handle: str
    speaker: str
    instructed: bool


class Sound(msgspec.Struct, frozen=True):
    """Of another clip. `spoken` by its own speakers, in order of first word."""

    source: UUID
    spoken: tuple[Spoken, ...]
    heard: tuple[UUID, ...]  # whose voices are in it: characters


class ClipOrder(msgspec.Struct, frozen=True):
    """What was asked for, checked. `characters` by id or handle; `mentions` are the prompt's, cast where known."""

    prompt: str
    model: str
    seconds: str
    size: Size
    seed: int | None
    characters: tuple[UUID | str, ...]
    mentions: tuple[str, ...] = ()
    remixed_from: UUID | None = None
    rework: Rework | None = None  # of `remixed_from`
    swap: Swap | None = None
    sound: Sound | None = None
    suggestion: UUID | None = None  # the comment whose words the prompt is
    given: Wanted = Wanted()
    screenplay: Screenplay | None = None  # in place of the one that is written from the prompt
    spoken: tuple[str, ...] = SPOKEN  # BCP 47 of what the engine here speaks; nothing that was asked for


class Plan(msgspec.Struct, frozen=True):
    """What a clip will be made from, all checked."""

    screenplay: Screenplay
    cast: tuple[Character, ...]  # in the order of speakers
    seconds: str
    given: Wanted
    continues: Continued | None = None
    heard: tuple[Character, ...] = ()  # whose voices come with a borrowed sound
    sound_of: Clip | None = None  # whose sound that is


async def plan_clip(pool: asyncpg.Pool, maker: Account, order: ClipOrder) -> tuple[Screenplay, dict[str, str]]:
    """The screenplay that a clip would be made from, and names by speaker. Nothing is stored or charged.

    Raises CharacterUnknown, CastRefused, SentinelBlock and what `planned` raises.
    """
    async with pool.acquire() as conn:
        cast = await cast_of(conn, maker.id, order)
        await need_fit_prompt(conn, maker, order, cast)
        screenplay = await planned(conn, maker.id, order, cast, seed_of(order))
        await need_fit_screenplay(conn, maker, order, cast, screenplay)
    return screenplay, {f"S{number}": character.name for number, character in enumerate(cast, 1)}


async def planned(
    conn: asyncpg.Connection, maker: UUID, order: ClipOrder, cast: Sequence[Character], seed: int
) -> Screenplay:
    """The order's own screenplay, checked, or the one written from its prompt.

    Raises ScreenplayError with the exact conflict, LanguageNotSpoken, VoiceNeeded; for an own screenplay also
    CastRefused: a yes to the words of one prompt is none to those of a screenplay.
    """
    roles = roles_of(cast)
    if order.screenplay is None:
        screenplay = await asyncio.to_thread(written, order.prompt, roles, float(order.seconds), seed)
    else:
        _need_no_figure(order.screenplay, roles)
        try:
            screenplay = screenwriter.accepted(order.screenplay, roles, float(order.seconds))
        except ScreenplayError as error:
            error.param = ".".join(filter(None, ["screenplay", error.at]))
            raise
        for one in cast:
            await grants.need(conn, maker, one.id, clip=None, prompt=words_of(order.screenplay), shown=f"@{one.handle}")
    check_spoken(screenplay, order.spoken)
    mute = await versions.voiceless(conn, [one.id for one in cast])
    handles = {f"S{number}": one.handle for number, one in enumerate(cast, 1) if one.id in mute}
    for number, shot in enumerate(screenplay.shots):
        for index, line in enumerate(shot.lines):
            if line.speaker in handles:
                at = f"screenplay.shots[{number}].lines[{index}]" if order.screenplay is not None else "prompt"
                raise VoiceNeeded(handles[line.speaker], at)
    return screenplay


async def need_fit_prompt(
    conn: asyncpg.Connection, maker: Account, order: ClipOrder, cast: Sequence[Character]
) -> None:
    """Raises SentinelBlock. Stricter where a real person is cast, and for the young."""
    person = any(one.kind == "person" for one in cast)
    await refusals.need_fit(conn, maker, "clip", "prompt", order.prompt, person=person)


async def need_fit_screenplay(
    conn: asyncpg.Connection, maker: Account, order: ClipOrder, cast: Sequence[Character], screenplay: Screenplay
) -> None:
    """What a clip will show and say, wherever its words came from. Raises SentinelBlock."""
    person = any(one.kind == "person" for one in cast)
    param = "prompt" if order.screenplay is None else "screenplay"
    await refusals.need_fit(conn, maker, "clip", param, words_of(screenplay), person=person)


def roles_of(cast: Sequence[Character]) -> list[Role]:
    """What the screenwriter may know of them; by speaker."""
    return [
        Role(f"S{number}", one.name, one.handle, one.preferences, one.restrictions)
        for number, one in enumerate(cast, 1)
    ]


def written(prompt: str, roles: Sequence[Role], seconds: float, seed: int, spoken: Sequence[Spoken] = ()) -> Screenplay:
    """A screenplay from the prompt, `spoken` being its recorded lines. Raises ScreenplayError.

    Public figures who are nobody in the cast are written out.
    """
    try:
        return screenwriter.write(anonymous(prompt, roles), roles, seconds, seed=seed, spoken=spoken)
    except ScreenplayError as error:
        error.param = "prompt"
        raise


def anonymous(prompt: str, roles: Sequence[Role]) -> str:
    """Without the names of public figures and strangers who have no character in this cast."""
    names = [role.name for role in roles]
    return strangers.written_out(figures.written_out(prompt, names), names)


def _need_no_figure(play: Screenplay, roles: Sequence[Role]) -> None:
    """Raises ScreenplayError."""
    named = figures.named(words_of(play), [role.name for role in roles])
    if named is not None:
        error = ScreenplayError(f"it names {named[0]!r}, who has no character here; allowed: {named[1]!r}, or the cast")
        error.param = "screenplay"
        raise error


async def cast_of(conn: asyncpg.Connection, account: UUID, order: ClipOrder) -> list[Character]:
    """In the order of speakers. Raises CharacterUnknown, CastRefused, InvalidValue."""
    cast = await grants.allow(conn, account, order.characters, order.mentions, order.prompt)
    if len(cast) > MAX_CAST:
        raise InvalidValue("characters", f"a cast of {len(cast)}", f"at most {MAX_CAST}")
    return cast


def seed_of(order: ClipOrder) -> int:
    """The one asked for, or any."""
    return secrets.randbits(31) if order.seed is None else order.seed
