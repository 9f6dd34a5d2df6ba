"""Every route of the house, tried by those who must not pass."""

from __future__ import annotations

import re
import time

import asyncpg
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from backend import app as web
from backend import scopes
from backend.config import Config
from backend.tokens import TokenKeys
from social.api_keys import SCOPES
from tests.backend.cast import code
from tests.backend.conftest import Join, Person

NOT_HERE = {"HEAD", "OPTIONS"}  # HEAD answers as GET does, without the body that says why


def guarded(config: Config) -> list[tuple[str, str]]:
    """Method and path, with `x` for whatever varies, of every route that is not marked as open to everybody."""
    found = set()
    for route in web.build(config).routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/v1/"):
            continue
        for handler in route.route_handlers:
            assert isinstance(handler, HTTPRouteHandler)
            if handler.security != [{}]:
                path = re.sub(r"{[^}]*}", "x", route.path_format)
                found |= {(str(method), path) for method in set(handler.http_methods) - NOT_HERE}
    return sorted(found)


async def test_no_route_opens_to_nobody_or_to_a_token_that_is_over(
    join: Join, config: Config, monkeypatch: pytest.MonkeyPatch, conn: asyncpg.Connection
) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    account, session = await conn.fetchrow("select account, id from session order by id limit 1")
    now = time.time()
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: now - 901)
        expired = TokenKeys(config.token_keys).sign(account, session)
    assert code(await leo.http.delete("/sessions/current")) == (200, None)
    routes = guarded(config)
    assert ("GET", "/v1/me") in routes
    assert ("DELETE", "/v1/sessions/x") in routes
    for method, path in routes:
        for sent in ("", f"Bearer {expired}", leo.http.headers["authorization"]):
            answer = await nobody.http.request(
                method, f"http://test{path}", headers={"authorization": sent} if sent else None, json={}
            )
            assert code(answer) == (401, "unauthenticated"), (method, path, sent)
    assert (await maya.http.get("/me")).status_code == 200


async def test_an_api_key_opens_what_its_scope_names_and_nothing_else(join: Join, config: Config) -> None:
    routes = guarded(config)
    for scope in SCOPES:
        await _tries_every_route(await join(), routes, scope)


async def _tries_every_route(maya: Person, routes: list[tuple[str, str]], scope: str) -> None:
    key = (await maya.http.post("/me/api-keys", json={"name": "script", "scopes": [scope]})).json()["secret"]
    sent = {"authorization": f"Bearer {key}"}
    closed = [(method, path) for method, path in routes if scope not in scopes.that_open(method, path)]
    for method, path in closed:
        answer = await maya.http.request(method, f"http://test{path}", headers=sent, json={})
        assert code(answer) == (403, "forbidden"), (method, path)
        assert scope in answer.json()["detail"]
    for path in ("/videos", "/me", "/me/quota"):
        wanted = 403 if ("GET", f"/v1{path}") in closed else 200
        assert (await maya.http.get(path, headers=sent)).status_code == wanted, path
    assert (("POST", "/v1/videos") in closed) == (scope != "videos")
    [listed] = (await maya.http.get("/me/api-keys")).json()["data"]
    assert (listed["scopes"], listed["last_used_at"] is None) == ([scope], False)


async def test_a_key_needs_scopes_that_exist(join: Join) -> None:
    maya = await join()
    for named in ([], ["everything"], ["videos", ""], "videos"):
        answer = await maya.http.post("/me/api-keys", json={"name": "script", "scopes": named})
        assert answer.status_code == 400, named
