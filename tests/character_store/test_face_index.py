from __future__ import annotations

import random
import struct
from uuid import UUID, uuid4

import asyncpg
import pytest

from character_store import face_index
from character_store.face_centre import CENTRE
from tests.character_store.test_vault import a_character

SECRET = b"s" * 32


def face(seed: int, away: float = 0.0, other: int = 0) -> bytes:
    """128 numbers like dlib's: about 0.6 from the mean of all people; `away` moves them in a direction of their own."""
    rng, turned = random.Random(seed), random.Random(1000 + other)  # noqa: S311  # faces, not secrets
    own = [rng.gauss(0, 0.6 / 128**0.5) for _ in range(128)]
    step = [turned.gauss(0, 1) for _ in range(128)]
    length = sum(value**2 for value in step) ** 0.5
    moved = (a + b + away * c / length for a, b, c in zip(CENTRE, own, step, strict=True))
    return struct.pack("<128f", *moved)


def apart(one: bytes, other: bytes, secret: bytes = SECRET) -> int:
    a, b = face_index.code(secret, one).to_int(), face_index.code(secret, other).to_int()
    return int.bit_count(a ^ b)


def test_one_person_is_near_and_others_are_far() -> None:
    same = [apart(face(seed), face(seed, away=0.4, other=seed)) for seed in range(40)]
    others = [apart(face(seed), face(seed + 1)) for seed in range(40)]
    assert max(same) <= face_index.NEAR_BITS
    assert sum(others) / len(others) > max(same)
    assert 56 < sum(others) / len(others) < 72


def test_without_the_secret_the_bits_say_nothing() -> None:
    """The same face under another secret is as far as another face."""
    between = [
        (face_index.code(SECRET, face(seed)).to_int() ^ face_index.code(b"t" * 32, face(seed)).to_int()).bit_count()
        for seed in range(60)
    ]
    assert 56 < sum(between) / len(between) < 72


@pytest.mark.parametrize("numbers", [0, 127, 129])
def test_a_face_of_another_length_is_refused(numbers: int) -> None:
    with pytest.raises(ValueError, match="128 numbers"):
        face_index.code(SECRET, bytes(4 * numbers))


async def stored(conn: asyncpg.Connection, identity: bytes) -> tuple[UUID, UUID]:
    character = await a_character(conn)
    owner: UUID = await conn.fetchval("select owner from character where id = $1", character)
    await conn.execute("insert into character_version (character, version, wrapped_key) values ($1, 1, 'x')", character)
    await face_index.put(conn, character, 1, face_index.code(SECRET, identity))
    return character, owner


async def test_the_nearest_faces_of_others_are_found_and_ones_own_are_not(conn: asyncpg.Connection) -> None:
    for seed in range(300):
        await stored(conn, face(seed))
    wanted, owner = await stored(conn, face(7, away=0.3))
    bits = face_index.code(SECRET, face(7))
    async with conn.transaction():
        found = await face_index.candidates(conn, uuid4(), bits)
        assert [one.bits for one in found] == sorted(one.bits for one in found)
        assert wanted in [one.character for one in found[:2]]
        assert found[0].bits == 0
        assert wanted not in [one.character for one in await face_index.candidates(conn, owner, bits)]
    await face_index.forget(conn, wanted)
    async with conn.transaction():
        assert wanted not in [one.character for one in await face_index.candidates(conn, uuid4(), bits)]


async def test_many_copies_of_ones_own_do_not_hide_whose_face_it_is(conn: asyncpg.Connection) -> None:
    """Each of them was held; the next one must be too."""
    wanted, _ = await stored(conn, face(7, away=0.3))
    thief = await conn.fetchval("select owner from character where id = $1", await a_character(conn))
    bits = face_index.code(SECRET, face(7))
    for seed in range(60):
        held, _ = await stored(conn, face(7, away=0.05, other=seed))
        await conn.execute("update character set owner = $2 where id = $1", held, thief)
        await stored(conn, face(100 + seed))
    async with conn.transaction():
        await conn.execute("set local enable_seqscan = off; set local enable_sort = off")  # as with many more people
        assert wanted in [one.character for one in await face_index.candidates(conn, thief, bits)]


def test_only_a_face_within_the_limit_is_the_same() -> None:
    one, two = uuid4(), uuid4()
    assert face_index.nearest([(one, 0.61), (two, 0.59)]) == (two, 0.59)
    assert face_index.nearest([(one, 0.6)]) is None
    assert face_index.nearest([]) is None


def test_distance_is_euclidean() -> None:
    assert face_index.distance(struct.pack("<128f", *[0.0] * 128), struct.pack("<128f", 3, 4, *[0.0] * 126)) == 5
