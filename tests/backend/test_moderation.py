"""Moderation from outside: reported, looked at, decided, appealed, overturned; and everybody who may not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from backend import moderating, transparency
from social.errors import InvalidValue
from social.moderation import chain
from tests.backend.cast import a_role, befriend, code, made, played
from tests.backend.conftest import Join, Person
from tests.backend.test_sharing_clips import NOWHERE, publish, remix, sees, told
from tests.backend.worker_side import Studio, key_of, rushes

REMOVE = {"decision": "remove", "policy": "Impersonation", "explanation": "It pretends to be somebody else."}
DISMISS = {"decision": "dismiss", "policy": "House rules", "explanation": "Nothing is wrong with it."}


async def shown(worker: Studio, maker: Person, prompt: str = "a park") -> str:
    video = await made(worker, maker, prompt)
    await publish(maker, video)
    return video


async def report(person: Person, subject: str, reason: str = "impersonation", kind: str = "video") -> str:
    sent = {"subject": {"type": kind, "id": subject}, "reason": reason, "comment": "look", "at_s": 1.5}
    answer = await person.http.post("/reports", json=sent)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def claimed(moderator: Person, case: str) -> httpx.Response:
    return await moderator.http.post(f"/moderation/reports/{case}/claim")


async def decided(moderator: Person, case: str, **ruling: Any) -> dict[str, Any]:
    assert (await claimed(moderator, case)).status_code == 200
    answer = await moderator.http.post(f"/moderation/reports/{case}/decide", json=REMOVE | ruling)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def waiting(moderator: Person, **query: Any) -> list[str]:
    answer = await moderator.http.get("/moderation/queue", params=query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


async def appealed(person: Person, **against: str) -> str:
    answer = await person.http.post("/appeals", json={"words": "look again, please"} | against)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def answered(senior: Person, appeal: str, outcome: str) -> httpx.Response:
    sent = {"outcome": outcome, "answer": "we have looked again"}
    return await senior.http.post(f"/moderation/appeals/{appeal}/decide", json=sent)


async def test_a_clip_goes_from_a_report_through_a_removal_to_an_appeal_and_back(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, ada, senior = await join(), await join(), await join("moderator"), await join("senior")
    _, handle = await a_role(conn, mia := await join(), audience="everyone")
    video = await shown(worker, maya, f"{handle} waves")
    case = await report(leo, video)
    assert await waiting(ada) == [case]
    lease = (await claimed(ada, case)).json()
    assert (lease["state"], lease["claimed_by"]) == ("claimed", ada.handle)
    done = await decided(ada, case, strike=True)
    assert done["reports"] == [case]
    assert [await sees(one, video) for one in (maya, leo, mia, ada)] == [False] * 4
    assert await waiting(ada) == []
    subject = {"type": "video", "id": video}
    assert {"subject": subject, "decision": "remove", "kind": "use_moderated"} in await told(mia)
    mine = {"subject": subject, "decision": "remove", "statement": done["statement"], "strike": True}
    assert (await told(maya))[-1] == mine | {"kind": "moderated"}
    theirs = {"subject": subject, "decision": "remove", "report": case, "outcome": "upheld", "kind": "report_decided"}
    assert (await told(leo))[-1] == theirs
    filed = (await leo.http.get("/reports")).json()["data"][0]
    assert (filed["state"], filed["outcome"], filed["decision"]) == ("decided", "upheld", "remove")
    reasons = (await maya.http.get(f"/statements/{done['statement']}")).json()["statement"]
    assert reasons["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert reasons["incompatible_content_explanation"] == REMOVE["explanation"]
    assert (reasons["automated_decision"], reasons["strike"]) == ("AUTOMATED_DECISION_NOT_AUTOMATED", True)
    assert leo.handle not in str(reasons)
    assert [one["id"] for one in (await maya.http.get("/statements")).json()["data"]] == [done["statement"]]
    assert code(await leo.http.get(f"/statements/{done['statement']}")) == (404, "statement_unknown")
    appeal = await appealed(maya, statement=done["statement"])
    assert await appealed(maya, statement=done["statement"]) == appeal
    listed = (await senior.http.get("/moderation/appeals")).json()["data"]
    assert [(one["id"], one["by"], one["words"]) for one in listed] == [(appeal, maya.handle, "look again, please")]
    over = await answered(senior, appeal, "overturned")
    assert (over.status_code, over.json()["outcome"]) == (200, "overturned"), over.text
    assert code(await answered(senior, appeal, "upheld")) == (409, "appeal_decided")
    assert [await sees(one, video) for one in (maya, leo, mia, ada)] == [True, False, True, True]
    assert (await played(maya, video)).status_code == 200
    assert await conn.fetchval("select count(*) from strike where taken_back is null") == 0
    assert (await told(maya))[-1]["answer"] == "we have looked again"
    assert (await told(leo))[-1]["outcome"] == "dismissed"
    assert (await maya.http.get("/appeals")).json()["data"][0]["outcome"] == "overturned"
    assert (await chain.verify(conn)).broken_at is None


async def test_nobody_decides_without_the_lease_and_a_lease_ends_by_itself(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, ada, bob = await join(), await join(), await join("moderator"), await join("moderator")
    case = await report(leo, await shown(worker, maya))
    decide = f"/moderation/reports/{case}/decide"
    assert code(await ada.http.post(decide, json=REMOVE)) == (409, "lease_needed")
    both = await asyncio.gather(claimed(ada, case), claimed(bob, case))
    assert sorted(one.status_code for one in both) == [200, 409]
    first, second = (ada, bob) if both[0].status_code == 200 else (bob, ada)
    assert code(await claimed(second, case)) == (409, "lease_held")
    assert code(await second.http.post(decide, json=REMOVE)) == (409, "lease_needed")
    assert code(await second.http.post(f"/moderation/reports/{case}/release")) == (409, "lease_needed")
    await conn.execute("update moderation_subject_status set lease_until = now() - interval '1 s'")
    assert code(await first.http.post(decide, json=REMOVE)) == (409, "lease_needed")
    assert (await claimed(second, case)).status_code == 200
    let_go = await second.http.post(f"/moderation/reports/{case}/release")
    assert (let_go.json()["state"], let_go.json()["claimed_by"]) == ("open", None)
    await claimed(first, case)
    both = await asyncio.gather(first.http.post(decide, json=REMOVE), first.http.post(decide, json=DISMISS))
    assert sorted(one.status_code for one in both) == [200, 409]
    assert code(await claimed(second, case)) == (409, "case_decided")
    assert await conn.fetchval("select count(*) from moderation_event where kind = 'decided'") == 1


async def test_nobody_reviews_what_is_theirs_or_what_they_decided(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    ada, bob, eve = await join("moderator"), await join("senior"), await join("senior")
    _, handle = await a_role(conn, bob, audience="everyone")
    video = await shown(worker, ada, f"{handle} waves")
    case = await report(eve, video)
    for one in (ada, bob, eve):  # who made it, who is shown, who reported it
        assert code(await claimed(one, case)) == (403, "own_matter")
    done = await decided(zoe := await join("senior"), case)
    appeal = await appealed(ada, statement=done["statement"])
    for one in (zoe, bob, eve):
        assert code(await answered(one, appeal, "overturned")) == (403, "own_matter")
    assert code(await answered(await join("moderator"), appeal, "overturned")) == (403, "forbidden")
    assert (await answered(await join("operator"), appeal, "upheld")).status_code == 200
    assert not await sees(ada, video)


async def test_staff_routes_are_for_staff_that_signed_in_lately(join: Join, conn: asyncpg.Connection) -> None:
    maya, ada, nobody = await join(), await join("moderator"), await join(None)
    case = await report(maya, NOWHERE)
    evidence = f"/moderation/evidence/evd_{'0' * 32}/video"
    reading = ["/moderation/queue", f"/moderation/subjects/video/{NOWHERE}", "/moderation/templates", evidence]
    reading += ["/moderation/stats", "/moderation/audit", "/moderation/audit/verify", "/moderation/appeals"]
    acting = [f"/moderation/reports/{case}/{verb}" for verb in ("claim", "release", "decide")]
    acting += ["/moderation/appeals/apl_x/decide"]
    for path in reading:
        assert ((await nobody.http.get(path)).status_code, (await maya.http.get(path)).status_code) == (401, 403), path
    answer = {"outcome": "upheld", "answer": "no"}
    for path in acting:
        sent = answer if "appeals" in path else REMOVE
        for person, status in ((nobody, 401), (maya, 403)):
            assert (await person.http.post(path, json=sent)).status_code == status, path
    key = (await ada.http.post("/me/api-keys", json={"name": "x", "scopes": ["videos"]})).json()["secret"]
    for path in reading:
        assert (await ada.http.get(path, headers={"authorization": f"Bearer {key}"})).status_code == 403, path
    senior = await join("senior")
    await conn.execute("update session set signed_in_at = now() - interval '2 hours'")
    for path in acting:
        sent = answer if "appeals" in path else REMOVE
        assert code(await senior.http.post(path, json=sent)) == (403, "stale_session"), path
    hold = f"/moderation/subjects/video/{NOWHERE}/legal-hold"
    assert code(await senior.http.put(hold, json={"legal_hold": True})) == (403, "stale_session")
    assert code(await ada.http.put(hold, json={"legal_hold": True})) == (403, "forbidden")


BAD: tuple[dict[str, Any], ...] = (
    {"decision": "burn"},
    {"decision": "revoke_character"},
    {"policy": " "},
    {"explanation": "x" * 2001},
    {"decision": "suspend"},
    {"decision": "suspend", "until": "2020-01-01T00:00:00Z"},
    {"decision": "suspend", "until": "2999-01-01T00:00:00Z"},
    {"until": "2027-01-01T00:00:00Z"},
    {"decision": "label"},
    {"label": "satire"},
    {"legal_ground": ""},
    {"decision": "dismiss", "strike": True},
    {"decision": "escalate", "copies": True},
    {"decision": "warn"},  # nobody knows who made it
    {"more": 1},
)


async def test_a_bad_decision_is_a_clear_no_and_changes_nothing(join: Join, conn: asyncpg.Connection) -> None:
    case = await report(await join(), NOWHERE)
    await claimed(ada := await join("moderator"), case)
    for changed in BAD:
        answer = await ada.http.post(f"/moderation/reports/{case}/decide", json=REMOVE | changed)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["code"] in {"invalid_value", "decision_misplaced", "bad_request"}
    assert await conn.fetchval("select state from moderation_subject_status") == "open"
    assert await conn.fetchval("select count(*) from moderation_audit") == 0


async def test_a_subject_is_one_page_that_outlives_what_its_maker_deletes(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, ada = await join(), await join(), await join("moderator")
    character, handle = await a_role(conn, maya, audience="everyone")
    video = await shown(worker, maya, f"{handle} waves")
    await conn.execute("update clip set blurhash = 'LEHV6nWB2yk8pyo0adR*.7kCMdnj'")
    poster = (await maya.http.get(f"/videos/{video}/content", params={"variant": "thumbnail"})).content
    case = await report(leo, video)
    path = f"/moderation/subjects/video/{video}"
    page = (await ada.http.get(path)).json()
    assert page["media"]["video"]
    assert (await maya.http.delete(f"/videos/{video}")).status_code == 200
    later = await report(await join(), video)  # what is gone can be reported too
    page = (await ada.http.get(path)).json()
    assert (page["media"], page["lineage"][0]["state"]) == (None, "gone")
    assert {one["id"] for one in page["reports"]} == {case, later}
    kept = page["evidence"][0]
    assert kept["snapshot"]["prompt"] == f"{handle} waves"
    assert kept["snapshot"]["handle"] == maya.handle
    assert [(one["character"], one["owner"]) for one in kept["snapshot"]["cast"]] == [(character, maya.handle)]
    assert kept["transcript"] is not None
    assert [one["at_s"] for one in kept["frames"]] == sorted(one["at_s"] for one in kept["frames"])
    assert set(kept["files"]) == {"thumbnail", "spritesheet", "captions"}
    assert set(kept["hashes"]) == {"video", "thumbnail", "spritesheet", "captions"}
    opened = await ada.http.get(kept["files"]["thumbnail"].removeprefix("/v1"))
    assert (opened.content, opened.headers["cache-control"]) == (poster, "no-store")
    blurred = await ada.http.get(kept["blurred"].removeprefix("/v1"))
    assert (blurred.content[:8], blurred.headers["content-type"]) == (b"\x89PNG\r\n\x1a\n", "image/png")
    assert (page["author"]["handle"], page["author"]["reports"]) == (maya.handle, 2)
    assert page["decisions"][0]["decision"] == "dismiss"
    assert len({one["key"] for one in page["decisions"]}) == len(page["decisions"])
    assert "clips/" not in str(page)  # where files lie
    assert code(await ada.http.get(f"/moderation/subjects/video/{NOWHERE}")) == (404, "case_unknown")
    assert code(await ada.http.get("/moderation/subjects/mood/video_x")) == (400, "invalid_value")
    done = await decided(ada, case, decision="warn")
    assert done["statement"]


async def test_evidence_goes_when_its_time_is_over_unless_a_court_holds_it(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, senior = await join(), await join(), await join("senior")
    video = await shown(worker, maya)
    case = await report(leo, video)
    await maya.http.delete(f"/videos/{video}")
    await moderating.sweep(worker.pool, worker.media)
    assert len(worker.files()) == 3
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await conn.execute("delete from evidence")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await conn.execute("update evidence set snapshot = '{}'")
    await conn.execute("alter table evidence disable trigger write_once")
    await conn.execute("update evidence set keep_until = now() - interval '1 day'")
    await conn.execute("alter table evidence enable trigger write_once")
    await moderating.sweep(worker.pool, worker.media)
    assert len(worker.files()) == 3  # the case is open
    await decided(senior, case, **DISMISS)
    held = await senior.http.put(f"/moderation/subjects/video/{video}/legal-hold", json={"legal_hold": True})
    assert held.json() == {"subject": {"type": "video", "id": video}, "legal_hold": True}
    await moderating.sweep(worker.pool, worker.media)
    assert len(worker.files()) == 3
    await senior.http.put(f"/moderation/subjects/video/{video}/legal-hold", json={"legal_hold": False})
    await moderating.sweep(worker.pool, worker.media)
    assert (worker.files(), await conn.fetchval("select count(*) from evidence")) == ([], 0)


async def test_overturning_restores_exactly_what_the_removal_hid(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia, eve = await join(), await join(), await join(), await join()
    ada, senior = await join("moderator"), await join("senior")
    root = await shown(worker, maya)
    tree = [root]
    for person in (leo, mia, leo):  # root <- 1 <- 2, 1 <- 3
        parent = tree[1] if len(tree) > 1 else root
        tree.append(await remix(person, parent))
        await worker.make(tree[-1], _rushes)
        await publish(person, tree[-1])
    done = await decided(ada, await report(eve, root))
    again = await decided(ada, await report(eve, tree[1]))
    assert [await sees(senior, one) for one in tree] == [False] * 4
    again_by_leo = await leo.http.post(f"/videos/{tree[3]}/remix", json={"prompt": "again"})
    assert code(again_by_leo) == (409, "clip_hidden")
    assert (await leo.http.delete(f"/videos/{tree[3]}")).status_code == 200
    await answered(senior, await appealed(maya, statement=done["statement"]), "overturned")
    assert [await sees(senior, one) for one in tree] == [True, False, False, False]
    await answered(senior, await appealed(leo, statement=again["statement"]), "overturned")
    assert [await sees(senior, one) for one in tree] == [True, True, True, False]
    assert await conn.fetchval("select count(*) from moderation_measure where lifted_at is null") == 0


async def test_a_removed_clip_goes_for_good_when_nobody_can_appeal_any_more(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, ada = await join(), await join(), await join("moderator")
    video = await shown(worker, maya)
    done = await decided(ada, await report(leo, video))
    await moderating.sweep(worker.pool, worker.media)
    assert await conn.fetchval("select media ? 'video' from clip")
    await conn.execute("update moderation_measure set at = now() - interval '7 months'")
    await conn.execute("alter table moderation_event disable trigger only_added")
    await conn.execute("update moderation_event set at = at - interval '7 months'")
    await moderating.sweep(worker.pool, worker.media)
    assert await conn.fetchval("select media from clip") == {}
    assert sorted(path.suffix for path in worker.files()) == [".jpg", ".vtt", ".webp"]  # the evidence
    late = {"statement": done["statement"], "words": "so late"}
    assert code(await maya.http.post("/appeals", json=late)) == (410, "appeal_late")


async def test_three_strikes_suspend_end_the_sessions_and_are_taken_back_one_by_one(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, ada, senior = await join(), await join(), await join("moderator"), await join("senior")
    done = []
    for number in range(3):
        assert (await maya.http.get("/me")).status_code == 200
        video = await shown(worker, maya, f"park {number}")
        done.append(await decided(ada, await report(leo, video), strike=True))
    assert (await maya.http.get("/me")).status_code == 401
    password = {"handle": maya.handle, "password": "correct horse battery staple"}
    refused = await maya.http.post("/sessions", json=password)
    assert code(refused) == (403, "account_suspended")
    told_of = refused.json()["appeal"]
    body = {"words": "one of them was a joke", "statement": told_of["statement"], "token": told_of["token"]}
    assert told_of["statement"] == done[2]["statement"]
    assert code(await maya.http.post("/appeals/suspended", json=body | {"token": "x" * 32})) == (
        404,
        "statement_unknown",
    )
    opened = await maya.http.post("/appeals/suspended", json=body)
    assert opened.status_code == 201, opened.text
    await conn.execute("update account set suspended_until = now() - interval '1 s' where suspended_at is not null")
    assert (await maya.http.post("/sessions", json=password)).status_code == 201  # it ended by itself
    await conn.execute("update account set suspended_until = now() + interval '7 days' where suspended_at is not null")
    assert (await answered(senior, opened.json()["id"], "overturned")).status_code == 200
    signed_in = await maya.http.post("/sessions", json=password)
    assert signed_in.status_code == 201, signed_in.text
    await conn.execute("update strike set expires_at = now() - interval '1 s'")
    maya.http.headers["authorization"] = f"Bearer {signed_in.json()['access_token']}"
    await decided(ada, await report(senior, video), strike=True)
    assert (await maya.http.get("/me")).status_code == 200  # old ones do not count


async def test_a_suspension_and_a_ban_close_the_account(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, ada, senior = await join(), await join(), await join("moderator"), await join("senior")
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await decided(ada, await report(senior, maya.id, kind="account"), decision="suspend", until=until)
    await decided(ada, await report(senior, leo.id, kind="account"), decision="ban")
    for one in (maya, leo):
        password = {"handle": one.handle, "password": "correct horse battery staple"}
        assert code(await one.http.post("/sessions", json=password)) == (403, "account_suspended")
        assert (await one.http.get("/me")).status_code == 401
        assert (await one.http.post("/sessions/refresh", json={"refresh_token": one.refresh_token})).status_code == 401
    await conn.execute("update account set suspended_until = now() - interval '1 s' where suspended_until is not null")
    await conn.execute("update moderation_measure set until = now() - interval '1 s' where until < 'infinity'")
    async with conn.transaction():
        await conn.execute("select settle_measures('account', id) from account")
    rows = await conn.fetch("select handle::text from account where suspended_at is not null")
    assert [row["handle"] for row in rows] == [leo.handle]
    async with conn.transaction():
        await moderating.restore_account(conn, UUID(leo.id.removeprefix("acct_")))
    assert await conn.fetchval("select count(*) from account where suspended_at is not null") == 0


async def test_what_a_decision_does_to_a_clip_short_of_removing_it(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, ada, senior = await join(), await join(), await join("moderator"), await join("senior")
    young = await join(birth_date="2011-05-17")
    video = await shown(worker, maya)
    await befriend(maya, young)
    marks: dict[str, dict[str, Any]] = {
        "label": {"label": "satire"},
        "age_restrict": {},
        "limit_reach": {},
        "disable_remix": {},
    }
    done = {}
    for decision, more in marks.items():
        done[decision] = await decided(ada, await report(await join(), video), decision=decision, **more)
    row = await conn.fetchrow("select label, adults_only, limited, allow_remix from clip")
    assert tuple(row) == ("satire", True, True, False)
    assert (await sees(leo, video), await sees(young, video)) == (True, False)
    assert (await maya.http.get(f"/videos/{video}")).json()["label"] == "satire"
    changed = await maya.http.patch(f"/videos/{video}", json={"allow_remix": True})
    assert (changed.status_code, changed.json()["allow_remix"]) == (200, False)
    for one in done.values():
        await answered(senior, await appealed(maya, statement=one["statement"]), "overturned")
    row = await conn.fetchrow("select label, adults_only, limited, allow_remix from clip")
    assert tuple(row) == (None, False, False, True)


async def test_a_revoked_character_cannot_be_cast_until_that_is_overturned(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo, ada, senior = await join(), await join(), await join("moderator"), await join("senior")
    character, _ = await a_role(conn, maya, audience="everyone")
    case = await report(leo, character, kind="character")
    done = await decided(ada, case, decision="revoke_character")
    permission = f"/characters/{character}/permission"
    assert (await maya.http.get(permission)).json() == {"allowed": False, "reason": "revoked"}
    await answered(senior, await appealed(maya, statement=done["statement"]), "overturned")
    assert (await maya.http.get(permission)).json()["allowed"]


async def test_comments_and_messages_are_reported_hidden_and_restored(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia, ada = await join(), await join(), await join(), await join("moderator")
    senior, eve = await join("senior"), await join()
    video = await shown(worker, maya)
    comment = (await leo.http.post(f"/videos/{video}/comments", json={"text": "you are ugly"})).json()["id"]
    await befriend(leo, mia)
    thread = (await leo.http.post("/threads", json={"members": [mia.handle]})).json()["id"]
    message = (await leo.http.post(f"/threads/{thread}/messages", json={"text": "you too"})).json()["id"]
    first = await report(maya, comment, "harassment", "comment")
    second = await report(mia, message, "harassment", "message")
    await report(eve, message, "harassment", "message")  # was never in that thread: nothing is opened for them

    async def said(person: Person) -> tuple[int, int]:
        told = (await person.http.get(f"/videos/{video}/comments")).json()["data"]
        answer = await person.http.get(f"/threads/{thread}/messages")
        return len(told), len(answer.json()["data"]) if answer.status_code == 200 else -1

    assert (await said(maya), await said(mia), await said(leo)) == ((0, -1), (1, 0), (1, 1))
    page = (await ada.http.get(f"/moderation/subjects/message/{message}")).json()
    assert [one["snapshot"]["text"] for one in page["evidence"]] == ["you too"]
    done = [await decided(ada, one) for one in (first, second)]
    assert (await said(eve))[0] == 0
    assert await conn.fetchval("select count(*) from message where hidden_at is not null") == 1
    await leo.http.delete(f"/comments/{comment}")
    for one in done:
        await answered(senior, await appealed(leo, statement=one["statement"]), "overturned")
    assert (await said(eve))[0] == 0  # its author has deleted it meanwhile
    assert await conn.fetchval("select count(*) from message where hidden_at is not null") == 0


async def test_escalated_cases_are_for_seniors(join: Join, worker: Studio) -> None:
    maya, leo, ada, senior = await join(), await join(), await join("moderator"), await join("senior")
    case = await report(leo, video := await shown(worker, maya), "child_safety")
    assert not await sees(ada, video)
    await decided(ada, case, decision="escalate")
    assert (await waiting(ada), await waiting(senior), await waiting(senior, queue="escalated")) == ([], [case], [case])
    assert code(await claimed(ada, case)) == (403, "senior_needed")
    path = f"/moderation/subjects/video/{video}"
    assert code(await ada.http.get(path)) == (403, "senior_needed")
    assert "video" in (await senior.http.get(path)).json()["evidence"][0]["files"]  # preserved whole
    await decided(senior, case)
    assert [one["kind"] for one in await told(leo)] == ["report_decided"]


async def test_a_dismissal_shows_the_clip_again_and_its_reporter_can_appeal(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    ada, senior = await join("moderator"), await join("senior")
    video = await shown(worker, maya)
    case = await report(leo, video, "non_consensual_intimate")
    assert not await sees(mia, video)
    await decided(ada, case, **DISMISS)
    assert await sees(mia, video)
    assert (await maya.http.get("/statements")).json()["data"] == []
    assert code(await mia.http.post("/appeals", json={"report": case, "words": "no"})) == (404, "statement_unknown")
    for wrong in ({}, {"report": case, "statement": "stm_x"}):
        assert code(await leo.http.post("/appeals", json={"words": "no"} | wrong)) == (400, "invalid_value")
    assert code(await leo.http.post("/appeals", json={"words": " ", "report": case})) == (400, "invalid_value")
    appeal = await appealed(leo, report=case)
    assert (await answered(senior, appeal, "overturned")).status_code == 200
    assert await waiting(senior, queue="appealed") == [case]
    assert code(await claimed(ada, case)) == (403, "own_matter")
    await decided(await join("moderator"), case)
    assert not await sees(mia, video)
    assert await conn.fetchval("select outcome from report") == "upheld"


async def test_identical_copies_are_decided_together(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, leo, ada, bob = await join(), await join(), await join("moderator"), await join("moderator")
    videos = [await shown(worker, one) for one in (maya, leo, leo, ada)]
    other = await shown(worker, maya)
    same = "update clip set media = (select media from clip where id = $1) where id = any($2)"
    await conn.execute(same, key_of(videos[0]), [key_of(one) for one in videos])
    case = await report(bob, videos[0])
    carol = await join("moderator")
    await claimed(carol, await report(maya, videos[2]))
    done = await decided(zoe := await join("moderator"), case, copies=True, strike=True)
    assert {one["video"] for one in done["copies"]} == {videos[1], videos[3]}
    assert [one["video"] for one in done["skipped"]] == [videos[2]]  # somebody else looks at it
    assert [await sees(zoe, one) for one in (*videos, other)] == [False, False, True, False, True]
    assert await conn.fetchval("select count(*) from strike") == 3  # one for each maker


async def test_the_queue_is_paged_by_deadline_and_then_by_priority(join: Join) -> None:
    maya, ada = await join(), await join("moderator")
    reasons = ["other", "hate", "child_safety", "violence", "non_consensual_intimate", "hate"]
    filed = [await report(maya, f"video_{number:032x}", reason) for number, reason in enumerate(reasons, 1)]
    due = [filed[2], filed[4]]
    rest = [filed[3], *sorted((filed[1], filed[5])), filed[0]]
    assert await waiting(ada) == [*due, *rest]
    seen: list[str] = []
    while True:
        after = {"after": seen[-1]} if seen else {}
        query: dict[str, Any] = {"limit": 2, **after}
        page = (await ada.http.get("/moderation/queue", params=query)).json()
        seen += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            break
    assert seen == [*due, *rest]
    assert page["counts"]["general"] == {"open": 4, "claimed": 0, "overdue": 0}
    assert page["counts"]["urgent"]["open"] == 2
    assert page["held_characters"] == 0
    assert await waiting(ada, queue="urgent") == due
    assert await waiting(ada, queue="escalated") == []
    for wrong in ({"queue": "mine"}, {"limit": 101}, {"after": "x"}, {"after": "rep_" + "0" * 32}):
        assert code(await ada.http.get("/moderation/queue", params=wrong)) == (400, "invalid_value")


async def test_figures_templates_and_the_log(join: Join, pool: asyncpg.Pool, conn: asyncpg.Connection) -> None:
    maya, ada, senior = await join(), await join("moderator"), await join("senior")
    for number in range(3):
        case = await report(maya, f"video_{number:032x}", "hate")
        if number:
            await decided(ada, case, **DISMISS)
    await answered(senior, await appealed(maya, report=case), "overturned")
    stats = (await ada.http.get("/moderation/stats")).json()
    (day,) = stats["days"]
    assert (day["queue"], day["taken_in"], day["done"]) == ("general", 3, 2)
    assert day["waited_s"] >= day["handled_s"] >= 0
    (mine,) = stats["moderators"]
    assert (mine["handle"], mine["done"], mine["appealed"], mine["overturned"]) == (ada.handle, 2, 1, 1)
    assert mine["overturn_rate"] == 1.0
    assert [(one["queue"], one["open"]) for one in stats["waiting"]] == [("appealed", 1), ("general", 1)]
    for wrong in ({"first": "2026-01-02", "last": "2026-01-01"}, {"first": "2020-01-01"}):
        assert code(await ada.http.get("/moderation/stats", params=wrong)) == (400, "invalid_value")
    reasons = {one["reason"] for one in (await ada.http.get("/moderation/templates")).json()["data"]}
    assert {"hate", "child_safety", "other"} <= reasons
    month = await transparency.report(pool, transparency.month_of(f"{datetime.now(UTC):%Y-%m}"))
    assert month["reports"] == [{"source": "member", "reason": "hate", "number": 3}]
    assert [(one["decision"], one["number"]) for one in month["decisions"]] == [("dismiss", 2)]
    assert month["appeals_decided"] == [{"side": "reporter", "outcome": "overturned", "number": 1}]
    assert (month["appeals_received"], month["strikes"], month["audit_intact"]) == (1, 0, True)
    assert maya.handle not in str(month)
    for bad in ("2026-13", "2026-1", "2999-01", "now"):
        with pytest.raises(InvalidValue):
            transparency.month_of(bad)
    log = (await ada.http.get("/moderation/audit", params={"limit": 2})).json()
    assert [(one["action"], one["by"]) for one in log["data"]] == [
        ("appeal_decided", senior.handle),
        ("decided", ada.handle),
    ]
    assert log["data"][0]["prev_hash"] == log["data"][1]["hash"]
    older = (await ada.http.get("/moderation/audit", params={"after": log["last_id"]})).json()
    assert [one["id"] for one in older["data"]] == ["1"]
    assert (await ada.http.get("/moderation/audit/verify")).json()["intact"]
    await conn.execute("alter table moderation_audit disable trigger only_added")
    await conn.execute('update moderation_audit set detail = detail || \'{"decision": "remove"}\' where seq = 2')
    broken = (await ada.http.get("/moderation/audit/verify")).json()
    assert (broken["intact"], broken["broken_at"]) == (False, 2)


async def test_reporting_a_message_of_others_opens_it_to_nobody(join: Join) -> None:
    leo, mia, eve, ada = await join(), await join(), await join(), await join("moderator")
    await befriend(leo, mia)
    thread = (await leo.http.post("/threads", json={"members": [mia.handle]})).json()["id"]
    message = (await leo.http.post(f"/threads/{thread}/messages", json={"text": "a secret"})).json()["id"]
    await report(eve, message, "harassment", "message")
    page = (await ada.http.get(f"/moderation/subjects/message/{message}")).json()
    assert (page["evidence"], page["author"]) == ([], None)
    assert "a secret" not in str(page)


def _rushes(shooting: Any, _on_progress: Any) -> Any:
    return rushes(shooting, str(shooting.folder).encode())


async def test_two_who_decide_copies_of_each_others_cases_do_not_wait_for_ever(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, ada, bob = await join(), await join(), await join("moderator"), await join("moderator")
    videos = [await shown(worker, maya) for _ in range(2)]
    await conn.execute("update clip set media = (select media from clip where id = $1)", key_of(videos[0]))
    filed = [await report(leo, video) for video in videos]
    for moderator, case in zip((ada, bob), filed, strict=True):
        await claimed(moderator, case)
    answers = await asyncio.gather(
        *(
            moderator.http.post(f"/moderation/reports/{case}/decide", json=REMOVE | {"copies": True})
            for moderator, case in zip((ada, bob), filed, strict=True)
        )
    )
    assert [one.status_code for one in answers] == [200, 200]
    assert sorted(len(one.json()["skipped"]) for one in answers) == [0, 1]
    assert [one.json()["copies"] for one in answers] == [[], []]  # the second found it decided
    assert await conn.fetchval("select count(*) from moderation_event where kind = 'decided'") == 2
    assert not any([await sees(ada, video) for video in videos])
