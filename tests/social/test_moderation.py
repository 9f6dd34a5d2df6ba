"""Moderation in the database: events and what they come to, who is believed, what is hidden by whom."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend import moderating
from social import accounts, departures, removals
from social.errors import SocialError
from social.moderation import cases, chain, evidence, measures, reviews, statements
from social.moderation.appeals import Outcome
from social.moderation.errors import CaseDecided, LeaseHeld, LeaseNeeded, OwnMatter
from social.moderation.reasons import DUE, TRUSTED_HIDE, WEIGHT, Reason, Subject, priority
from social.moderation.rulings import Decision, Ruling
from tests.social.published import a_clip, an_account
from tests.social.test_search_plans import Explaining

REASONS: tuple[Reason, ...] = ("other", "hate", "violence", "child_safety")
DECISIONS: tuple[Decision, ...] = ("dismiss", "dismiss", "remove", "limit_reach", "escalate", "warn")
OUTCOMES: tuple[Outcome, ...] = ("upheld", "overturned")


def a_ruling(decision: Decision = "remove") -> Ruling:
    return Ruling(decision, "House rules", "It breaks a rule of this place.")


async def reported(conn: asyncpg.Connection, clip: UUID, by: UUID | None = None, reason: Reason = "hate") -> UUID:
    reporter = by or await an_account(conn)
    return (await moderating.open_report(conn, reporter, "clip", clip, reason=reason)).id


async def a_moderator(conn: asyncpg.Connection, role: str = "moderator") -> UUID:
    made = await an_account(conn)
    await conn.execute("update account set role = $2 where id = $1", made, role)
    return made


async def ruled(conn: asyncpg.Connection, clip: UUID, moderator: UUID, ruling: Ruling) -> UUID:
    await cases.claim(conn, "clip", clip, moderator, "moderator")
    return (await moderating.decide(conn, "clip", clip, ruling, moderator)).event


async def hidden(conn: asyncpg.Connection, clip: UUID) -> bool:
    return bool(await conn.fetchval("select hidden_at is not null from clip where id = $1", clip))


async def test_the_status_is_what_the_events_come_to(conn: asyncpg.Connection) -> None:
    """Whatever is done in whatever order: made again from the events alone, every row is the same."""
    chance = random.Random(8)  # noqa: S311 - the same every time
    maker = await an_account(conn)
    clips = [await a_clip(conn, maker) for _ in range(3)]
    staff = [await a_moderator(conn, "senior") for _ in range(2)]
    judges = [await a_moderator(conn, "senior") for _ in range(3)]
    filed: list[tuple[UUID, UUID]] = []
    for _ in range(220):
        clip, moderator = chance.choice(clips), chance.choice(staff)
        try:
            async with conn.transaction():
                match chance.randrange(8):
                    case 0 | 1:
                        reporter = await an_account(conn)
                        filed.append((await reported(conn, clip, reporter, chance.choice(REASONS)), reporter))
                    case 2 | 3:
                        await cases.claim(conn, "clip", clip, moderator, "senior")
                    case 4:
                        await cases.release(conn, "clip", clip, moderator)
                    case 5:
                        decision = chance.choice(DECISIONS)
                        await moderating.decide(conn, "clip", clip, a_ruling(decision), moderator)
                    case 6:
                        report, reporter = chance.choice(filed)
                        against = await reviews.against_report(conn, report, reporter, "")
                        await reviews.open_appeal(conn, against, reporter, "why?")
                    case _:
                        appeal = await conn.fetchval("select id from appeal where outcome is null order by id limit 1")
                        outcome = chance.choice(OUTCOMES)
                        await moderating.close_appeal(conn, appeal, "", chance.choice(judges), "senior", outcome, "so")
        except (SocialError, IndexError):
            continue
    kinds = {row["kind"] for row in await conn.fetch("select distinct kind from moderation_event")}
    assert kinds == {
        *("reported", "hidden", "claimed", "released", "escalated"),
        *("decided", "appealed", "appeal_decided", "reopened"),
    }
    as_kept = await conn.fetch("select * from moderation_subject_status order by subject")
    await conn.execute("delete from moderation_subject_status")
    await conn.execute("select project_moderation(e) from (select * from moderation_event order by seq) e")
    assert await conn.fetch("select * from moderation_subject_status order by subject") == as_kept
    assert (await chain.verify(conn)).broken_at is None
    open_ = await conn.fetchval("select count(*) from report where state = 'open'")
    assert sum(row["reports"] for row in as_kept if row["state"] == "open") >= open_ > 0


@pytest.mark.parametrize("table", ["moderation_event", "moderation_audit"])
async def test_what_was_written_cannot_be_changed(conn: asyncpg.Connection, table: str) -> None:
    clip = await a_clip(conn, await an_account(conn))
    await reported(conn, clip)
    await ruled(conn, clip, await a_moderator(conn), a_ruling())
    for change in (f"update {table} set actor = null", f"delete from {table}", f"truncate {table} cascade"):  # noqa: S608
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await conn.execute(change)


async def test_reports_at_once_are_one_case_and_one_of_each_reporter(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        clip = await a_clip(conn, await an_account(conn))
        reporters = [await an_account(conn) for _ in range(4)]

    async def one(reporter: UUID) -> UUID:
        async with pool.acquire() as conn, conn.transaction():
            return await reported(conn, clip, reporter)

    filed = await asyncio.gather(*(one(reporter) for reporter in reporters * 2))
    assert len(set(filed)) == 4
    async with pool.acquire() as conn:
        case = await cases.find(conn, "clip", clip)
        assert case is not None
        assert (case.reports, await conn.fetchval("select count(*) from evidence")) == (4, 1)
        seqs = await conn.fetch("select seq from moderation_event where subject = $1 order by at", clip)
        assert [row["seq"] for row in seqs] == sorted(row["seq"] for row in seqs)


async def test_ten_trusted_reporters_hide_a_clip_and_a_hundred_others_do_not(conn: asyncpg.Connection) -> None:
    maker, moderator = await an_account(conn), await a_moderator(conn)
    trusted = [await an_account(conn) for _ in range(TRUSTED_HIDE)]
    for one in trusted:
        right = await a_clip(conn, maker)
        await reported(conn, right, one)
        await ruled(conn, right, moderator, a_ruling())
    clip = await a_clip(conn, maker)
    for _ in range(15):
        await reported(conn, clip)
    for one in trusted[:-1]:
        await reported(conn, clip, one, "other")
    assert not await hidden(conn, clip)
    await reported(conn, clip, trusted[-1], "other")
    assert await hidden(conn, clip)
    because = await conn.fetch("select detail ->> 'because' as why from moderation_event where kind = 'hidden'")
    assert [row["why"] for row in because] == ["trusted_reporters"]
    case = await cases.find(conn, "clip", clip)
    assert case is not None
    assert (case.queue, case.due_at is not None) == ("urgent", True)


async def test_trust_follows_outcomes_and_never_ends(conn: asyncpg.Connection) -> None:
    maker, moderator, reporter = await an_account(conn), await a_moderator(conn), await an_account(conn)
    trust = [await conn.fetchval("select reporter_trust($1)", reporter)]
    events = []
    for decision in ("remove", "remove", "dismiss", "dismiss", "dismiss"):
        clip = await a_clip(conn, maker)
        await reported(conn, clip, reporter)
        events.append(await ruled(conn, clip, moderator, a_ruling(decision)))
        trust.append(await conn.fetchval("select reporter_trust($1)", reporter))
    assert trust == pytest.approx([1 / 2, 2 / 3, 3 / 4, 3 / 5, 3 / 6, 3 / 7])
    statement = await conn.fetchrow("select id, account from statement where event = $1", events[0])
    against = await reviews.against_statement(conn, statement["id"], maker, "")
    appeal = await reviews.open_appeal(conn, against, maker, "no")
    await moderating.close_appeal(conn, appeal.id, "", await a_moderator(conn), "senior", "overturned", "right")
    assert await conn.fetchval("select reporter_trust($1)", reporter) == pytest.approx(2 / 7)
    for number in range(60):
        await conn.execute(
            "insert into report (reporter, subject_type, subject, reason, comment, state, outcome, ruling) "
            "values ($1, 'clip', $2, 'hate', '', 'decided', 'dismissed', $3)",
            reporter,
            UUID(int=number + 1),
            events[0],
        )
    assert await conn.fetchval("select reporter_trust($1)", reporter) == 0.05


def test_priority_grows_with_all_that_makes_a_report_urgent() -> None:
    plain = priority("hate", views=0, trust=0.5, minor=False, likeness=False)
    heavier = [
        priority("violence", views=0, trust=0.5, minor=False, likeness=False),
        priority("hate", views=100, trust=0.5, minor=False, likeness=False),
        priority("hate", views=0, trust=0.8, minor=False, likeness=False),
        priority("hate", views=0, trust=0.5, minor=True, likeness=False),
        priority("hate", views=0, trust=0.5, minor=False, likeness=True),
    ]
    assert all(plain < one < 1 for one in heavier)
    assert max(WEIGHT, key=lambda reason: WEIGHT[reason]) == "child_safety"


async def test_young_people_and_reach_come_first_in_the_queue(conn: asyncpg.Connection) -> None:
    quiet = await a_clip(conn, await an_account(conn))
    seen = await a_clip(conn, await an_account(conn))
    await conn.execute("update clip_tally set views = 1000 where clip = $1", seen)
    young = await a_clip(conn, await an_account(conn, born=str(datetime.now(UTC).year - 15) + "-01-01"))
    for clip in (quiet, young, seen):
        await reported(conn, clip)
    page = await cases.queue(conn, None, after=None, limit=10, senior=False)
    assert [one.subject for one in page] == [seen, young, quiet]
    soon = await moderating.open_report(
        conn, None, "clip", quiet, reason="copyright", source="notice", due_at=datetime.now(UTC) + timedelta(hours=48)
    )
    page = await cases.queue(conn, None, after=None, limit=1, senior=False)
    assert page[0].subject == quiet
    assert page[0].queue == "urgent"
    assert soon.outcome is None
    assert (await cases.counts(conn))["urgent"] == {"open": 1, "claimed": 0, "overdue": 0}


async def test_the_machine_reports_and_decides_without_a_lease(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    clip = await a_clip(conn, maker)
    report = await moderating.open_report(conn, None, "clip", clip, reason="child_safety", source="system")
    assert await hidden(conn, clip)
    case = await cases.find(conn, "clip", clip)
    assert case is not None
    assert case.due_at is not None
    assert case.due_at - datetime.now(UTC) <= DUE["child_safety"]
    done = await moderating.decide(conn, "clip", clip, a_ruling(), None)
    (statement,) = await statements.of(conn, maker, after=None, limit=1)
    assert (statement.event, done.reports) == (done.event, ((report.id, None),))
    assert statement.body["automated_decision"] == "AUTOMATED_DECISION_FULLY"
    assert statement.body["source_type"] == "SOURCE_VOLUNTARY"
    with pytest.raises(CaseDecided):
        await moderating.decide(conn, "clip", clip, a_ruling(), None)


async def test_of_two_moderators_one_holds_a_case(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        clip = await a_clip(conn, await an_account(conn))
        await reported(conn, clip)
        both = [await a_moderator(conn) for _ in range(2)]

    async def claim(moderator: UUID) -> str:
        async with pool.acquire() as conn, conn.transaction():
            try:
                await cases.claim(conn, "clip", clip, moderator, "moderator")
            except LeaseHeld:
                return "held"
            return "claimed"

    assert sorted(await asyncio.gather(*(claim(one) for one in both))) == ["claimed", "held"]
    async with pool.acquire() as conn:
        await conn.execute("update moderation_subject_status set lease_until = now() - interval '1 s'")
        for one in both:
            with pytest.raises(LeaseNeeded):
                await moderating.decide(conn, "clip", clip, a_ruling(), one)
        page = await cases.queue(conn, None, after=None, limit=1, senior=False)
        assert page[0].claimed_by is None


async def test_a_moderator_shown_in_a_clip_that_is_gone_is_still_no_judge(conn: asyncpg.Connection) -> None:
    maker = await a_moderator(conn)
    clip = await a_clip(conn, maker)
    await reported(conn, clip)
    await conn.execute("delete from clip where id = $1", clip)
    with pytest.raises(OwnMatter):
        await cases.claim(conn, "clip", clip, maker, "moderator")


async def test_evidence_outlives_the_account_and_every_state_is_kept_once(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn, "maya")
    clip = await a_clip(conn, maker, "first words")
    await reported(conn, clip)
    await reported(conn, clip)
    await conn.execute("update clip set caption = 'other words' where id = $1", clip)
    await reported(conn, clip)
    await conn.execute("delete from account where id = $1", maker)
    await reported(conn, clip)
    kept = await evidence.of(conn, "clip", clip)
    assert [(one.snapshot["handle"], one.snapshot["caption"]) for one in kept] == [
        ("maya", "other words"),
        ("maya", "first words"),
    ]
    await ruled(conn, clip, await a_moderator(conn), a_ruling())
    assert await conn.fetchval("select count(*) from statement") == 0  # there is nobody to write to


@pytest.mark.parametrize("kind", ["clip", "account", "character", "comment", "message"])
async def test_what_never_was_can_be_reported_and_dismissed(conn: asyncpg.Connection, kind: Subject) -> None:
    subject, moderator = uuid4(), await a_moderator(conn)
    await moderating.open_report(conn, await an_account(conn), kind, subject, reason="child_safety")
    await cases.claim(conn, kind, subject, moderator, "moderator")
    await moderating.decide(conn, kind, subject, a_ruling("dismiss"), moderator)
    case = await cases.find(conn, kind, subject)
    assert case is not None
    assert (case.state, case.decision) == ("decided", "dismiss")


async def test_a_new_report_opens_a_decided_case_and_a_removal_stands(conn: asyncpg.Connection) -> None:
    clip, moderator = await a_clip(conn, await an_account(conn)), await a_moderator(conn)
    await reported(conn, clip)
    await ruled(conn, clip, moderator, a_ruling())
    await reported(conn, clip, reason="child_safety")
    case = await cases.find(conn, "clip", clip)
    assert case is not None
    assert (case.state, case.queue, case.reports, case.reason) == ("open", "urgent", 1, "child_safety")
    await ruled(conn, clip, moderator, a_ruling("dismiss"))
    assert await conn.fetchval("select removed_because from clip where id = $1", clip) == "moderation"


async def test_what_somebody_shown_took_down_stays_down_when_a_removal_is_overturned(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    clip = await a_clip(conn, maker)
    await reported(conn, clip)
    event = await ruled(conn, clip, await a_moderator(conn), a_ruling())
    assert [one.clip for one in await removals.take_down(conn, [clip], None, "revoked")] == [clip]
    appeal = await reviews.open_appeal(conn, reviews.Against(event, "clip", clip, "author"), maker, "no")
    await moderating.close_appeal(conn, appeal.id, "", await a_moderator(conn), "senior", "overturned", "right")
    row = await conn.fetchrow("select removed_because, media from clip where id = $1", clip)
    assert tuple(row) == ("revoked", {})


async def test_a_guardians_suspension_comes_back_from_below_a_moderators(conn: asyncpg.Connection) -> None:
    young = await an_account(conn, born="2011-01-01")
    await accounts.suspend(conn, young, "guardian")
    report = await moderating.open_report(conn, await an_account(conn), "account", young, reason="harassment")
    assert report.state == "open"
    until = datetime.now(UTC) + timedelta(days=2)
    ruling = Ruling("suspend", "Harassment", "It follows people.", until=until)
    moderator = await a_moderator(conn)
    await cases.claim(conn, "account", young, moderator, "moderator")
    event = (await moderating.decide(conn, "account", young, ruling, moderator)).event
    assert [await closed_by(conn, young)] == ["staff"]
    await conn.execute("update account set suspended_until = now() where id = $1", young)
    assert await closed_by(conn, young) == "guardian"
    await conn.execute("update moderation_measure set until = now() where event = $1", event)
    await measures.end_suspensions(conn)
    assert await closed_by(conn, young) == "guardian"
    await accounts.restore(conn, young, "guardian")
    assert await closed_by(conn, young) is None


async def closed_by(conn: asyncpg.Connection, account: UUID) -> str | None:
    found = await accounts.by_id(conn, account)
    assert found is not None
    return found.closed_by


async def test_a_clip_hidden_for_review_stays_hidden_when_its_maker_stays_after_all(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    clip = await a_clip(conn, maker)
    await conn.execute("insert into account_departure (account, due_at) values ($1, now() + interval '7 days')", maker)
    asked = await conn.fetchval("select id from account_departure where account = $1", maker)
    departure = await departures.find(conn, asked)
    assert departure is not None
    await departures.hide_clips(conn, departure)
    await moderating.open_report(conn, None, "clip", clip, reason="child_safety", source="system")
    await departures.stay(conn, maker)
    assert await hidden(conn, clip)
    await moderating.decide(conn, "clip", clip, a_ruling("dismiss"), None)
    assert not await hidden(conn, clip)


async def test_a_removal_reaches_clips_that_have_its_sound_also_later_ones(conn: asyncpg.Connection) -> None:
    first, moderator = await a_clip(conn, await an_account(conn)), await a_moderator(conn)
    before, after, other = [await a_clip(conn, await an_account(conn)) for _ in range(3)]
    await conn.execute("update clip set sound_of = $2 where id = $1", before, first)
    await reported(conn, first)
    event = await ruled(conn, first, moderator, a_ruling())
    await conn.execute("update clip set sound_of = $2 where id = $1", after, before)
    assert [await hidden(conn, one) for one in (before, after, other)] == [True, True, False]
    await measures.lift(conn, event, event)
    assert [await hidden(conn, one) for one in (first, before, after)] == [False, False, False]


async def test_what_was_asked_for_before_a_removal_and_begun_after_it_is_hidden(conn: asyncpg.Connection) -> None:
    parent = await a_clip(conn, await an_account(conn))
    await reported(conn, parent)
    event = await ruled(conn, parent, await a_moderator(conn), a_ruling())
    late = await conn.fetchval(
        """
        insert into clip (account, prompt, model, size, seconds, seed, status, remixed_from)
        values ($1, '', 'castmate-1', '384x640', '4', 1, 'queued', $2) returning id
        """,
        await an_account(conn),
        parent,
    )
    assert await hidden(conn, late)
    await measures.lift(conn, event, event)
    assert not await hidden(conn, late)


async def test_of_two_appeals_against_one_dismissal_the_later_undoes_nothing_newer(conn: asyncpg.Connection) -> None:
    clip, moderator = await a_clip(conn, await an_account(conn)), await a_moderator(conn)
    seniors = [await a_moderator(conn, "senior") for _ in range(2)]
    appeals = []
    filed = [(await reported(conn, clip, one), one) for one in [await an_account(conn) for _ in range(2)]]
    await ruled(conn, clip, moderator, a_ruling("dismiss"))
    for report, reporter in filed:
        against = await reviews.against_report(conn, report, reporter, "")
        appeals.append((await reviews.open_appeal(conn, against, reporter, "why?")).id)
    await moderating.close_appeal(conn, appeals[0], "", seniors[0], "senior", "overturned", "so")
    await ruled(conn, clip, await a_moderator(conn), a_ruling())
    with pytest.raises(OwnMatter):
        await moderating.close_appeal(conn, appeals[1], "", seniors[0], "senior", "overturned", "so")
    await moderating.close_appeal(conn, appeals[1], "", seniors[1], "senior", "overturned", "so")
    case = await cases.find(conn, "clip", clip)
    assert case is not None
    assert (case.state, case.decision, case.appeals) == ("decided", "remove", 0)
    outcomes = await conn.fetch("select outcome from report")
    assert [row["outcome"] for row in outcomes] == ["upheld", "upheld"]


async def test_an_appeal_is_answered_though_its_account_is_gone(conn: asyncpg.Connection) -> None:
    clip, reporter = await a_clip(conn, await an_account(conn)), await an_account(conn)
    report = await reported(conn, clip, reporter)
    await ruled(conn, clip, await a_moderator(conn), a_ruling("dismiss"))
    appeal = await reviews.open_appeal(conn, await reviews.against_report(conn, report, reporter, ""), reporter, "why?")
    await conn.execute("delete from account where id = $1", reporter)
    closed = await moderating.close_appeal(conn, appeal.id, "", await a_moderator(conn), "senior", "overturned", "so")
    assert (closed.appellant, closed.handle, closed.outcome) == (None, None, "overturned")
    case = await cases.find(conn, "clip", clip)
    assert case is not None
    assert (case.state, case.appeals) == ("open", 0)


async def test_a_third_strike_beside_a_suspension_lets_the_longer_count(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    for _ in range(2):
        await ruled_after_report(conn, await a_clip(conn, maker), "strike")
    clip = await a_clip(conn, maker)
    await reported(conn, clip)
    soon = datetime.now(UTC) + timedelta(days=1)
    ruling = Ruling("suspend", "House rules", "Again and again.", strike=True, until=soon)
    await ruled(conn, clip, await a_moderator(conn), ruling)
    until = await conn.fetchval("select suspended_until from account where id = $1", maker)
    assert until - datetime.now(UTC) > timedelta(days=6)


async def test_a_ban_hides_what_was_made_until_it_is_taken_back(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    clips = [await a_clip(conn, maker) for _ in range(3)]
    gone = await ruled_after_report(conn, clips[0], "remove")
    event = await ruled_after_report(conn, clips[1], "ban")
    assert [await hidden(conn, one) for one in clips] == [True] * 3
    assert await closed_by(conn, maker) == "staff"
    await measures.lift(conn, event, event)
    assert [await hidden(conn, one) for one in clips] == [False] * 3
    assert await closed_by(conn, maker) is None
    removed = await conn.fetch("select id from clip where removed_at is not null")
    assert [row["id"] for row in removed] == [clips[0]]
    assert gone != event


async def ruled_after_report(conn: asyncpg.Connection, clip: UUID, decision: Decision) -> UUID:
    await reported(conn, clip)
    return await ruled(conn, clip, await a_moderator(conn), a_ruling(decision))


async def test_a_page_of_a_long_queue_reads_what_it_shows(conn: asyncpg.Connection) -> None:
    await conn.execute(
        """
        insert into moderation_subject_status (subject_type, subject, state, queue, lead, reason, weight, reports,
            trusted, priority, due_at, opened_at, seq)
        select 'clip', uuidv7(), 'open', case when n % 50 = 0 then 'urgent' else 'general' end, uuidv7(), 'hate', 0.5,
            1, 0, (n % 7) / 10.0, case when n % 50 = 0 then now() + make_interval(secs => n) else 'infinity' end,
            now(), n
        from generate_series(1, 5000) n
        """
    )
    await conn.execute("analyze moderation_subject_status")
    looking = Explaining(conn)
    seen: list[cases.Case] = []
    for _ in range(30):
        after = cases.Place(seen[-1].due_at, seen[-1].priority, seen[-1].lead) if seen else None
        seen += (await cases.queue(looking, None, after=after, limit=20, senior=False))[:20]
    await cases.queue(looking, "urgent", after=None, limit=20, senior=False)
    counts = await cases.counts(looking)
    assert len({one.subject for one in seen}) == len(seen) == 600
    assert [one.queue for one in seen] == ["urgent"] * 100 + ["general"] * 500
    assert counts["urgent"]["open"] == 100
    assert counts["general"]["open"] == cases.COUNTED
    assert [plan for plan in looking.plans if "Seq Scan on moderation_subject_status" in plan] == []
