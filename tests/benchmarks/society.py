"""A made-up society as rows: whom people follow, what they made, watched and liked, by power laws.

Set by set, with triggers off and indexes made afterwards; tallies are counted from the rows. The numbers in front of a
person and a clip decide everything about them, so that nothing has to be looked up while filling.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

import asyncpg
import msgspec

from backend import auth
from backend.db import migrate
from generation import screenwriter

PASSWORD: Final = "correct horse battery staple"
PROMPTS: Final = (
    "two friends argue about the last slice of pizza on a roof at night",
    "a dog finds a letter in the park and reads it to the pigeons",
    "a teacher explains gravity with a falling hat, then laughs",
    "an astronaut calls home from the moon. «Did you water the plants?»",
    "a chef drops the cake and dances around it in the kitchen",
    "a ghost in the library asks for silence, very loudly",
)
TOPICS: Final = ("dogs", "cats", "food", "music", "space", "school", "horror", "comedy", "sports", "travel")


class Size(msgspec.Struct, frozen=True):
    """How many. `friendships` are follows both ways, `tree` clips all come from one; a like is of a view."""

    people: int
    friendships: int
    fans: int
    clips: int
    tree: int
    views: int
    likes: int


LARGE: Final = Size(100_000, 1_250_000, 2_700_000, 1_000_000, 10_000, 16_000_000, 4_000_000)
SMALL: Final = Size(5_000, 50_000, 110_000, 30_000, 1_000, 300_000, 75_000)
TINY: Final = Size(3_000, 6_000, 12_000, 4_000, 300, 20_000, 5_000)

# Name and statement, in order. Numbers from 0; a low one is somebody well known, a high one a new clip.
STEPS: Final[tuple[tuple[str, str], ...]] = (
    (
        "people",
        """
        create unlogged table person as
        select n, uuidv7(-make_interval(days => 400) + make_interval(secs => n)) as id
        from generate_series(0, :people - 1) n;
        insert into account (id, handle, display_name, password_hash, birth_date, created_at)
        select id, 'p' || n, 'Person ' || n, :password, date '1980-01-01' + (n % 7000), now() - interval '400 days'
        from person;
        insert into account_handle (handle, account) select 'p' || n, id from person;
        alter table person add primary key (n);
        analyze person;
        """,
    ),
    (
        "characters and their consent",
        """
        create unlogged table role as
        select n, id as owner, uuidv7() as id, uuidv7() as receipt from person;
        insert into consent_receipt (id, account, policy_version, policy_sha256, signed_name, ip_hash)
        select receipt, owner, '1', '', 'P', '' from role;
        insert into consent_purpose (receipt, purpose) select receipt, p
        from role, unnest(array['store', 'generate', 'share']) p;
        insert into character (id, owner, kind, name, handle, audience, preferences, restrictions, build, state,
            consent)
        select id, owner, 'person', 'Person ' || n, 'p' || n || '.me', 'mutuals', '', '{}', 'average', 'ready', receipt
        from role;
        insert into character_version (character, version, key_destroyed_at, state)
        select id, 1, now(), 'ready' from role;
        alter table role add primary key (n);
        analyze role;
        """,
    ),
    (
        "follows",
        """
        create unlogged table edge as
        with pair as (
            select a, (a + 1 + floor(300 * random() * random())::int) % :people as b
            from (select floor(:people * random())::int as a from generate_series(1, :friendships)) one
        ), fan as (
            select floor(:people * random() ^ 2)::int as a, floor(:people * random() ^ 3)::int as b
            from generate_series(1, :fans)
        )
        select distinct a, b from (
            select a, b from pair union all select b, a from pair union all select a, b from fan
        ) each_way where a <> b;
        analyze edge;
        insert into follow (follower, followed, at, mutual)
        select p.id, q.id, now() - random() * interval '300 days', r.a is not null
        from edge e left join edge r on r.a = e.b and r.b = e.a join person p on p.n = e.a join person q on q.n = e.b;
        """,
    ),
    (
        "clips",
        """
        create unlogged table film as
        select n, floor(:people * random() ^ 2)::int as maker, published_at, uuidv7(published_at - now()) as id,
            case when random() < 0.85 then 'everyone' when random() < 0.8 then 'friends' else 'only_me' end as audience,
            case when n % 20 < 16 then null
                when n % 20 < 19 then floor(random() ^ 0.3 * (n / 20))::int * 20 + floor(random() * 16)::int
                else floor(random() ^ 0.3 * (n / 20))::int * 20 + 16 + floor(random() * 3)::int
            end as parent
        from (
            select n, now() - interval '180 days' * (1 - (n + 1)::float8 / :clips) ^ 1.5 - interval '1 second'
                as published_at
            from generate_series(0, :clips - 1) n
        ) timed;
        insert into film select :clips + n, floor(:people * random())::int, at, uuidv7(at - now()), 'everyone',
            case when n > 0 then :clips + floor(random() * n)::int end
        from (
            select n, now() - interval '20 days' + n * interval '1 minute' as at from generate_series(0, :tree - 1) n
        ) timed;
        alter table film add primary key (n);
        analyze film;
        insert into clip (id, account, status, progress, stage, prompt, model, size, seconds, seed, audience, caption,
            remixed_from, screenplay, engine, stages, engine_seconds, created_at, completed_at, media, blurhash,
            identity_report, published_at)
        select f.id, m.id, 'completed', 100, 'done', s.prompt, 'castmate-1', '480x848', '10', f.n, f.audience,
            'clip ' || f.n || ' about ' || s.topic, p.id, s.screenplay, s.engine, s.stages, 41.5, f.published_at,
            f.published_at, replace(s.media::text, '*', f.id::text)::jsonb, 'LEHV6nWB2yk8pyo0adR*.7kCMdnj', s.report,
            case when f.audience <> 'only_me' then f.published_at end
        from film f join person m on m.n = f.maker join script s on s.n = f.n % :scripts
            left join film p on p.n = f.parent
        order by f.n;
        """,
    ),
    (
        "the trees of remixes",
        """
        insert into lineage (clip, parent, root, depth, maker)
        with recursive tree as (
            select n, id, null::uuid as parent, id as root, 0 as depth, maker from film where parent is null
            union all
            select f.n, f.id, t.id, t.root, t.depth + 1, f.maker from film f join tree t on f.parent = t.n
        )
        select t.id, t.parent, t.root, t.depth, m.id from tree t join person m on m.n = t.maker;
        """,
    ),
    (
        "who is in them",
        """
        insert into use (clip, character, version, speaker, decision)
        select f.id, r.id, 1, 'S1', '{"why": "owner"}'::jsonb from film f join role r on r.n = f.maker where f.n % 3 > 0
        union all
        select f.id, r.id, 1, 'S2', '{"why": "mutuals"}'::jsonb from film f join role r on r.n = (f.maker + 1) % :people
        where f.n % 3 = 1;
        """,
    ),
    (
        "what they are about",
        """
        insert into clip_words (clip, published_at, caption, words)
        select f.id, f.published_at, 'clip about ' || s.topic, s.words
        from film f join script s on s.n = f.n % :scripts where f.audience <> 'only_me';
        insert into clip_topic (clip, topic, published_at)
        select f.id, s.topic, f.published_at from film f join script s on s.n = f.n % :scripts
        where f.audience <> 'only_me';
        """,
    ),
    (
        "views",
        """
        insert into clip_view (account, clip, first_at, last_at, watched_s, completed)
        select p.id, f.id, f.published_at, f.published_at, 1 + (i % 10), i % 2 = 0
        from (
            select id, published_at, floor(:people * random())::int as start_,
                10 * floor(random() * 10)::int + (array[1, 3, 7, 9])[1 + floor(random() * 4)::int] as step,
                least(:people / 8, floor(0.32 * :views / :clips / (1 - random()) ^ 0.75)::int) as times
            from film where audience = 'everyone'
        ) f cross join lateral generate_series(1, f.times) i join person p on p.n = (f.start_ + i * f.step) % :people
        limit :views;
        """,
    ),
    (
        "likes",
        """
        insert into clip_like (account, clip, at)
        select account, clip, first_at from clip_view where completed and random() < 0.55 limit :likes;
        """,
    ),
)
TALLIES: Final = """
    insert into account_tally (account, followers, following, friends)
    select p.id, coalesce(a.followers, 0), coalesce(b.following, 0), coalesce(b.friends, 0)
    from person p left join (select followed, count(*) as followers from follow group by 1) a on a.followed = p.id
    left join (
        select follower, count(*) as following, count(*) filter (where mutual) as friends from follow group by 1
    ) b on b.follower = p.id;
    insert into clip_tally (clip, likes, remixes, views, completions)
    select f.id, coalesce(l.likes, 0), coalesce(r.remixes, 0), coalesce(v.views, 0), coalesce(v.completions, 0)
    from film f left join (select clip, count(*) as likes from clip_like group by 1) l on l.clip = f.id
    left join (
        select parent, count(*) as remixes from film where parent is not null and audience <> 'only_me' group by 1
    ) r on r.parent = f.n
    left join (
        select clip, count(*) as views, count(*) filter (where completed) as completions from clip_view group by 1
    ) v on v.clip = f.id;
"""
FILLED: Final = ("follow", "clip", "lineage", "use", "clip_words", "clip_topic", "clip_view", "clip_like")
"""Tables whose indexes are made after their rows."""


async def make(dsn: str, size: Size, say: Callable[[str], None]) -> None:
    """Fill an empty database, or leave one as it is that holds this society already. Raises SystemExit for another."""
    await migrate(dsn)
    conn = await asyncpg.connect(dsn, command_timeout=1200)
    try:
        if await conn.fetchval("select to_regclass('society') is not null"):
            if await conn.fetchval("select made from society") != msgspec.json.encode(size).decode():
                raise SystemExit("the folder holds a society of another size; give another folder")
            return
        if await conn.fetchval("select exists (select from account)"):
            raise SystemExit("the folder holds a database in use, which is not filled with made-up people")
        began = time.perf_counter()
        await conn.execute(
            "set session_replication_role = replica; set synchronous_commit = off; set work_mem = '256MB'"
        )
        await conn.execute("set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 2")
        await conn.execute("select setseed(0.42)")
        await _scripts(conn)
        indexes = [one for table in FILLED for one in await _without_indexes(conn, table)]
        names = msgspec.structs.asdict(size) | {"scripts": len(PROMPTS) * len(TOPICS)}
        names["password"] = f"'{await auth.hash_password(PASSWORD)}'"
        for name, text in STEPS:
            async with conn.transaction():
                await conn.execute(_filled_in(text, names))
            say(f"{name}: {time.perf_counter() - began:.0f} s")
        for one in indexes:
            await conn.execute(one)
        say(f"indexes: {time.perf_counter() - began:.0f} s")
        await conn.execute(TALLIES)
        say(f"tallies: {time.perf_counter() - began:.0f} s")
        await conn.execute("create table society as select $1::text as made", msgspec.json.encode(size).decode())
        await conn.execute("vacuum (analyze, parallel 2)")
        say(f"made in {time.perf_counter() - began:.0f} s")
    finally:
        await conn.close()


def _filled_in(text: str, names: dict[str, object]) -> str:
    for name, value in sorted(names.items(), key=lambda one: -len(one[0])):
        text = text.replace(f" :{name}", f" {value}").replace(f"(:{name}", f"({value}")
    return text


async def _scripts(conn: asyncpg.Connection) -> None:
    """What clips are made of: screenplays as the screenwriter writes them, and what stands beside them."""
    files = {
        name: {"key": f"clips/*/{name}{end}", "size": 1_900_000, "sha256": "ab" * 32, "media_type": kind}
        for name, end, kind in (
            ("video", ".mp4", "video/mp4"),
            ("thumbnail", ".webp", "image/webp"),
            ("spritesheet", ".jpg", "image/jpeg"),
            ("captions", ".vtt", "text/vtt"),
        )
    }
    report = {
        "face": {"S1": 0.93}, "voice": {"S1": 0.71}, "wer": 0.0, "lip_sync_ms": 20, "cuts_ok": 3, "cuts": 3,
        "passed": True, "measures": {"face_found": {"S1": 1.0}, "face_worst": {"S1": 0.2}}, "models": {"face": "dlib"},
    }  # fmt: skip
    stages = [{"stage": name, "seconds": 3.1} for name in ("screenplay", "sound", "render", "encode", "measure")]
    await conn.execute(
        "create unlogged table script (n int primary key, prompt text, topic text, words tsvector, screenplay jsonb,"
        " media jsonb, report jsonb, engine jsonb, stages jsonb)"
    )
    number = 0
    for prompt in PROMPTS:
        screenplay = await asyncio.to_thread(screenwriter.write, prompt, (), 10.0, seed=number, spoken=())
        for topic in TOPICS:
            await conn.execute(
                "insert into script values ($1, $2, $3, to_tsvector('simple', $2 || ' ' || $3), $4, $5, $6, $7, $8)",
                number,
                prompt,
                topic,
                *(
                    msgspec.json.encode(one).decode()
                    for one in (
                        screenplay,
                        files,
                        report,
                        {"name": "portrait", "version": "1", "fallbacks": []},
                        stages,
                    )
                ),
            )
            number += 1


async def _without_indexes(conn: asyncpg.Connection, table: str) -> list[str]:
    """Drops them, but for keys that others refer to, and returns what makes them again."""
    rows = await conn.fetch(
        """
        select i.indexrelid::regclass::text as index, pg_get_indexdef(i.indexrelid) as made, c.conname as name,
            pg_get_constraintdef(c.oid) as key,
            exists (select from pg_constraint f where f.conindid = i.indexrelid and f.contype = 'f') as referred
        from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
            and c.conrelid = i.indrelid
        where i.indrelid = $1::text::regclass
        """,
        table,
    )
    again = []
    for row in rows:
        if row["referred"] or (table == "clip" and row["name"] is not None):
            continue
        if row["name"] is None:
            await conn.execute(f"drop index {row['index']}")
            again.append(row["made"])
        else:
            await conn.execute(f"alter table {table} drop constraint {row['name']}")
            again.append(f"alter table {table} add constraint {row['name']} {row['key']}")
    return again
