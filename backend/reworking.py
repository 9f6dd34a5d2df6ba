"""What a finished clip becomes: edited by an instruction, extended, or remixed; before anything is spent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

import asyncpg
import msgspec

from backend import sounding
from backend.given import Wanted
from backend.ids import public
from backend.planning import ClipOrder, Plan, Rework, Swap, planned, roles_of
from character_store import grants, uses
from character_store.characters import Character
from generation import continuation, editing, endings, recasting, restyling, screenwriter, variation
from generation.editing import Edited
from generation.edits.deeds import is_not_to
from generation.edits.people import present
from generation.errors import EditRefused
from generation.plan import MAX_SECONDS, Role, Screenplay, words_of
from social.clips import Clip, Continued
from social.errors import ClipFilesGone, ClipNotReady, InvalidValue


async def plan(
    conn: asyncpg.Connection,
    maker: UUID,
    order: ClipOrder,
    cast: Sequence[Character],
    seed: int,
    parent: Clip | None,
) -> Plan:
    """Of any order; `parent` is what it remixes or reworks.

    Raises what `planned` raises, for a rework also EditRefused, InvalidValue, ClipNotReady, ClipFilesGone, and what
    `sounding` raises for a sound.
    """
    if order.sound is not None:
        return await sounding.plan(conn, maker, order, order.sound, cast, seed)
    if parent is None or order.rework is None or (order.rework == "plain" and order.screenplay is not None):
        return Plan(await planned(conn, maker, order, cast, seed), tuple(cast), order.seconds, order.given)
    before = await _as_cast(conn, parent, cast, order.swap)
    made = await _reworked(conn, maker, order, cast, seed, parent, before, order.rework)
    return await sounding.kept(conn, maker, order, parent, before, made)


async def _reworked(
    conn: asyncpg.Connection,
    maker: UUID,
    order: ClipOrder,
    cast: Sequence[Character],
    seed: int,
    parent: Clip,
    before: Screenplay,
    rework: Rework,
) -> Plan:
    match rework:
        case "edit":
            made = await asyncio.to_thread(editing.edited, before, order.prompt, roles_of(cast), seed=seed)
            return await _edited(conn, maker, order, cast, seed, before, made)
        case "extend":
            total = float(parent.seconds) + float(order.seconds)
            if total > MAX_SECONDS:
                left = MAX_SECONDS - float(parent.seconds)
                raise InvalidValue(
                    "seconds",
                    order.seconds,
                    f"up to {left:g} more: the video has {parent.seconds} s, and {MAX_SECONDS} s is the most",
                )
            for one in cast:  # what is there already is shown again
                await grants.need(conn, maker, one.id, clip=None, prompt=words_of(before), shown=f"@{one.handle}")
            directed = msgspec.structs.replace(order, prompt=continuation.directed(order.prompt, before))
            fresh = await planned(conn, maker, directed, cast, seed)
            whole = continuation.extended(before, fresh)
            return Plan(whole, tuple(cast), f"{total:g}", order.given, _continued(parent))
        case "plain":
            return await _varied(conn, maker, order, cast, seed, before)
        case "swap" | "restyle" | "change_the_ending":
            told = await asyncio.to_thread(_told_anew, before, order, roles_of(cast), seed)
            play = await planned(conn, maker, msgspec.structs.replace(order, screenplay=told), cast, seed)
            return Plan(play, tuple(cast), order.seconds, _still_given(order.given, before, told, cast))
    assert_never(rework)


def _told_anew(before: Screenplay, order: ClipOrder, roles: Sequence[Role], seed: int) -> Screenplay:
    """Raises EditRefused, PromptTooWordy or ScreenplayError."""
    if order.rework == "restyle":
        return restyling.restyled(before, order.prompt)
    if order.swap is None:
        return endings.ended_otherwise(before, order.prompt, roles, seed=seed)
    new = next(role for role in roles if role.speaker == order.swap.speaker)
    play = recasting.recast(before, Role(new.speaker, order.swap.name, order.swap.handle), new)
    return editing.edited(play, order.prompt, roles, seed=seed).screenplay if order.swap.instructed else play


async def _edited(
    conn: asyncpg.Connection,
    maker: UUID,
    order: ClipOrder,
    cast: Sequence[Character],
    seed: int,
    before: Screenplay,
    made: Edited,
) -> Plan:
    """Without those who are not in it any more."""
    kept = [one for number, one in enumerate(cast, 1) if f"S{number}" not in made.gone]
    names = {f"S{cast.index(one) + 1}": f"S{number}" for number, one in enumerate(kept, 1)}
    wanted = msgspec.structs.replace(order, screenplay=renamed(made.screenplay, names))
    screenplay = await planned(conn, maker, wanted, kept, seed)
    given = _still_given(order.given, before, made.screenplay, cast)
    return Plan(screenplay, tuple(kept), order.seconds, given)


async def _varied(
    conn: asyncpg.Connection, maker: UUID, order: ClipOrder, cast: Sequence[Character], seed: int, before: Screenplay
) -> Plan:
    """The prompt carried out on the screenplay; where it is no instruction for that, a new idea in the same place.

    Raises what `planned` raises, and EditRefused for something to be left out that is not there.
    """
    roles = roles_of(cast)
    if float(order.seconds) == before.seconds:
        unseen = {role.speaker for role in roles} - present(before)
        try:
            made = await asyncio.to_thread(editing.edited, before, order.prompt, roles, seed=seed)
        except EditRefused:
            if is_not_to(order.prompt):
                raise
        else:
            if unseen <= present(made.screenplay):
                return await _edited(conn, maker, order, cast, seed, before, made)
    directed = msgspec.structs.replace(order, prompt=variation.placed(order.prompt, before))
    fresh = await planned(conn, maker, directed, cast, seed)
    play = variation.inherited(before, fresh, order.prompt)
    return Plan(screenwriter.accepted(play, roles, float(order.seconds)), tuple(cast), order.seconds, order.given)


async def _as_cast(
    conn: asyncpg.Connection, parent: Clip, cast: Sequence[Character], swap: Swap | None = None
) -> Screenplay:
    """The parent's screenplay, with the speakers that its characters are in this cast. Raises ClipNotReady."""
    if parent.screenplay is None:
        raise ClipNotReady(public("video", parent.id), parent.status)
    numbers = {one.id: f"S{number}" for number, one in enumerate(cast, 1)}
    if swap is not None:
        numbers[swap.gone] = swap.speaker
    shown = (await uses.of_clips(conn, [parent.id]))[parent.id]
    names = {use.speaker: numbers[use.character] for use in shown if use.character in numbers}
    return renamed(msgspec.convert(parent.screenplay, Screenplay), names)


def renamed(play: Screenplay, names: dict[str, str]) -> Screenplay:
    """The same with other speakers; who has no new name keeps one that nobody is cast as."""

    def name(speaker: str) -> str:
        return names.get(speaker, f"{speaker} (gone)")

    replace = msgspec.structs.replace
    shots = tuple(
        replace(
            shot,
            who=tuple(map(name, shot.who)),
            lines=tuple(replace(line, speaker=name(line.speaker)) for line in shot.lines),
        )
        for shot in play.shots
    )
    return replace(play, shots=shots)


def _still_given(wanted: Wanted, before: Screenplay, after: Screenplay, cast: Sequence[Character]) -> Wanted:
    """A recording stays with the lines that it drives, a picture with the place that it is; what was sent now stays."""
    whose = {public("char", one.id): _said(before, f"S{n}") == _said(after, f"S{n}") for n, one in enumerate(cast, 1)}
    performances = tuple(one for one in wanted.performances if not one.inherited or whose.get(one.character or ""))
    moved = wanted.scene_inherited and before.setting != after.setting
    return Wanted(performances, "" if moved else wanted.scene_sha256, wanted.scene_inherited)


def _said(play: Screenplay, speaker: str) -> list[str]:
    return [line.text for shot in play.shots for line in shot.lines if line.speaker == speaker]


def _continued(parent: Clip) -> Continued:
    """Raises ClipFilesGone."""
    if not parent.media or "video" not in parent.media:
        raise ClipFilesGone(public("video", parent.id))
    return Continued(float(parent.seconds), parent.media["video"], parent.media.get("captions"))
