"""The tree of remixes: paged, with tombstones, and never at odds with what a removal reaches."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from social import lineage, removals
from social.lineage import Node
from tests.social.published import a_clip, an_account


async def reached(conn: asyncpg.Connection, clip: UUID) -> set[UUID]:
    """By a removal of the clip."""
    return {row["id"] for row in await conn.fetch("select id from clip_and_descendants(array[$1::uuid]) id", clip)}


async def walked(conn: asyncpg.Connection, viewer: UUID, root: UUID, limit: int) -> list[Node]:
    """All pages of a tree."""
    nodes: list[Node] = []
    while True:
        page = await lineage.whole(conn, viewer, root, after=nodes[-1].clip if nodes else None, limit=limit)
        nodes += page[:limit]
        if len(page) <= limit:
            return nodes


async def a_tree(conn: asyncpg.Connection, maker: UUID, *, size: int) -> list[UUID]:
    """Every clip but the first was made from one that came before; in order of making."""
    made = [await a_clip(conn, maker)]
    for number in range(1, size):
        made.append(await a_clip(conn, maker, parent=made[number * 7 // 10]))
    return made


async def test_a_tree_is_walked_by_depth_with_every_node_once(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    made, other = await a_tree(conn, maker, size=60), await a_tree(conn, maker, size=3)
    nodes = await walked(conn, maker, made[0], limit=7)
    assert sorted(one.clip for one in nodes) == sorted(made)
    assert [one.depth for one in nodes] == sorted(one.depth for one in nodes)
    depths = {one.clip: one.depth for one in nodes}
    assert all(one.depth == depths[one.parent] + 1 for one in nodes if one.parent is not None)
    assert await lineage.root_of(conn, made[-1]) == made[0]
    assert not await lineage.in_tree(conn, made[0], other[0])


async def test_what_is_made_while_a_tree_is_walked_moves_nothing(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    made = await a_tree(conn, maker, size=12)
    first = await lineage.whole(conn, maker, made[0], after=None, limit=5)
    late = [await a_clip(conn, maker, parent=made[0]), await a_clip(conn, maker, parent=made[-1])]
    rest = await lineage.whole(conn, maker, made[0], after=first[4].clip, limit=50)
    seen = [one.clip for one in (*first[:5], *rest)]
    assert len(seen) == len(set(seen))
    assert set(made) <= set(seen)
    assert late[1] in seen


async def test_a_clip_in_the_middle_that_is_deleted_stays_as_a_tombstone_and_removals_still_reach_below(
    conn: asyncpg.Connection,
) -> None:
    maker, mia = await an_account(conn), await an_account(conn)
    root = await a_clip(conn, maker)
    between = await a_clip(conn, mia, parent=root)
    leaf = await a_clip(conn, maker, parent=between)
    leaves = await a_clip(conn, maker, parent=leaf)
    before = await reached(conn, root)
    await removals.delete(conn, mia, between)
    assert await reached(conn, root) == before == {root, between, leaf, leaves}
    nodes = {one.clip: one for one in await walked(conn, maker, root, limit=50)}
    assert nodes[between] == Node(between, root, 1, None, None)
    assert (nodes[leaf].parent, nodes[leaf].depth) == (between, 2)
    above = await lineage.ancestors(conn, maker, leaves)
    assert [(one.clip, one.maker is None) for one in above] == [(leaf, False), (between, True), (root, False)]
    below = await lineage.below(conn, maker, between, after=None, limit=50)
    assert [one.clip for one in below] == [between, leaf, leaves]
    fresh = await a_clip(conn, maker, parent=leaves)  # the tree goes on under the gap
    assert await lineage.root_of(conn, fresh) == root


async def test_an_account_that_leaves_leaves_no_gap_in_what_removals_reach(conn: asyncpg.Connection) -> None:
    maker, mia = await an_account(conn), await an_account(conn)
    root = await a_clip(conn, maker)
    between = await a_clip(conn, mia, parent=root)
    leaf = await a_clip(conn, maker, parent=await a_clip(conn, mia, parent=between))
    before = await reached(conn, root)
    await conn.execute("delete from account where id = $1", mia)
    assert await reached(conn, root) == before
    assert leaf in before
    assert [one.maker is None for one in await walked(conn, maker, root, limit=50)] == [False, True, True, False]


async def test_what_a_viewer_may_not_see_is_a_tombstone_that_says_nothing(conn: asyncpg.Connection) -> None:
    maker, stranger = await an_account(conn), await an_account(conn)
    root = await a_clip(conn, maker)
    draft = await a_clip(conn, maker, parent=root, audience="only_me")
    leaf = await a_clip(conn, maker, parent=draft)
    removed = await a_clip(conn, maker, parent=leaf)
    await removals.take_down(conn, [removed], None, "a test")
    nodes = {one.clip: one for one in await walked(conn, stranger, root, limit=50)}
    assert (nodes[draft].maker, nodes[draft].published_at) == (None, None)
    assert (nodes[removed].maker, nodes[removed].published_at) == (None, None)
    assert nodes[leaf].maker is not None
    own = {one.clip: one for one in await walked(conn, maker, root, limit=50)}
    assert own[draft].maker is not None
    assert [one.id for one in await lineage.remixes(conn, stranger, root, after=None, limit=9, liked=False)] == []


async def test_no_clip_can_come_from_itself(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    root = await a_clip(conn, maker)
    leaf = await a_clip(conn, maker, parent=root)
    for parent in (leaf, root):
        with pytest.raises(asyncpg.CheckViolationError):
            async with conn.transaction():
                await conn.execute("update lineage set parent = $2 where clip = $1", root, parent)
    await conn.execute("update clip set remixed_from = $2 where id = $1", root, leaf)  # what is made later says nothing
    assert [one.clip for one in await lineage.ancestors(conn, maker, leaf)] == [root]
    assert await reached(conn, leaf) == {leaf}


async def test_the_most_liked_remixes_come_first_and_pages_do_not_repeat(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    root = await a_clip(conn, maker)
    made = [await a_clip(conn, maker, parent=root) for _ in range(5)]
    for clip, likes in zip(made, (2, 0, 2, 1, 0), strict=True):
        await conn.execute("update clip_tally set likes = $2 where clip = $1", clip, likes)
    wanted = [made[2], made[0], made[3], made[4], made[1]]
    seen: list[UUID] = []
    for _ in range(3):
        page = await lineage.remixes(conn, maker, root, after=seen[-1] if seen else None, limit=2, liked=True)
        seen += [one.id for one in page[:2]]
    assert seen == wanted
    newest = await lineage.remixes(conn, maker, root, after=None, limit=9, liked=False)
    assert [one.id for one in newest] == made[::-1]
