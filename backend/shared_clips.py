"""A clip as whoever has its link sees it: what its page, its preview and its frame in another site show."""

from __future__ import annotations

from urllib.parse import SplitResult, urlencode, urlsplit

import asyncpg
import msgspec

from backend import credit_line
from backend.html_pages import one_line
from character_store import uses
from social import parents, share_links
from social.clips import Clip
from social.errors import InvalidValue
from social.sharing_errors import ShareUnknown


class SharedClip(msgspec.Struct, frozen=True):
    """`url` and `oembed` are whole, `path` is that of `url`; `width` and `height` in pixels."""

    url: str
    path: str
    oembed: str
    deep_link: str
    title: str
    line: str
    maker: str
    width: int
    height: int
    seconds: str
    language: str
    captions: bool
    allow_remix: bool


async def read(conn: asyncpg.Connection, base: str, short: str) -> SharedClip:
    """`base`: where people reach this instance. Raises what `share_links.led_to` does."""
    clip = await share_links.led_to(conn, None, short)
    cast = (await uses.of_clips(conn, [clip.id]))[clip.id]
    parent = (await parents.makers(conn, None, [clip])).get(clip.id)
    width, _, height = clip.size.partition("x")
    path = f"/v/{short}"
    return SharedClip(
        url=f"{base}{path}",
        path=path,
        oembed=f"{base}/oembed?{urlencode({'url': base + path})}",
        deep_link=f"castmate://v/{short}",
        title=title(clip),
        line=credit_line.line(clip.maker, cast, parent),
        maker=clip.maker,
        width=int(width),
        height=int(height),
        seconds=clip.seconds,
        language=str((clip.screenplay or {}).get("language", "en")),
        captions="captions" in (clip.media or {}),
        allow_remix=clip.allow_remix,
    )


def title(clip: Clip) -> str:
    return one_line(clip.caption) or f"A clip by @{clip.maker}"


def short_of(url: str, base: str) -> str:
    """Of one of our own pages. Raises ShareUnknown for anything else."""
    ours, asked = urlsplit(base), _split(url)
    places = asked.path.split("/")
    if asked.scheme not in {"http", "https"} or asked.netloc.lower() != ours.netloc.lower():
        raise ShareUnknown(url)
    if len(places) not in {3, 4} or places[:2] != ["", "v"] or places[3:] not in ([], [""], ["embed"]):
        raise ShareUnknown(url)
    return places[2]


def fitted(width: int, height: int, most_width: int | None, most_height: int | None) -> tuple[int, int]:
    """The largest frame of that shape within the bounds, in pixels. Raises InvalidValue."""
    for name, most in (("maxwidth", most_width), ("maxheight", most_height)):
        if most is not None and most < 1:
            raise InvalidValue(name, most, "1 or more")
    scale = min(1.0, (most_width or width) / width, (most_height or height) / height)
    return max(1, int(width * scale)), max(1, int(height * scale))


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise ShareUnknown(url) from None
