"""Who may see which clip: the one rule of the database against the same rule in plain Python, over random societies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from tests.factories import unique
from tests.social.published import a_clip, an_account

PEOPLE: Final = 7
CLIPS: Final = 24
SOCIETIES: Final = 8


class Role(msgspec.Struct):
    id: UUID
    owner: UUID
    shares: bool


class Clip(msgspec.Struct):
    id: UUID
    maker: UUID
    status: str
    audience: str
    cast: list[Role]
    hidden: bool
    removed: bool
    adults_only: bool
    sent: set[UUID]


class Society(msgspec.Struct):
    people: list[UUID] = []
    young: set[UUID] = set()
    follows: set[tuple[UUID, UUID]] = set()
    blocks: set[tuple[UUID, UUID]] = set()
    mutes: set[tuple[UUID, UUID]] = set()
    reports: set[tuple[UUID, str, UUID]] = set()
    clips: list[Clip] = []

    def friends(self, one: UUID, other: UUID | None) -> bool:
        return {(one, other), (other, one)} <= self.follows

    def blocked(self, one: UUID, other: UUID | None) -> bool:
        return bool({(one, other), (other, one)} & self.blocks)

    def may_see(self, clip: Clip, viewer: UUID | None) -> bool:
        """As the product's rules tell it: one's own and what one is in, and what others may be shown."""
        owners = {role.owner for role in clip.cast}
        own = viewer is not None and viewer in {clip.maker, *owners}
        return not clip.removed and (own or (self.is_fit(clip, viewer) and self.is_meant_for(clip, viewer)))

    def is_fit(self, clip: Clip, viewer: UUID | None) -> bool:
        """Moderation, age, blocks, consent, and what the viewer reported."""
        people = (clip.maker, *(role.owner for role in clip.cast))
        subjects = {("clip", clip.id), ("account", clip.maker), *(("character", role.id) for role in clip.cast)}
        return (
            clip.status == "completed"
            and not clip.hidden
            and not (clip.adults_only and (viewer is None or viewer in self.young))
            and not any(self.blocked(person, viewer) for person in people)
            and all(role.shares for role in clip.cast)
            and not any((viewer, *subject) in self.reports for subject in subjects)
        )

    def is_meant_for(self, clip: Clip, viewer: UUID | None) -> bool:
        if clip.audience == "everyone" or viewer in clip.sent:
            return True
        return clip.audience == "friends" and self.friends(clip.maker, viewer)

    def may_be_shown(self, clip: Clip, viewer: UUID | None) -> bool:
        return self.may_see(clip, viewer) and (viewer, clip.maker) not in self.mutes


async def a_role(conn: asyncpg.Connection, owner: UUID, *, shares: bool) -> Role:
    receipt = await conn.fetchval(
        "insert into consent_receipt (account, policy_version, policy_sha256, signed_name, ip_hash) "
        "values ($1, '1', '', 'A', '') returning id",
        owner,
    )
    await conn.execute(
        "insert into consent_purpose (receipt, purpose, withdrawn_at) "
        "select $1, p, case when p = 'share' and not $2 then now() end "
        "from unnest(array['store', 'generate', 'share']) p",
        receipt,
        shares,
    )
    made = await conn.fetchval(
        "insert into character (owner, kind, name, handle, consent, state, audience, preferences, restrictions, build) "
        "values ($1, 'person', 'A', $3, $2, 'ready', 'everyone', '', '{}', 'average') returning id",
        owner,
        receipt,
        unique("role"),
    )
    return Role(made, owner, shares)


async def sent(conn: asyncpg.Connection, clip: UUID, maker: UUID, to: UUID) -> None:
    """In a group of the two, so that no rule of pairs is in the way."""
    thread = await conn.fetchval("insert into thread (kind, newest) values ('group', uuidv7()) returning id")
    await conn.execute("insert into thread_member (thread, account) select $1, unnest($2::uuid[])", thread, [maker, to])
    await conn.execute(
        "insert into message (thread, author, kind, clip) values ($1, $2, 'video', $3)", thread, maker, clip
    )


async def a_society(conn: asyncpg.Connection, dice: random.Random) -> Society:
    society = Society()
    for _ in range(PEOPLE):
        is_young = dice.random() < 0.25
        person = await an_account(conn, born="2012-01-01" if is_young else "1990-01-01")
        society.people.append(person)
        if is_young:
            society.young.add(person)
    pairs = [(one, other) for one in society.people for other in society.people if one != other]
    edges = {"follow": (society.follows, 0.5), "block": (society.blocks, 0.06), "mute": (society.mutes, 0.15)}
    for table, (held, share) in edges.items():
        held.update(pair for pair in pairs if dice.random() < share)
        for pair in sorted(held):
            await conn.execute(f"insert into {table} values ($1, $2)", *pair)  # noqa: S608 - three names of our own
    roles = [await a_role(conn, dice.choice(society.people), shares=dice.random() < 0.85) for _ in range(5)]
    society.clips = [await a_drawn_clip(conn, society, roles, dice) for _ in range(CLIPS)]
    await reported(conn, society, roles, dice)
    return society


async def a_drawn_clip(conn: asyncpg.Connection, society: Society, roles: list[Role], dice: random.Random) -> Clip:
    maker, audience = dice.choice(society.people), dice.choice(("only_me", "friends", "everyone"))
    adults_only = dice.random() < 0.15
    clip = Clip(
        await a_clip(conn, maker, audience=audience, adults_only=adults_only),
        maker,
        dice.choices(("completed", "queued", "failed"), (8, 1, 1))[0],
        audience,
        dice.sample(roles, dice.choices((0, 1, 2), (3, 2, 1))[0]),
        dice.random() < 0.1,
        dice.random() < 0.1,
        adults_only,
        set(),
    )
    await conn.execute(
        "update clip set status = $2, media = case when $2 = 'completed' then media end, "
        "error_code = case when $2 = 'failed' then 'x' end, "
        "refunded_at = case when $2 = 'failed' then now() end, "
        "published_at = case when $2 = 'completed' then published_at end, hidden_at = case when $3 then now() end, "
        "removed_at = case when $4 then now() end where id = $1",
        clip.id,
        clip.status,
        clip.hidden,
        clip.removed,
    )
    for role in clip.cast:
        used = "insert into use (clip, character, version, speaker, decision) values ($1, $2, 1, $3, '{}')"
        await conn.execute(used, clip.id, role.id, role.id.hex)
    to = dice.choice(society.people)
    if dice.random() < 0.3 and to != maker and await conn.fetchval("select may_address($1, $2)", maker, to):
        await sent(conn, clip.id, maker, to)
        clip.sent.add(to)
    return clip


async def reported(conn: asyncpg.Connection, society: Society, roles: list[Role], dice: random.Random) -> None:
    for _ in range(6):
        kind, subject = dice.choice(
            (
                ("clip", dice.choice(society.clips).id),
                ("account", dice.choice(society.people)),
                ("character", dice.choice(roles).id),
            )
        )
        told = (dice.choice(society.people), kind, subject)
        if told[0] != subject and told not in society.reports:
            said = (
                "insert into report (reporter, subject_type, subject, reason, comment) values ($1, $2, $3, 'spam', '')"
            )
            await conn.execute(said, *told)
            society.reports.add(told)


async def test_the_database_shows_exactly_what_the_rule_says(conn: asyncpg.Connection) -> None:
    met: set[str] = set()
    for seed in range(SOCIETIES):
        society = await a_society(conn, random.Random(seed))  # noqa: S311 - no secret
        for viewer in (None, *society.people):
            met |= {case for clip in society.clips for case in cases(society, clip, viewer)}
            for name, rule in (("visible_clip", society.may_see), ("unmuted_clip", society.may_be_shown)):
                ours = f"select id from {name}($1) where id = any($2)"  # noqa: S608 - one of two names
                shown = {row["id"] for row in await conn.fetch(ours, viewer, [clip.id for clip in society.clips])}
                expected = {clip.id for clip in society.clips if rule(clip, viewer)}
                odd = [clip for clip in society.clips if clip.id in shown ^ expected]
                assert not odd, (seed, name, viewer, [clip.id in shown for clip in odd], odd)
    assert len(met) == 14, met  # else the comparison proves less than it says


def cases(society: Society, clip: Clip, viewer: UUID | None) -> Iterator[str]:
    owners = {role.owner for role in clip.cast}
    stranger = viewer != clip.maker and viewer not in owners
    seen = society.may_see(clip, viewer)
    found = {
        "seen as maker": viewer == clip.maker and seen,
        "seen as shown": viewer in owners and viewer != clip.maker and seen,
        "seen as friend": stranger and clip.audience == "friends" and seen,
        "seen because sent": stranger and clip.audience == "only_me" and seen,
        "seen by a link": viewer is None and seen,
        "block": society.blocked(clip.maker, viewer),
        "mute": (viewer, clip.maker) in society.mutes and seen,
        "young": clip.adults_only and viewer in society.young,
        "reported account": (viewer, "account", clip.maker) in society.reports,
        "reported clip": (viewer, "clip", clip.id) in society.reports,
        "reported role": any((viewer, "character", role.id) in society.reports for role in clip.cast),
        "no share": any(not role.shares for role in clip.cast),
        "hidden": clip.hidden,
        "removed": clip.removed,
    }
    return (word for word, true in found.items() if true)
