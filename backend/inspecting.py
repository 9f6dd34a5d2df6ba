"""Whose a file is: asked by the web process, looked at by a worker in a process of its own, answered from the rows.

Credentials first, then marks, then what the file holds, then what its pictures look like.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import msgspec
import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend import jobs
from backend.media import Media
from backend.seen import Seen
from social import provenance
from social.provenance import Inspection, Made

LOOK_SECONDS: Final = 90.0
ATTEMPTS_MAX: Final = 3
MARK_SURE: Final = 0.99  # 48 bits, a CRC and a row with this very number
ALIKE_SURE: Final = 0.9  # of pictures alone, at most: another take of a scene looks like it
_NONCE: Final = 12
_PLACES: Final = {"pictures": 0, "sound": 1}
log = structlog.get_logger()


class Unreadable(Exception):
    """Nobody could look at the file in time."""


async def ask(pool: asyncpg.Pool, media: Media, content: bytes) -> UUID:
    """Sealed under a key that is destroyed when the answer is there, and queued."""
    key, nonce = AESGCM.generate_key(256), os.urandom(_NONCE)
    place = f"inspections/{uuid4().hex}"
    await media.put(place, nonce + await asyncio.to_thread(AESGCM(key).encrypt, nonce, content, place.encode()))
    async with pool.acquire() as conn, conn.transaction():
        asked = await provenance.ask(conn, key, place)
        await jobs.enqueue(conn, jobs.INSPECT, asked)
    return asked


async def answered(pool: asyncpg.Pool, asked: UUID, seconds: float) -> Inspection | None:
    """The row, as soon as it is answered or the time is over."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        async with pool.acquire() as conn:
            found = await provenance.inspection(conn, asked)
        if found is None or found.state != "queued" or asyncio.get_running_loop().time() >= until:
            return found
        await asyncio.sleep(0.2)


async def inspect(pool: asyncpg.Pool, media: Media, secrets: Path, asked: UUID) -> None:
    """As a job; safe to repeat."""
    async with pool.acquire() as conn:
        begun = await provenance.begin(conn, asked)
    if begun is None or begun.key is None:
        return
    found: dict[str, Any] | None = None
    if begun.attempts <= ATTEMPTS_MAX:
        try:
            sealed = await media.get(begun.media_key)
            plain = await asyncio.to_thread(
                AESGCM(begun.key).decrypt, sealed[:_NONCE], sealed[_NONCE:], begun.media_key.encode()
            )
            with tempfile.TemporaryDirectory(prefix="castmate-inspect-") as folder:
                file = Path(folder) / "file"
                await asyncio.to_thread(file.write_bytes, plain)
                seen = await look(file, secrets)
            async with pool.acquire() as conn:
                found = await verdict(conn, seen)
        except (Unreadable, FileNotFoundError) as error:
            log.info("a file could not be inspected", error=type(error).__name__)
    async with pool.acquire() as conn:
        await provenance.answer(conn, asked, found)
    await media.delete(begun.media_key)


async def tidy(pool: asyncpg.Pool, media: Media) -> None:
    """Answers whose hour is over."""
    async with pool.acquire() as conn:
        over = await provenance.tidy(conn)
    for key in over:
        await media.delete(key)


async def look(file: Path, secrets: Path) -> Seen:
    """In a process of its own, with limits on time and memory. Raises Unreadable."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "backend.looking", str(file), str(secrets)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # decoders write there what they make of the file
        cwd=Path(__file__).parent.parent,
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), LOOK_SECONDS)
    except TimeoutError:
        raise Unreadable("it took too long") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        return msgspec.json.decode(told, type=Seen)
    except msgspec.DecodeError:
        raise Unreadable(f"the process ended with {process.returncode}") from None


async def verdict(conn: asyncpg.Connection, seen: Seen) -> dict[str, Any]:
    """made_here, clip (hex or null), confidence, by, credentials."""
    told = None if seen.credentials["state"] == "None" else seen.credentials
    number = seen.credentials.get("mark")
    if seen.credentials["state"] == "Trusted" and number is not None:
        return _found(await provenance.marked(conn, number) or Made(None), 1.0, "c2pa", told)
    for mark in sorted(seen.marks, key=lambda one: _PLACES[one.where]):
        if (made := await provenance.marked(conn, mark.number)) is not None:
            return _found(made, MARK_SURE, "mark", told)
    if (made := await provenance.of_file(conn, seen.sha256)) is not None:
        return _found(made, 1.0, "hash", told)
    if (like := await provenance.alike(conn, seen.prints)) is not None:
        sure = round(ALIKE_SURE * like.share * (1 - like.distance / 128), 3)
        return _found(Made(like.clip), sure, "hash", told)
    return {"made_here": False, "clip": None, "confidence": 0.0, "by": None, "credentials": told}


def _found(made: Made, confidence: float, by: str, credentials: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "made_here": True,
        "clip": None if made.clip is None else made.clip.hex,
        "confidence": confidence,
        "by": by,
        "credentials": credentials,
    }
