"""People, the characters they own and the clips that show them: real rows, made ready without a worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec

from backend import ids
from backend.media import vault_key
from backend.opening import Attend
from backend.safe import open_vault
from backend.takes import Measure, Render
from character_store import vault
from tests.backend.conftest import Person
from tests.backend.test_videos import GOOD, a_character
from tests.backend.worker_side import Studio, rushes, unlooked_at
from tests.factories import a_likeness, unique


async def a_role(conn: asyncpg.Connection, owner: Person, **changed: Any) -> tuple[str, str]:
    """A ready character with a name of its own: its id and its @handle. `restrictions`, `approve_clips` as columns."""
    handle = str(changed.pop("handle", unique("role")))
    restrictions, approve = changed.pop("restrictions", []), changed.pop("approve_clips", False)
    made = await a_character(conn, owner, handle=handle, **changed)
    await conn.execute(
        "update character set restrictions = $2, approve_clips = $3 where handle = $1", handle, restrictions, approve
    )
    return made, f"@{handle}"


async def consented(conn: asyncpg.Connection, character: str) -> UUID:
    """Give a character a receipt for all three purposes."""
    receipt: UUID = await conn.fetchval(
        "with receipt as (insert into consent_receipt (account, policy_version, policy_sha256, signed_name, ip_hash) "
        "select owner, '1', '', 'A', '' from character where id = $1 returning id), "
        "purposes as (insert into consent_purpose (receipt, purpose) "
        "select id, unnest(array['store', 'generate', 'share']) from receipt) select id from receipt",
        ids.parse("char", character),
    )
    await conn.execute("update character set consent = $2 where id = $1", ids.parse("char", character), receipt)
    return receipt


async def befriend(one: Person, other: Person) -> None:
    for follower, followed in ((one, other), (other, one)):
        answer = await follower.http.put(f"/accounts/{followed.handle}/follow")
        assert answer.status_code == 200, answer.text


async def grant(owner: Person, character: str, grantee: Person) -> None:
    answer = await owner.http.put(f"/characters/{character}/grants/{grantee.handle}")
    assert answer.status_code == 200, answer.text


async def ask(maker: Person, prompt: str, **more: Any) -> httpx.Response:
    return await maker.http.post("/videos", json=GOOD | {"prompt": prompt} | more)


async def asked(maker: Person, prompt: str, **more: Any) -> str:
    answer = await ask(maker, prompt, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def made(worker: Studio, maker: Person, prompt: str, **more: Any) -> str:
    """A finished clip with files of its own."""
    video = await asked(maker, prompt, **more)
    await finished(worker, video)
    return video


async def played(viewer: Person, video: str, **headers: str) -> httpx.Response:
    """The file that plays in the app; `/content` gives the one with the visible mark."""
    clip = (await viewer.http.get(f"/videos/{video}")).json()
    return await viewer.http.get(f"http://test{clip['media']['video']}", headers=headers)


async def finished(
    worker: Studio,
    video: str,
    render: Render | None = None,
    attend: Attend = unlooked_at,
    measure: Measure | None = None,
) -> None:
    """As the worker does it."""
    for use in await worker.pool.fetch("select character, version from use where clip = $1", ids.parse("video", video)):
        await fill_vault(worker, use["character"], use["version"])
    usual: Render = lambda shooting, _on_progress: rushes(shooting, video.encode())  # noqa: E731 - what it makes depends
    await worker.make(video, render or usual, measure, attend)


async def fill_vault(worker: Studio, character: UUID, version: int) -> None:
    """References that can be opened, where there are none."""
    async with worker.pool.acquire() as conn, conn.transaction():
        if await vault.objects(conn, character, version):
            return
        key, place = vault.new_key(), vault_key(character.hex, version, "references")
        await conn.execute(
            "update character_version set wrapped_key = $3, state = 'ready' where character = $1 and version = $2",
            character,
            version,
            open_vault(worker.config).wrap(key, character, version),
        )
        await vault.note_object(conn, character, version, "references", place)
    sealed = vault.seal(key, msgspec.msgpack.encode(a_likeness().references), character, version, "references")
    await worker.media.put(place, sealed)


def code(answer: httpx.Response) -> tuple[int, str | None]:
    """Status and the word of the error."""
    return answer.status_code, answer.json()["error"]["code"] if answer.status_code >= 400 else None


async def outcome(maker: Person, video: str) -> tuple[str, str | None]:
    clip = (await maker.http.get(f"/videos/{video}")).json()
    return clip["status"], clip["error"]["code"] if clip["error"] else None
