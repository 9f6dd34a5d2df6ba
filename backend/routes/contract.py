"""The contract as this server really has it: the document, and a page that shows it without any other host."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get

from backend.contract import document, said

FOLDER: Final = Path(__file__).parent.parent / "web" / "docs"
# The page's script makes its own style elements; nothing comes from elsewhere, and nothing goes there.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@get("/openapi.json", include_in_schema=False, security=[{}])
async def openapi(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """OpenAPI 3.1."""
    return document.of(request.app, said.DOCS)


@get("/docs", include_in_schema=False, security=[{}])
async def page() -> Response[bytes]:
    """For people: Scalar over /openapi.json."""
    return Response(_file("index.html"), media_type="text/html", headers=HEADERS | {"cache-control": "no-cache"})


@get("/docs/standalone.js", include_in_schema=False, security=[{}])
async def script() -> Response[bytes]:
    """@scalar/api-reference."""
    headers = HEADERS | {"cache-control": "public, max-age=3600"}
    return Response(_file("standalone.js"), media_type="text/javascript", headers=headers)


@cache
def _file(name: str) -> bytes:
    return (FOLDER / name).read_bytes()
