"""Said about links to clips and what they open."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from backend import errors as edge
from backend.contract.characters import VIDEO
from backend.contract.doc import Bytes, Doc
from backend.contract.lists import PAGE, list_of, page
from social import errors
from social import sharing_errors as sharing


class NewShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The body may be left out: then the link does not expire."""

    expires_at: datetime | None = None


class Share(msgspec.Struct, frozen=True):
    """`opens`: how often its page was asked for; by whom is not kept."""

    id: str
    object: str
    short: str
    url: str
    embed_url: str
    video: str
    opens: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class RevokedShare(msgspec.Struct, frozen=True):
    id: str
    object: str
    short: str
    revoked_at: datetime


class ShareTarget(msgspec.Struct, frozen=True):
    object: str
    short: str
    video: str


class Embedding(msgspec.Struct, frozen=True, omit_defaults=True, rename={"kind": "type"}):
    """oEmbed 1.0, section 2.3.4.2; the thumbnail is left out where it is larger than asked for."""

    kind: str
    version: str
    title: str
    author_name: str
    provider_name: str
    provider_url: str
    cache_age: int
    width: int
    height: int
    html: str
    thumbnail_url: str | None = None
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None


_FILE: Final = ("ETag", "Cache-Control", "Last-Modified", "Accept-Ranges")
_RANGES: Final = {206: "The range that was asked for", 416: "The file has no such range"}
_SHORT: Final = "mQ7xVd2KfR"
_PAGE: Final = f"https://castmate.example/v/{_SHORT}"
_LINK: Final = {
    "id": "link_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "share",
    "short": _SHORT,
    "url": _PAGE,
    "embed_url": f"{_PAGE}/embed",
    "video": VIDEO,
    "opens": 12,
    "created_at": "2026-11-23T09:30:00Z",
    "expires_at": None,
    "revoked_at": None,
}
_PUBLIC: Final = (sharing.ShareUnknown, sharing.ShareEnded, sharing.ShareClosed)

DOCS: Final = {
    "shares.share": Doc(
        name="shareVideo",
        summary="A link to a clip",
        gives=Share,
        example=_LINK | {"opens": 0},
        sends=NewShare,
        sends_example={"expires_at": "2026-12-24T00:00:00Z"},
        errors=(edge.MalformedBody, errors.ClipUnknown, errors.ClipNotReady, sharing.ClipUnpublished),
        links={"followShare": ("short", "$response.body#/short"), "revokeShare": ("short", "$response.body#/short")},
    ),
    "shares.of_clip": Doc(
        name="listShares",
        summary="The links to a clip",
        gives=list_of(Share),
        example=page(_LINK),
        errors=(errors.ClipUnknown,),
        values=PAGE,
    ),
    "shares.follow": Doc(
        name="followShare",
        summary="Which clip a link leads to",
        gives=ShareTarget,
        example={"object": "share.target", "short": _SHORT, "video": VIDEO},
        errors=(sharing.ShareUnknown, sharing.ShareEnded),
    ),
    "shares.revoke": Doc(
        name="revokeShare",
        summary="End a link",
        gives=RevokedShare,
        example={
            "id": _LINK["id"],
            "object": "share.revoked",
            "short": _SHORT,
            "revoked_at": "2026-11-23T09:40:00Z",
        },
        errors=(sharing.ShareUnknown,),
    ),
    "share_pages.video": Doc(
        name="playShared",
        summary="Where the file of a shared clip is",
        errors=(*_PUBLIC, edge.MediaGone),
        headers=("Location", "Cache-Control"),
        notes="For players: follow it each time. HEAD answers the same headers.",
    ),
    "share_pages.poster": Doc(
        name="sharedPoster",
        summary="The poster of a shared clip",
        gives=Bytes(("image/webp",), "the file"),
        errors=(*_PUBLIC, edge.MediaGone),
        headers=_FILE,
        asks=("Range", "If-Range"),
        also=_RANGES,
        notes="HEAD answers the same headers.",
    ),
    "share_pages.captions": Doc(
        name="sharedCaptions",
        summary="The lines of a shared clip as WebVTT",
        gives=Bytes(("text/vtt",), "WebVTT"),
        example="WEBVTT\n\n00:00.500 --> 00:01.900\n<v Maya>One loaf, please.\n",
        errors=(*_PUBLIC, edge.MediaGone),
        headers=_FILE,
        asks=("Range", "If-Range"),
        also=_RANGES,
        notes="HEAD answers the same headers.",
    ),
    "share_pages.oembed": Doc(
        name="describeShared",
        summary="What another site needs to show a shared clip (oEmbed)",
        gives=Embedding,
        gives_also=("text/xml",),
        example={
            "type": "video",
            "version": "1.0",
            "title": "bread!",
            "author_name": "@maya",
            "provider_name": "Castmate",
            "provider_url": "https://castmate.example",
            "cache_age": 300,
            "width": 270,
            "height": 480,
            "html": f'<iframe src="{_PAGE}/embed" width="270" height="480"></iframe>',
        },
        errors=(*_PUBLIC, errors.InvalidValue),
        headers=("Cache-Control",),
        values={
            "url": {"format": "uri"},
            "maxwidth": {"minimum": 1},
            "maxheight": {"minimum": 1},
            "format": {"enum": ["json", "xml"]},
        },
    ),
}
