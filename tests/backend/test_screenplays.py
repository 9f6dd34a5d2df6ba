"""Screenplays before anything is spent: shown, given in place of the written one, refused with the exact conflict."""

from __future__ import annotations

import copy
import json
from typing import Any

import asyncpg
import msgspec
import pytest

from backend import ids
from generation.plan import Screenplay
from tests.backend.cast import a_role, ask, code
from tests.backend.conftest import Join
from tests.backend.test_videos import GOOD, a_character, spent

CONFLICT = "[Shot 1] At 0:00 she waves. [Shot 2] At 0:03 she nods. [Shot 3] At 0:02 she laughs."
PLAY: dict[str, Any] = {
    "title": "Tea",
    "style": "plain",
    "setting": "a kitchen in the morning",
    "sound_bed": "calm piano",
    "shots": [
        {"start_s": 0, "end_s": 4, "framing": "medium", "who": ["S1"], "lines": [{"speaker": "S1", "text": "Hello."}]},
        {"start_s": 4, "end_s": 8, "framing": "close_up", "who": ["S1"], "action": "she smiles"},
    ],
}


def play(**changed: Any) -> dict[str, Any]:
    """`PLAY` with `shots__1__end_s=9` put into it."""
    made = copy.deepcopy(PLAY)
    for path, value in changed.items():
        *way, last = [int(part) if part.isdigit() else part for part in path.split("__")]
        at: Any = made
        for part in way:
            at = at[part]
        at[last] = value
    return made


async def test_an_impossible_prompt_is_refused_with_the_conflict_and_nothing_stays(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya = await join()
    answer = await maya.http.post("/videos", json=GOOD | {"prompt": CONFLICT, "seconds": "10"})
    assert code(answer) == (400, "screenplay_error")
    assert (
        answer.json()["error"]["param"],
        "shot 3 starts at 2 s; it must start after shot 2, which starts at 3 s" in answer.json()["detail"],
    ) == ("prompt", True)
    assert await spent(maya, conn) == (0, 0, 0)


async def test_the_screenplay_is_stored_with_the_clip(join: Join) -> None:
    maya = await join()
    order = GOOD | {"seed": 7}
    clip = (await maya.http.post("/videos", json=order)).json()
    shown = (await maya.http.post("/screenplays", json=order)).json()
    assert clip["status"] == "queued"
    assert clip["screenplay"] == shown["screenplay"]
    assert 3 <= len(shown["controls"]) <= 6


async def test_looking_at_a_screenplay_costs_nothing_and_asks_for_permission(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    made, handle = await a_role(conn, maya)
    body = {"prompt": f'{handle} says: "Hello there."', "characters": [{"id": made}], "seconds": "10"}
    shown = await maya.http.post("/screenplays", json=body)
    assert shown.status_code == 200, shown.text
    lines = [line["text"] for shot in shown.json()["screenplay"]["shots"] for line in shot.get("lines", [])]
    assert any("Hello there" in line for line in lines)
    assert shown.json()["controls"][0]["label"] == "Grace's energy"
    assert code(await leo.http.post("/screenplays", json=body)) == (403, "cameo_permission_denied")
    assert (await maya.http.post("/screenplays", json=body | {"seconds": "7"})).json()["error"]["param"] == "seconds"
    assert code(await (await join(None)).http.post("/screenplays", json=body))[0] == 401
    assert await spent(maya, conn) == (0, 0, 0)


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
async def test_a_screenplay_of_ones_own_takes_the_place_of_the_written_one(
    join: Join, conn: asyncpg.Connection, *, form: bool
) -> None:
    maya = await join()
    made = await a_character(conn, maya)
    order = GOOD | {"seconds": "8"}
    if form:
        fields = order | {"characters[][id]": made, "screenplay": json.dumps(PLAY)}
        answer = await maya.http.post("/videos", data=fields, files={"none": ("", b"")})
    else:
        answer = await maya.http.post("/videos", json=order | {"characters": [{"id": made}], "screenplay": PLAY})
    assert answer.status_code == 200, answer.text
    assert msgspec.convert(answer.json()["screenplay"], Screenplay) == msgspec.convert(PLAY, Screenplay)


@pytest.mark.parametrize(
    ("broken", "param", "told"),
    [
        (play(shots__0__lines__0__text="word " * 30), "shots[0]", "need 10.00 s; it lasts 4.00 s"),
        (play(shots__1__start_s=3), "shots[1].start_s", "starts at 3 s; it must start at 4 s"),
        (play(shots__1__start_s=5), "shots[1].start_s", "starts at 5 s; it must start at 4 s"),
        (play(shots__1__end_s=7), "shots[1].end_s", "end at 7 s; the clip ends at 8 s"),
        (play(shots__1__end_s=1e300), "shots[1].end_s", "the clip ends at 8 s"),
        (play(shots__0__lines__0__speaker="S2"), "shots[0].lines[0].speaker", "'S2', who is not cast; cast: S1"),
        (play(shots__0__who__0="S4"), "shots[0].who[0]", "who is not cast"),
        (play(shots__0__who=[]), "shots[0].lines[0]", "not in frame"),
        (play(shots__0__lines__0__energy=7), "shots[0].lines[0].energy", "0 to 1"),
        (play(shots__0__lines__0__text=" ?! "), "shots[0].lines[0]", "a line has words"),
        (play(shots__0__lines__0__start_s=3.9), "shots[0].lines[0]", "must lie inside shot 1, 0 to 4 s"),
        (play(shots__0__lines__0__start_s=6), "shots[0].lines[0]", "must lie inside shot 1"),
        (play(shots__0__framing="dutch"), "shots[0].framing", "Invalid enum value 'dutch'"),
        (play(shots__0__lines__0__emotion="bored"), "shots[0].lines[0].emotion", "Invalid enum value 'bored'"),
        (play(shots__0__start_s="NaN"), "shots[0].start_s", "Expected `float`"),
        (play(shots__0__distance=2), "shots[0].distance", "-1 to 1"),
        (play(music=-1), "music", "0 to 2"),
        (play(setting="x" * 3000), "setting", "2,000"),
        (play(shots=[]), "shots", "0 shots in 8 s; 2 to 5"),
    ],
)
async def test_a_broken_screenplay_is_refused_with_the_exact_conflict(
    join: Join, conn: asyncpg.Connection, broken: dict[str, Any], param: str, told: str
) -> None:
    maya = await join()
    cast = {"characters": [{"id": await a_character(conn, maya)}], "seconds": "8"}
    answer = await maya.http.post("/videos", json=GOOD | cast | {"screenplay": broken})
    assert answer.status_code == 400, answer.text
    assert (answer.json()["error"]["param"], told in answer.json()["detail"]) == (f"screenplay.{param}", True)
    assert await spent(maya, conn) == (0, 0, 0)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null x"])
async def test_a_form_field_that_is_no_screenplay_is_named(join: Join, text: str) -> None:
    form = GOOD | {"seconds": "8", "screenplay": text}
    answer = await (await join()).http.post("/videos", data=form, files={"none": ("", b"")})
    assert (code(answer), answer.json()["error"]["param"]) == ((400, "invalid_value"), "screenplay")


async def test_what_the_cast_forbids_is_forbidden_in_a_screenplay_too(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    made, _ = await a_role(conn, maya, audience="everyone", restrictions=["never holding a weapon"])
    order = {"characters": [{"id": made}], "seconds": "8"}
    armed = await ask(leo, "tea", **order, screenplay=play(shots__1__action="she raises a sword"))
    assert code(armed) == (403, "cameo_permission_denied")
    assert (await ask(leo, "tea", **order, screenplay=PLAY)).status_code == 200


async def test_a_yes_to_one_prompt_is_none_to_another_screenplay(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    made, _ = await a_role(conn, maya, audience="approved")
    await conn.execute(
        "insert into cast_grant (character, grantee, prompt) select $1, id, 'tea' from account where handle = $2",
        ids.parse("char", made),
        leo.handle,
    )
    order = {"characters": [{"id": made}], "seconds": "8"}
    assert code(await ask(leo, "tea", **order, screenplay=PLAY)) == (403, "cameo_permission_denied")
    assert (await ask(leo, "tea", **order)).status_code == 200


async def test_a_person_without_a_voice_is_given_no_line(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    made, handle = await a_role(conn, maya)
    await conn.execute("update character_version set has_voice = false where character = $1", ids.parse("char", made))
    order = GOOD | {"characters": [{"id": made}], "seconds": "8"}
    written = await maya.http.post("/videos", json=order | {"prompt": f'{handle}: "Hello."'})
    given = await maya.http.post("/videos", json=order | {"screenplay": PLAY})
    for answer, param in ((written, "prompt"), (given, "screenplay.shots[0].lines[0]")):
        assert (code(answer), answer.json()["error"]["param"]) == ((400, "voice_needed"), param)
        assert handle in answer.json()["detail"]
        assert "recording of the voice" in answer.json()["detail"]
    assert await spent(maya, conn) == (0, 0, 0)
    silent = play(shots__0__lines=[])
    assert (await maya.http.post("/videos", json=order | {"screenplay": silent})).status_code == 200
    await conn.execute("update character set kind = 'pet' where id = $1", ids.parse("char", made))
    assert (await maya.http.post("/videos", json=order | {"screenplay": PLAY})).status_code == 200
