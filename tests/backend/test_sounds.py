"""A clip with the sound of another: whose words, who must agree, who is told, what comes of it later."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec

from backend.given import Sent
from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from generation.captions_file import Caption, webvtt
from generation.engine import NOTHING, Given
from generation.recorded import TimedWord
from tests.backend.cast import a_role, ask, asked, code, consented, finished, made
from tests.backend.conftest import Join, Person
from tests.backend.test_reworks import edit, extend, said, used
from tests.backend.test_sharing_clips import NOWHERE, publish, told
from tests.backend.worker_side import Studio, rushes

SONG = (Caption(0.4, 1.6, "Ada King", "Roses are red,"), Caption(1.6, 2.8, "Ada King", "violets are blue."))


class Source(msgspec.Struct, frozen=True):
    """Maya's published clip in which her Ada speaks."""

    maya: Person
    character: str
    ada: str
    video: str


async def sung(worker: Studio, video: str, *cards: Caption) -> None:
    """Finished by the worker with these captions."""

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        done = rushes(shooting, video.encode())
        done.files["captions"].write_text(webvtt(cards or SONG), "utf-8")
        return done

    await finished(worker, video, render)


async def a_song(join: Join, conn: asyncpg.Connection, worker: Studio) -> Source:
    maya = await join()
    character, ada = await a_role(conn, maya, audience="everyone")
    await conn.execute("update character set name = 'Ada King' where handle = $1", ada[1:])
    video = await asked(maya, f'{ada} says: "Roses are red, violets are blue." jazz music')
    await sung(worker, video)
    await publish(maya, video)
    return Source(maya, character, ada, video)


async def uses_it(person: Person, conn: asyncpg.Connection, video: str, **more: Any) -> tuple[dict[str, Any], str]:
    """The new clip, with somebody of theirs in it, and who that is."""
    _, own = await a_role(conn, person)
    answer = await ask(person, f"{own} on a beach", sound={"video_id": video}, **more)
    assert answer.status_code == 200, answer.text
    return answer.json(), own


async def test_a_sound_drives_another_cast_and_its_credit_is_kept(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await a_song(join, conn, worker), await join()
    clip, own = await uses_it(leo, conn, of.video)
    assert said(clip) == ["Roses are red, violets are blue."]
    speakers = [(one["handle"], one["speaker"]) for one in clip["cast"]]
    assert speakers == [(own[1:], "S1"), (of.ada[1:], "V1")]
    assert {line["speaker"] for shot in clip["screenplay"]["shots"] for line in shot["lines"]} == {"S1"}
    assert "beach" in clip["screenplay"]["setting"]
    assert clip["sound_of_video_id"] == of.video
    kinds = [one["kind"] for one in await told(of.maya) if one.get("video") == clip["id"]]
    assert sorted(kinds) == ["cast", "sound_used"]
    credit = (await leo.http.get(f"/videos/{clip['id']}/credits")).json()
    assert credit["sound"] == {"video": of.video, "maker": of.maya.handle}
    page = f"/sounds/{of.video}/videos"
    assert (await of.maya.http.get(page)).json()["data"] == []
    await sung(worker, clip["id"])
    await publish(leo, clip["id"])
    assert [one["id"] for one in (await of.maya.http.get(page)).json()["data"]] == [clip["id"]]
    assert (await of.maya.http.delete(f"/videos/{of.video}")).status_code == 200
    credit = (await leo.http.get(f"/videos/{clip['id']}/credits")).json()
    assert credit["sound"] == {"video": None, "maker": of.maya.handle}
    assert code(await leo.http.get(page)) == (404, "clip_unknown")


async def test_the_worker_hears_the_other_clip_with_a_time_for_every_word(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await a_song(join, conn, worker), await join()
    clip, _ = await uses_it(leo, conn, of.video)
    heard: list[Sent] = []

    def attend(sent: Sent, _cast: object, _vouchers: object, _seconds: float) -> Given:
        heard.append(sent)
        return NOTHING

    await finished(worker, clip["id"], attend=attend)
    (sent,) = heard
    assert sent.borrowed is not None
    assert sent.borrowed.content.startswith(of.video.encode())
    ((speaker, words),) = [(one.speaker, one.words) for one in sent.borrowed.spoken]
    assert speaker == "S1"
    assert [word.text for word in words] == ["Roses", "are", "red,", "violets", "are", "blue."]
    assert (words[0].start_s, words[2].end_s, words[-1]) == (0.4, 1.6, TimedWord("blue.", words[-1].start_s, 2.8))


async def test_a_sound_where_nobody_speaks_brings_its_music(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    video = await made(worker, maya, "a lighthouse, with jazz music")
    await publish(maya, video)
    (answer, other) = (
        await ask(leo, "a forest", sound={"video_id": video}),
        await ask(leo, "a forest"),
    )
    clip, source = answer.json(), (await maya.http.get(f"/videos/{video}")).json()
    for name in ("music", "sound_bed"):
        assert clip["screenplay"][name] == source["screenplay"][name], name
    assert clip["screenplay"]["sound_bed"] != other.json()["screenplay"]["sound_bed"]
    assert (said(clip), clip["sound_of_video_id"]) == ([], video)


async def test_a_sound_that_may_not_be_used_is_refused_with_nothing_spent(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await a_song(join, conn, worker), await join()
    _, own = await a_role(conn, leo)

    async def answer(video: str = of.video, person: Person = leo, **more: Any) -> tuple[int, str | None]:
        return code(await ask(person, f"{own} waves", sound={"video_id": video}, **more))

    for change, back in (({"allow_sound": False}, {"allow_sound": True}), ({"allow_remix": False}, {})):
        assert (await of.maya.http.patch(f"/videos/{of.video}", json=change)).status_code == 200
        assert await answer() == (403, "sound_off")
        await of.maya.http.patch(f"/videos/{of.video}", json=back or {"allow_remix": True})
    await conn.execute("update character set audience = 'only_me' where handle = $1", of.ada[1:])
    assert await answer() == (403, "cameo_permission_denied")
    await conn.execute("update character set audience = 'everyone' where handle = $1", of.ada[1:])
    assert await answer(NOWHERE) == (404, "clip_unknown")
    assert await answer("7") == (404, "clip_unknown")
    assert await answer(await asked(leo, "a cat")) == (409, "clip_not_ready")
    play = (await of.maya.http.get(f"/videos/{of.video}")).json()["screenplay"]
    bad: tuple[tuple[dict[str, Any], str], ...] = (
        ({"sound": "video_1"}, "sound"),
        ({"sound": {"video_id": 7}}, "sound"),
        ({"sound": {"video_id": of.video, "start_s": 2}}, "sound"),
        ({"sound": {"video_id": of.video}, "prompt": "a beach"}, "characters"),
        ({"sound": {"video_id": of.video}, "screenplay": play}, "screenplay"),
    )
    for body, param in bad:
        refused = await ask(leo, **{"prompt": f"{own} waves"} | body)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, param), body
        assert "allowed" in refused.json()["detail"], body
    assert await used(leo) == 1
    assert await answer() == (200, None)


async def test_a_sound_that_was_taken_away_meanwhile_ends_the_clip_unpaid(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await a_song(join, conn, worker), await join()
    clip, _ = await uses_it(leo, conn, of.video)
    await of.maya.http.patch(f"/videos/{of.video}", json={"allow_sound": False})
    await sung(worker, clip["id"])
    ended = (await leo.http.get(f"/videos/{clip['id']}")).json()
    assert (ended["status"], ended["error"]["code"]) == ("failed", "sound_gone")
    assert await used(leo) == 0


async def test_who_is_heard_can_take_the_voice_back_and_removals_reach_the_sound(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo, mia = await a_song(join, conn, worker), await join(), await join()
    await consented(conn, of.character)
    clip, _ = await uses_it(leo, conn, of.video)
    await sung(worker, clip["id"])
    await publish(leo, clip["id"])
    second, _ = await uses_it(mia, conn, of.video)
    shown = (await of.maya.http.get(f"/characters/{of.character}/uses")).json()["data"]
    assert [one["video"] if "video" in one else one["id"] for one in shown] == [second["id"], clip["id"], of.video]
    gone = await of.maya.http.delete(f"/characters/{of.character}/uses/{of.video}")
    assert gone.json()["removed"] == [of.video, clip["id"], second["id"]]
    assert await used(mia) == 0


async def test_a_sound_stays_the_first_makers_to_switch_off(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo, mia = await a_song(join, conn, worker), await join(), await join()
    between, _ = await uses_it(leo, conn, of.video)
    await sung(worker, between["id"], Caption(0.4, 2.8, "Grace", "Roses are red, violets are blue."))
    await publish(leo, between["id"])
    clip, own = await uses_it(mia, conn, between["id"])
    assert (clip["sound_of_video_id"], said(clip)) == (of.video, ["Roses are red, violets are blue."])
    await of.maya.http.patch(f"/videos/{of.video}", json={"allow_sound": False})
    refused = await ask(mia, f"{own} waves", sound={"video_id": between["id"]})
    assert code(refused) == (409, "sound_missing")
    for answer in (await edit(leo, between["id"], "make it night"), await extend(leo, between["id"], "she waves")):
        assert code(answer) == (409, "sound_missing")
    assert (await used(mia), await used(leo)) == (1, 1)


async def test_what_is_made_from_a_clip_with_a_sound_keeps_it_while_the_words_stay(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo, mia = await a_song(join, conn, worker), await join(), await join()
    between, own = await uses_it(leo, conn, of.video)
    await sung(worker, between["id"])
    longer = (await extend(leo, between["id"], f'{own}: "And I am glad."')).json()
    other = (await edit(leo, between["id"], f'{own} says "Violets are red." instead')).json()
    await conn.execute("update character set audience = 'everyone'")
    await publish(leo, between["id"])
    styled = await mia.http.post(f"/videos/{between['id']}/remix", json={"kind": "restyle", "prompt": "as a film noir"})
    for clip, words in (
        (longer, [*said(between), "And I am glad."]),
        (styled.json(), said(between)),
    ):
        assert (clip["sound_of_video_id"], said(clip)) == (of.video, words)
        assert [one["speaker"] for one in clip["cast"]] == ["S1", "V1"]
    assert (other["sound_of_video_id"], said(other)) == (None, ["Violets are red."])
    assert [one["speaker"] for one in other["cast"]] == ["S1"]

    def attend(_sent: Sent, _cast: object, _vouchers: object, _seconds: float) -> Given:
        raise AssertionError("what is continued has its sound already")

    await finished(worker, longer["id"], attend=attend)
    assert (await leo.http.get(f"/videos/{longer['id']}")).json()["status"] == "completed"
