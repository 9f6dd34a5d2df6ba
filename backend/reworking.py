"""What a finished clip becomes: edited by an instruction, or extended; before anything is spent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

import asyncpg
import msgspec

from backend.given import Wanted
from backend.ids import public
from backend.planning import ClipOrder, Rework, planned
from character_store import grants, uses
from character_store.characters import Character
from generation import continuation, editing
from generation.plan import MAX_SECONDS, Role, Screenplay, words_of
from social.clips import Clip, Continued
from social.errors import ClipFilesGone, ClipNotReady, InvalidValue


class Plan(msgspec.Struct, frozen=True):
    """What a clip will be made from, all checked."""

    screenplay: Screenplay
    cast: tuple[Character, ...]  # in the order of speakers
    seconds: str
    given: Wanted
    continues: Continued | None = None


async def plan(
    conn: asyncpg.Connection,
    maker: UUID,
    order: ClipOrder,
    cast: Sequence[Character],
    seed: int,
    parent: Clip | None,
) -> Plan:
    """Of any order; `parent` is what it remixes or reworks.

    Raises what `planned` raises, for a rework also EditRefused, InvalidValue, ClipNotReady, ClipFilesGone.
    """
    if parent is None or order.rework is None:
        return Plan(await planned(conn, maker, order, cast, seed), tuple(cast), order.seconds, order.given)
    before = await _as_cast(conn, parent, cast)
    return await _reworked(conn, maker, order, cast, seed, parent, before, order.rework)


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
            edited = await asyncio.to_thread(editing.edited, before, order.prompt, _roles(cast), seed=seed)
            kept = [one for number, one in enumerate(cast, 1) if f"S{number}" not in edited.gone]
            names = {f"S{cast.index(one) + 1}": f"S{number}" for number, one in enumerate(kept, 1)}
            wanted = msgspec.structs.replace(order, screenplay=renamed(edited.screenplay, names))
            screenplay = await planned(conn, maker, wanted, kept, seed)
            given = _still_given(order.given, before, edited.screenplay, cast)
            return Plan(screenplay, tuple(kept), order.seconds, given)
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
    assert_never(rework)


async def _as_cast(conn: asyncpg.Connection, parent: Clip, cast: Sequence[Character]) -> Screenplay:
    """The parent's screenplay, with the speakers that its characters are in this cast. Raises ClipNotReady."""
    if parent.screenplay is None:
        raise ClipNotReady(public("video", parent.id), parent.status)
    numbers = {one.id: f"S{number}" for number, one in enumerate(cast, 1)}
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


def _roles(cast: Sequence[Character]) -> list[Role]:
    return [
        Role(f"S{number}", one.name, one.handle, one.preferences, one.restrictions)
        for number, one in enumerate(cast, 1)
    ]


def _continued(parent: Clip) -> Continued:
    """Raises ClipFilesGone."""
    if not parent.media or "video" not in parent.media:
        raise ClipFilesGone(public("video", parent.id))
    return Continued(float(parent.seconds), parent.media["video"], parent.media.get("captions"))
