"""Words refused over HTTP: nothing made, charged or kept; the refusal counted, appealed and, overturned, gone."""

from __future__ import annotations

import asyncpg

from tests.backend.cast import made
from tests.backend.conftest import Join
from tests.backend.test_talking import shown
from tests.backend.worker_side import Studio

THREAT = "I will kill you, said the dragon"


async def test_a_refused_prompt_makes_and_charges_nothing_and_keeps_no_word(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya = await join()
    before = (await maya.http.get("/me/quota")).json()
    for path in ("/videos", "/screenplays"):
        answer = await maya.http.post(path, json={"prompt": "undress my classmate"})
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["code"] == "sentinel_block"
        assert answer.json()["error"]["param"] == "prompt"
        assert answer.json()["refusal"]["category"] == "non_consensual_intimate"
        assert "classmate" not in answer.text
    assert (await maya.http.get("/me/quota")).json() == before
    assert (await maya.http.get("/videos")).json()["data"] == []
    rows = await conn.fetch("select * from refusal")
    assert [row["rule"] for row in rows] == ["undressing-somebody"] * 2
    assert "classmate" not in str([dict(row) for row in rows])


async def test_an_own_screenplay_an_edit_and_a_remix_are_read_too(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await made(worker, maya, "a park", seconds="10")
    play = (await maya.http.post("/screenplays", json={"prompt": "a park"})).json()["screenplay"]
    play["shots"][0]["action"] = "a hardcore sex scene"
    answer = await maya.http.post("/videos", json={"prompt": "a park", "screenplay": play})
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["param"]) == (
        400,
        "sentinel_block",
        "screenplay",
    )
    edited = await maya.http.post("/videos/edits", json={"video": {"id": video}, "prompt": "make it a porn film"})
    remixed = await maya.http.post(f"/videos/{video}/remix", json={"prompt": "make it a porn film"})
    for refused in (edited, remixed):
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "sentinel_block"), refused.text


async def test_a_refused_comment_is_appealed_by_its_words_and_passes_once_a_moderator_agrees(
    join: Join, worker: Studio
) -> None:
    maya, leo, ada = await join(), await join(), await join("moderator")
    video = await shown(worker, maya)
    refused = await leo.http.post(f"/videos/{video}/comments", json={"text": THREAT})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "moderation_blocked")
    refusal = refused.json()["refusal"]["id"]
    assert (await maya.http.get(f"/videos/{video}/comments")).json()["data"] == []

    path = f"/refusals/{refusal}/appeal"
    other = await leo.http.post(path, json={"text": "other words", "words": "a play"})
    assert (other.status_code, other.json()["error"]["param"]) == (400, "text")
    stranger = await maya.http.post(path, json={"text": THREAT, "words": "a play"})
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (404, "refusal_unknown")
    asked = await leo.http.post(path, json={"text": THREAT, "words": "a play"})
    assert (asked.status_code, asked.json()["outcome"]) == (201, None)
    again = await leo.http.post(path, json={"text": THREAT, "words": "a play"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "refusal_appealed")

    assert (await leo.http.get("/moderation/refusals")).status_code == 403
    assert [one["text"] for one in (await ada.http.get("/moderation/refusals")).json()["data"]] == [THREAT]
    answer = {"outcome": "overturned", "answer": "it is a play"}
    assert (await ada.http.post(f"/moderation/refusals/{refusal}/decide", json=answer)).status_code == 200
    assert (await ada.http.get("/moderation/refusals")).json()["data"] == []
    twice = await ada.http.post(f"/moderation/refusals/{refusal}/decide", json=answer)
    assert twice.json()["error"]["code"] == "refusal_appealed"
    assert (await leo.http.post(f"/videos/{video}/comments", json={"text": THREAT})).status_code == 201
    assert (await maya.http.post(f"/videos/{video}/comments", json={"text": THREAT})).status_code == 400


async def test_captions_profiles_collections_and_names_are_read(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await made(worker, maya, "a park", seconds="10")
    for method, path, body in (
        ("PATCH", f"/videos/{video}", {"caption": "heil hitler"}),
        ("PATCH", "/me", {"bio": "double your bitcoin"}),
        ("POST", "/collections", {"title": "white power"}),
    ):
        answer = await maya.http.request(method, path, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "moderation_blocked"), answer.text
    named = await maya.http.patch("/me", json={"display_name": "Heil Hitler"})
    assert (named.status_code, named.json()["error"]["param"]) == (400, "display_name")


async def test_a_public_figure_without_a_character_is_written_out_and_refused_in_an_own_screenplay(join: Join) -> None:
    maya = await join()
    wanted = {"prompt": 'Barack Obama meets Taylor Swift in a park. "Hello, Taylor Swift!"', "seed": 7}
    answer = await maya.http.post("/screenplays", json=wanted)
    assert answer.status_code == 200, answer.text
    assert "Obama" not in answer.text
    assert "Swift" not in answer.text
    play = answer.json()["screenplay"]
    assert "president" in str(play).lower()
    play["shots"][0]["action"] = "Barack Obama waves"
    refused = await maya.http.post("/screenplays", json={"prompt": "a park", "screenplay": play})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "screenplay")
    assert "a president" in refused.json()["error"]["message"]
