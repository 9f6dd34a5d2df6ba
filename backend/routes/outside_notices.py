"""Asking without an account that something be taken away: as JSON, and as a page with a form and no script."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import asyncpg
import msgspec
from litestar import HttpMethod, Request, Response, get, post, route
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend import forms, html_pages, noticing
from backend.caller import caller_of
from backend.config import Config
from backend.ids import public
from backend.noticing import SignedNotice
from social import outside_notices
from social.errors import InvalidValue
from social.outside_notices import OutsideNoticeUnknown, Standing

READ: Final = [HttpMethod.GET, HttpMethod.HEAD]
BODY_BYTES: Final = 64 * 1024
EMPTY: Final = SignedNotice("intimate", (), "", "", "", sworn=False)


@post("/notices", status_code=201, security=[{}])
async def create(
    request: Request[Any, Any, Any],
    data: JSONBody[SignedNotice],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    address_secret: NamedDependency[bytes],
) -> dict[str, Any]:
    """A signed statement about clips here. `receipt` opens where it stands; it is told once and kept nowhere."""
    secret, due_at = await noticing.take_in(pool, data, _who(request, address_secret))
    return {
        "object": "outside_notice.receipt",
        "receipt": secret,
        "url": f"{html_pages.public_url(request, config)}/report/{secret}",
        "due_at": due_at,
    }


@get("/notices/{receipt:str}", security=[{}])
async def standing(receipt: FromPath[str], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """What became of it, for whoever has the receipt."""
    async with pool.acquire() as conn:
        found = await outside_notices.find(conn, receipt)
    return {
        "object": "outside_notice",
        "kind": found.kind,
        "created_at": found.created_at,
        "due_at": found.due_at,
        "videos": [
            {
                "id": public("video", one.clip),
                "copies": one.copies,
                "hidden": one.hidden,
                "decided": one.decided,
                "outcome": one.outcome,
            }
            for one in found.clips
        ],
    }


@route("/report", http_method=READ, include_in_schema=False, security=[{}])
async def page(config: NamedDependency[Config]) -> Response[bytes]:
    """The form."""
    return _form(config, EMPTY, "")


@post("/report", include_in_schema=False, security=[{}], request_max_body_size=BODY_BYTES)
async def sent(
    request: Request[Any, Any, Any],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    address_secret: NamedDependency[bytes],
) -> Response[bytes]:
    """The form, filled in: a page with the receipt, or the form again with what is wrong."""
    fields = await forms.read(request)
    texts = {name: str(fields.get(name, "")) for name in ("kind", "words", "signature", "email")}
    content = tuple(line.strip() for line in str(fields.get("content", "")).splitlines() if line.strip())
    notice = SignedNotice(**texts, content=content, sworn=fields.get("sworn") == "yes")
    try:
        secret, due_at = await noticing.take_in(pool, notice, _who(request, address_secret))
    except InvalidValue as error:
        return _form(config, notice, str(error), status=HTTPStatus.BAD_REQUEST)
    link = f"{html_pages.public_url(request, config)}/report/{secret}"
    return html_pages.page(
        "receipt.html", config, status=HTTPStatus.CREATED, cache_control="no-store", link=link, due=_time(due_at)
    )


@route("/report/{receipt:str}", http_method=READ, include_in_schema=False, security=[{}])
async def status(
    receipt: FromPath[str], pool: NamedDependency[asyncpg.Pool], config: NamedDependency[Config]
) -> Response[bytes]:
    """Where a notice stands."""
    try:
        async with pool.acquire() as conn:
            found = await outside_notices.find(conn, receipt)
    except OutsideNoticeUnknown:
        return html_pages.page(
            "words.html",
            config,
            status=HTTPStatus.NOT_FOUND,
            heading="Nothing here",
            told="There is no notice with this receipt.",
            deep_link="",
        )
    return html_pages.page("notice.html", config, cache_control="no-store", **_told(found))


def _who(request: Request[Any, Any, Any], secret: bytes) -> str:
    """Of the sender's address, so that many notices of one sender can be told."""
    return hmac.digest(secret, caller_of(request.scope).address.encode(), hashlib.sha256).hex()


def _form(config: Config, notice: SignedNotice, wrong: str, *, status: int = HTTPStatus.OK) -> Response[bytes]:
    given = msgspec.structs.asdict(notice) | {"content": "\n".join(notice.content)}
    return html_pages.page(
        "report.html", config, status=status, cache_control="no-store", sends=True, wrong=wrong, given=given
    )


def _told(found: Standing) -> dict[str, Any]:
    clips = [
        {
            "id": public("video", one.clip),
            "state": "taken away" if one.outcome == "upheld" else "left as it is" if one.decided else "being looked at",
            "now": "not shown to anybody" if one.hidden else "shown",
            "copies": one.copies,
        }
        for one in found.clips
    ]
    return {"sent": _time(found.created_at), "due": _time(found.due_at), "clips": clips}


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
