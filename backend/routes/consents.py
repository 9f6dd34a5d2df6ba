"""Consent: the text, signing it, new digits, taking purposes back."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend import auth, departure, ids, shapes, studio
from backend.auth import Viewer
from backend.db import GONE
from backend.media import Media
from backend.pages import page_of
from character_store import audit, consents, policy
from character_store.consents import PURPOSES, SIGNED_NAME, Challenge, Receipt
from character_store.errors import ConsentNeeded, ConsentUnknown, PolicyChanged
from social.errors import InvalidValue


class NewConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`policy_version`: the text that was shown; refused where it is not the current one."""

    purposes: tuple[str, ...]
    signed_name: str
    policy_version: str | None = None


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    purposes: tuple[str, ...]


@get("/consents/policy", security=[{}])
async def text() -> dict[str, Any]:
    """What is signed, in Markdown."""
    return msgspec.structs.asdict(policy.current()) | {"purposes": PURPOSES}


@post("/consents", status_code=201)
async def sign(
    request: Request[Any, Any, Any],
    data: JSONBody[NewConsent],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    address_secret: NamedDependency[bytes],
) -> dict[str, Any]:
    """A receipt, and the digits for a capture."""
    auth.need_session(viewer)
    purposes = _purposes(data.purposes)
    name = data.signed_name.strip()
    if not SIGNED_NAME[0] <= len(name) <= SIGNED_NAME[1] or sum(letter.isalpha() for letter in name) < SIGNED_NAME[0]:
        raise InvalidValue(
            "signed_name", data.signed_name, f"your name, {SIGNED_NAME[0]} to {SIGNED_NAME[1]} characters"
        )
    if data.policy_version not in {None, policy.current().version}:
        raise PolicyChanged(str(data.policy_version), policy.current().version)
    address = request.client.host if request.client else ""
    ip_hash = hmac.digest(address_secret, address.encode(), hashlib.sha256)
    async with pool.acquire() as conn, conn.transaction():
        receipt = await consents.sign(conn, viewer.id, purposes, name, ip_hash)
        digits = await consents.challenge(conn, viewer.id, receipt.id)
    return _shape(receipt) | {"challenge": _challenge(digits, receipt)}


@get("/consents")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    auth.need_session(viewer)
    start, limit = page_of("cons", after, limit)
    async with pool.acquire() as conn:
        rows = await consents.of(conn, viewer.id, after=start, limit=limit)
    return shapes.page([_shape(row) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/consents/{consent_id:str}")
async def one(
    consent_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return _shape(await consents.find(conn, viewer.id, _key(consent_id)))


@post("/consents/{consent_id:str}/challenges", status_code=201)
async def challenge(
    consent_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """New digits under the same receipt; those before them are void."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        receipt = await consents.find(conn, viewer.id, _key(consent_id))
        if not receipt.holds("store"):
            raise ConsentNeeded("a capture", "this receipt's purpose 'store' was never given or is withdrawn")
        digits = await consents.challenge(conn, viewer.id, receipt.id)
    return {"id": consent_id, "challenge": _challenge(digits, receipt)}


@post("/consents/{consent_id:str}/withdraw", status_code=200)
async def withdraw(
    consent_id: FromPath[str],
    data: JSONBody[Withdrawal],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> dict[str, Any]:
    """At once: without `store` all is destroyed, without `generate` nothing is made, without `share` nobody sees it."""
    auth.need_session(viewer)
    purposes = _purposes(data.purposes)
    left: list[UUID] = []
    async with pool.acquire() as conn, conn.transaction():
        receipt = await consents.find(conn, viewer.id, _key(consent_id))
        taken_back = await consents.withdraw(conn, receipt.id, purposes)
        if taken_back:
            await audit.note(conn, viewer.id, "consent_withdrawn", receipt.id, {"purposes": taken_back})
        if "store" in taken_back:
            for character in await consents.resting_on(conn, receipt.id):
                await departure.leave(conn, character, "withdrawn")
                left.append(character)
        await studio.stop_unconsented(conn, viewer.id)
        receipt = await consents.find(conn, viewer.id, receipt.id)
    with suppress(*GONE):  # the worker will
        for character in left:
            await departure.sweep(pool, media, character)
    return _shape(receipt) | {"destroyed": [ids.public("char", character) for character in left]}


def _purposes(given: tuple[str, ...]) -> list[consents.Purpose]:
    """Raises InvalidValue."""
    known = [purpose for purpose in PURPOSES if purpose in given]
    if not given or set(given) - set(PURPOSES):
        raise InvalidValue("purposes", list(given), f"one or more of {', '.join(PURPOSES)}")
    return known


def _key(consent_id: str) -> UUID:
    """Raises ConsentUnknown."""
    key = ids.parse("cons", consent_id)
    if key is None:
        raise ConsentUnknown(consent_id)
    return key


def _shape(row: Receipt) -> dict[str, Any]:
    return {
        "id": ids.public("cons", row.id),
        "object": "consent",
        "purposes": [purpose for purpose in PURPOSES if row.holds(purpose)],
        "withdrawn": {purpose: at for purpose, at in row.purposes.items() if at is not None},
        "policy_version": row.policy_version,
        "policy_sha256": row.policy_sha256,
        "signed_name": row.signed_name,
        "signed_at": row.at,
    }


def _challenge(row: Challenge, receipt: Receipt) -> dict[str, Any]:
    """The digits are what is checked; the sentences give the voice the seconds it needs to be learnt."""
    spoken = " ".join(row.digits)
    return {
        "digits": row.digits,
        "expires_at": row.expires_at,
        "spoken_in": "en",
        "read_aloud": f"{spoken}. My name is {receipt.signed_name}. This is my own face, and this is my own voice.",
        "instructions": "Look into the camera, read this aloud, and turn your head slowly to both sides.",
    }
