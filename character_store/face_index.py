"""Finding faces that may be stored already: a keyed, coarse projection of every face's 128 numbers.

Sign random projection (Charikar 2002): each of 128 bits says on which side of a secret hyperplane a face lies, so the
share of bits in which two faces differ grows with the angle between them. The planes come from a secret beside the
master key; without it the bits of one face are noise. As many bits as numbers are too few to get the numbers back
(docs/decisions/0005 has the figures): who matches here is a candidate, and the sealed numbers decide.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
from asyncpg import BitString

from character_store.face_centre import CENTRE

NUMBERS: Final = 128
BITS: Final = 128
NEAR_BITS: Final = 60  # more apart than this: not looked at
CANDIDATES: Final = 20
WALK: Final = {
    "hnsw.iterative_scan": "strict_order",
    "hnsw.max_scan_tuples": "1000000",
    "hnsw.scan_mem_multiplier": "16",
}
SAME_FACE: Final = 0.6  # distance of two faces below which they may be one person's


class Candidate(msgspec.Struct, frozen=True):
    """A stored face near the one asked about; `bits` of them differ."""

    character: UUID
    version: int
    bits: int


def code(secret: bytes, descriptor: bytes) -> BitString:
    """128 bits for float32 little-endian (128,)."""
    values = array("f", descriptor)
    if len(values) != NUMBERS:
        raise ValueError(f"a face has {NUMBERS} numbers; these are {len(values)}")
    sides = (
        sum(sign * (value - middle) for sign, value, middle in zip(plane, values, CENTRE, strict=True))
        for plane in planes(secret)
    )
    return BitString("".join("1" if side > 0 else "0" for side in sides))


def planes(secret: bytes) -> list[list[int]]:
    """BITS normals of NUMBERS signs each (Rademacher), drawn from the secret."""
    drawn = int.from_bytes(hashlib.shake_256(b"castmate face index" + secret).digest(BITS * NUMBERS // 8), "little")
    return [[1 if drawn >> (row * NUMBERS + at) & 1 else -1 for at in range(NUMBERS)] for row in range(BITS)]


def distance(one: bytes, other: bytes) -> float:
    """Euclidean, of two float32 little-endian (128,)."""
    a, b = array("f", one), array("f", other)
    return math.dist(a, b)


async def put(conn: asyncpg.Connection, character: UUID, version: int, bits: BitString) -> None:
    await conn.execute(
        """
        insert into face_index (character, version, code) values ($1, $2, $3)
        on conflict (character, version) do update set code = excluded.code
        """,
        character,
        version,
        bits,
    )


async def candidates(conn: asyncpg.Connection, owner: UUID, bits: BitString) -> list[Candidate]:
    """Faces of other owners that are near, nearest first. Locks out other enrolments until the transaction ends."""
    await conn.execute("select pg_advisory_xact_lock(hashtext('castmate face index'))")
    # The walk goes on past the asker's own faces: or forty held copies of a face would hide whose it is.
    for name, value in WALK.items():
        await conn.execute("select set_config($1, $2, true)", name, value)
    rows = await conn.fetch(
        """
        select f.character, f.version, f.bits
        from (
            select i.character, i.version, (i.code <~> $2)::int as bits
            from face_index i join character k on k.id = i.character
            where k.owner <> $1 order by i.code <~> $2 limit $4
        ) f
        where f.bits <= $3 order by f.bits
        """,
        owner,
        bits,
        NEAR_BITS,
        CANDIDATES,
    )
    return [msgspec.convert(dict(row), Candidate) for row in rows]


async def forget(conn: asyncpg.Connection, character: UUID, version: int | None = None) -> None:
    """Of one version or of all."""
    await conn.execute(
        "delete from face_index where character = $1 and ($2::int is null or version = $2)", character, version
    )


def nearest(found: Sequence[tuple[UUID, float]]) -> tuple[UUID, float] | None:
    """The closest that may be the same person."""
    best = min(found, key=lambda one: one[1], default=None)
    return best if best is not None and best[1] < SAME_FACE else None
