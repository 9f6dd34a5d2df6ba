"""Pages for people without the app: made from templates here, no script, nothing from elsewhere, escaped throughout."""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response

from backend.config import Config

FOLDER: Final = Path(__file__).parent / "web" / "pages"
STYLE_URL: Final = "/pages/pages.css"
STYLE_CACHE: Final = "public, max-age=31536000, immutable"  # its URL holds its digest
TITLE_MOST: Final = 120  # characters
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, auto_reload=False
    )


@cache
def style() -> bytes:
    return (FOLDER / "pages.css").read_bytes()


@cache
def _style_url() -> str:
    return f"{STYLE_URL}?v={hashlib.sha256(style()).hexdigest()[:16]}"


def public_url(request: Request[Any, Any, Any], config: Config) -> str:
    """Where people reach this instance, without a slash at its end."""
    return (config.public_url or str(request.base_url)).rstrip("/")


def page(
    name: str,
    config: Config,
    *,
    status: int = 200,
    framed: bool = False,
    sends: bool = False,
    cache_control: str = "no-cache",
    **said: Any,
) -> Response[bytes]:
    """The template `name` with what is `said`. `framed`: other sites may show it in theirs; `sends`: it has a form."""
    content = _templates().get_template(name).render(style=_style_url(), **said)
    return Response(
        content.encode(),
        status_code=status,
        media_type="text/html",
        headers={
            "content-security-policy": policy(config.media_base_url, framed=framed, sends=sends),
            "cache-control": cache_control,
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
        },
    )


def policy(media_base: str, *, framed: bool, sends: bool = False) -> str:
    """Nothing but our own style, and pictures and clips of this server or the CDN before it."""
    parts = urlsplit(media_base)
    media = f"'self' {parts.scheme}://{parts.netloc}" if parts.netloc else "'self'"
    who = "*" if framed else "'none'"
    forms = "'self'" if sends else "'none'"
    return (
        f"default-src 'none'; style-src 'self'; img-src {media} data:; media-src {media}; base-uri 'none'; "
        f"form-action {forms}; frame-ancestors {who}"
    )


def one_line(text: str, most: int = TITLE_MOST) -> str:
    """What a title or a preview can bear: one line, nothing unseen that turns the text around it."""
    spaced = " ".join(text.split())
    seen = "".join(one for one in spaced if unicodedata.category(one) not in UNSEEN or one in "\u200c\u200d")
    return seen if len(seen) <= most else seen[: most - 1].rstrip() + "…"
