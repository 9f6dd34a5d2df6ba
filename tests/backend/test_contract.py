"""The OpenAPI document says everything about every route, and says it truly."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from litestar import Litestar

from backend import app as web
from backend.config import Config
from backend.contract import document, said
from tests.backend.conftest import Join

OPERATIONS = ("get", "put", "post", "patch", "delete", "head", "options")


@pytest.fixture
def app(config: Config) -> Litestar:
    return web.build(config)


@pytest.fixture
def told(app: Litestar) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document.of(app, said.DOCS)))
    return decoded


def operations(told: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", item[method])
        for path, item in told["paths"].items()
        for method in OPERATIONS
        if method in item
    ]


def test_every_route_has_its_words(app: Litestar) -> None:
    unsaid = [document.key_of(handler) for _, handler in document.handlers(app)]
    assert [key for key in unsaid if key not in said.DOCS] == []
    assert [key for key in said.DOCS if key not in unsaid] == []


def test_every_operation_has_a_name_of_its_own_that_a_client_can_call(told: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(told)]
    assert sorted(names) == sorted(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name)] == []
    assert [where for where, operation in operations(told) if not operation["summary"]] == []
    assert [name for name in told["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []


def test_every_operation_says_its_errors(told: dict[str, Any]) -> None:
    for where, operation in operations(told):
        refusals = {status: answer for status, answer in operation["responses"].items() if "x-error-codes" in answer}
        assert {"500", "503"} <= refusals.keys(), where
        signed_in = "unauthenticated" in refusals.get("401", {}).get("x-error-codes", ())
        assert signed_in == (operation.get("security") != [{}]), where
        for answer in refusals.values():
            content = answer["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert sorted(content["examples"]) == answer["x-error-codes"]


def test_every_json_that_is_sent_or_answered_has_an_example_of_its_own_schema(told: dict[str, Any]) -> None:
    for where, operation in operations(told):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for kind, content in [pair for body in bodies for pair in body.get("content", {}).items()]:
            if not kind.endswith("json"):
                continue
            named = [one["$ref"].rpartition("/")[2] for one in content.get("examples", {}).values()]
            shared = told["components"]["examples"]
            examples = [shared[name]["value"] for name in named] or [content["example"]]
            check = jsonschema_rs.Draft202012Validator(content["schema"] | {"components": told["components"]})
            for example in examples:
                assert [one.message for one in check.iter_errors(example)] == [], where


def test_every_answer_names_its_request(told: dict[str, Any]) -> None:
    for where, operation in operations(told):
        for answer in operation["responses"].values():
            assert "x-request-id" in answer["headers"], where


def test_every_post_takes_an_idempotency_key(told: dict[str, Any]) -> None:
    for where, operation in operations(told):
        asked = {one["name"] for one in operation["parameters"]}
        assert not where.startswith("post ") or "Idempotency-Key" in asked, where


def test_whatever_is_referred_to_is_there(told: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref":"#/([^"]+)"', msgspec.json.encode(told).decode())):
        place: Any = told
        for part in reference.split("/"):
            place = place[part]
    names = {operation["operationId"] for _, operation in operations(told)}
    for where, operation in operations(told):
        for answer in operation["responses"].values():
            assert {link["operationId"] for link in answer.get("links", {}).values()} <= names, where


def test_a_route_that_nobody_spoke_of_is_told_of_as_far_as_its_code_shows_it(app: Litestar) -> None:
    bare = document.of(app, {})
    assert bare["paths"]["/v1/videos"]["post"]["operationId"] == "videos_create"
    assert bare["paths"]["/v1/me"]["get"]["responses"].keys() >= {"200", "401", "500"}


async def test_the_document_is_served_to_everybody(join: Join) -> None:
    answer = await (await join(None)).http.get("http://test/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"] == "3.1.0"


async def test_the_page_for_people_needs_no_other_host(join: Join) -> None:
    http = (await join(None)).http
    page = await http.get("http://test/docs")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert re.findall(r'(?:src|href|data-url)="([^"]+)"', page.text) == [
        "data:,",
        "/openapi.json",
        "/docs/standalone.js",
    ]
    script = await http.get("http://test/docs/standalone.js")
    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")
    assert "@scalar/api-reference" in script.text[:1000]
