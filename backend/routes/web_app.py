"""The reference web app: static files below /app, and one page for every path in it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from backend.config import Config

WEB: Final = Path(__file__).parent.parent / "web"
TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
CLIENT: Final = ("client.js", "openapi-fetch.js", "operations.js")


@get("/", include_in_schema=False, security=[{}], status_code=302)
async def root() -> Redirect:
    return Redirect("/app/")


@get(["/app", "/app/{path:path}"], include_in_schema=False, security=[{}])
async def app(
    request: Request[Any, Any, Any], config: NamedDependency[Config], path: FromPath[str] = "/"
) -> Response[bytes]:
    """A file of the app; its page for paths that only the app knows, which have no suffix or begin with an @."""
    name = path.strip("/")
    found = _files().get(name)
    if found is None:
        if Path(name).suffix in TYPES and not name.startswith("@"):
            raise NotFoundException(f"there is no {name[:100]!r} in the app")
        name, found = "index.html", _files()["index.html"]
    content, tag = found
    headers = {
        "cache-control": "no-cache",  # kept, and asked for by its tag each time
        "etag": tag,
        "content-security-policy": policy(config.media_base_url),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(self), microphone=(self), publickey-credentials-get=(self)",
    }
    if tag in (request.headers.get("if-none-match") or ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(content, media_type=TYPES[Path(name).suffix], headers=headers)


def policy(media_base: str) -> str:
    """Nothing but this server, and the CDN where media come from one. Styles of elements are set by script alone."""
    parts = urlsplit(media_base)
    there = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return (
        "default-src 'none'; script-src 'self'; worker-src 'self'; manifest-src 'self'; connect-src 'self'; "
        f"style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' blob: data:{there}; "
        f"media-src 'self' blob:{there}; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    """By their path in the app: content and ETag. Read once."""
    found = {
        path.relative_to(WEB / "app").as_posix(): path.read_bytes()
        for path in (WEB / "app").rglob("*")
        if path.suffix in TYPES
    }
    found |= {f"api/{name}": (WEB / "api" / name).read_bytes() for name in CLIENT}
    return {name: (content, f'"{hashlib.sha256(content).hexdigest()[:16]}"') for name, content in found.items()}
