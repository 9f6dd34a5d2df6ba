"""Said about grids of clips: profiles, likes, collections."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend import errors as edge
from backend.contract.characters import CHARACTER, VIDEO, Character
from backend.contract.clips import Files
from backend.contract.doc import Bytes, Doc
from backend.contract.lists import PAGE, list_of, page
from social import errors
from social import sharing_errors as sharing

Audience = Literal["only_me", "friends", "everyone"]


class Tile(msgspec.Struct, frozen=True):
    """A clip as a grid shows it; `media.blurhash` stands in until the poster, a WebP, is there."""

    id: str
    object: str
    maker: str
    caption: str
    credits_line: str
    published_at: datetime | None
    audience: str
    pinned: bool
    likes: int
    comments: int
    remixes: int
    media: Files | None


class PinList(msgspec.Struct, frozen=True):
    object: str
    videos: tuple[str, ...]


class Avatar(msgspec.Struct, frozen=True):
    """`url`: what is shown now, also while another one is made."""

    object: str
    state: Literal["none", "processing", "ready", "refused"]
    refusal: str | None
    url: str | None


class NewAvatar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One of both: the id of an upload of kind picture, or a clip of yours and a second of it."""

    file_id: str | None = None
    video: str | None = None
    at_s: Annotated[float, Meta(ge=0)] = 0.0


class NewPins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them, in their order."""

    videos: Annotated[tuple[str, ...], Meta(max_length=3)]


class CollectionCard(msgspec.Struct, frozen=True):
    """`url` opens where its audience is everyone; `items` counts also what you may not see."""

    id: str
    object: str
    curator: str
    title: str
    about: str
    audience: Audience
    url: str
    items: int
    followers: int
    followed: bool
    created_at: datetime
    updated_at: datetime


class Collection(CollectionCard, frozen=True):
    """`gone`: items that you may not see, or that are not there any more."""

    visible: int
    gone: int


class NewCollection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    title: Annotated[str, Meta(min_length=1, max_length=80)]
    about: Annotated[str, Meta(max_length=500)] = ""
    audience: Audience = "only_me"


class CollectionChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named stays."""

    title: Annotated[str, Meta(min_length=1, max_length=80)] | UnsetType = UNSET
    about: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET


class NewItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    video: str


class NewOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that you see in it, once each."""

    videos: Annotated[tuple[str, ...], Meta(max_length=500)]


class DeletedCollection(msgspec.Struct, frozen=True):
    id: str
    object: str
    deleted: bool


class UnfollowedCollection(msgspec.Struct, frozen=True):
    id: str
    object: str
    followed: bool


_AT: Final = "2026-11-23T09:30:00Z"
_ID: Final = "coll_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"
_TILE: Final = {
    "id": VIDEO,
    "object": "video.tile",
    "maker": "maya",
    "caption": "bread!",
    "credits_line": "by @maya with @maya.me",
    "published_at": _AT,
    "audience": "everyone",
    "pinned": False,
    "likes": 3,
    "comments": 1,
    "remixes": 0,
    "media": None,
}
_AVATAR: Final = {
    "object": "avatar",
    "state": "ready",
    "refusal": None,
    "url": "/media/avatar/acct_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b/5f2b9c3e7a1d4f60/avatar.webp?exp=1795430000&sig=x",
}
_CARD: Final = {
    "id": _ID,
    "object": "collection",
    "curator": "maya",
    "title": "Bread",
    "about": "The best of it.",
    "audience": "everyone",
    "url": "https://castmate.example/c/mQ7xVd2KfR",
    "items": 3,
    "followers": 7,
    "followed": False,
    "created_at": _AT,
    "updated_at": _AT,
}
_WHOLE: Final = _CARD | {"visible": 2, "gone": 1}
_UNKNOWN: Final = (sharing.CollectionUnknown,)
_FOLLOW_UP: Final = {"getCollection": ("collection_id", "$response.body#/id")}

DOCS: Final = {
    "profiles.videos": Doc(
        name="listAccountVideos",
        summary="What somebody published",
        gives=list_of(Tile),
        example=page(_TILE),
        values=PAGE,
        errors=(errors.AccountUnknown,),
    ),
    "profiles.likes": Doc(
        name="listLikedVideos",
        summary="What you liked",
        gives=list_of(Tile),
        example=page(_TILE),
        values=PAGE,
        errors=(errors.AccountUnknown,),
    ),
    "profiles.characters": Doc(
        name="listAccountCharacters",
        summary="Whom of somebody's characters you may cast",
        gives=list_of(Character),
        example=page(CHARACTER),
        values=PAGE,
        errors=(errors.AccountUnknown,),
    ),
    "profiles.pin": Doc(
        name="pinVideos",
        summary="Which of your clips stand first",
        gives=PinList,
        example={"object": "pins", "videos": [VIDEO]},
        sends=NewPins,
        sends_example={"videos": [VIDEO]},
        errors=(errors.ClipUnknown,),
    ),
    "avatars.choose": Doc(
        name="chooseAvatar",
        summary="Choose your picture",
        gives=Avatar,
        example=_AVATAR | {"state": "processing"},
        sends=NewAvatar,
        sends_example={"video": VIDEO, "at_s": 1.5},
        errors=(errors.ClipUnknown, edge.UploadUnknown, edge.UploadUnfinished, edge.UploadMisused),
    ),
    "avatars.mine": Doc(name="getAvatar", summary="Your picture", gives=Avatar, example=_AVATAR),
    "avatars.remove": Doc(
        name="removeAvatar",
        summary="Take your picture away",
        gives=Avatar,
        example=_AVATAR | {"state": "none", "url": None},
    ),
    "avatars.file": Doc(
        name="downloadAvatar",
        summary="A picture by its signed URL",
        gives=Bytes(("image/webp",), "the file"),
        errors=(edge.MediaLinkRefused, edge.MediaGone),
        headers=("ETag", "Cache-Control", "Last-Modified", "Accept-Ranges"),
        asks=("Range", "If-Range"),
        also={206: "The range that was asked for", 416: "The file has no such range"},
        query={"exp": {"type": "string"}, "sig": {"type": "string"}},
        notes="Take the URL from `profile.avatar` of an account. HEAD answers the same headers.",
    ),
    "clip_collections.create": Doc(
        name="createCollection",
        summary="Begin a list of clips",
        gives=Collection,
        example=_WHOLE | {"items": 0, "visible": 0, "gone": 0},
        sends=NewCollection,
        sends_example={"title": "Bread", "audience": "everyone"},
        errors=(errors.GuardianLimit, sharing.CollectionsFull),
        links=_FOLLOW_UP,
    ),
    "clip_collections.mine": Doc(
        name="listCollections",
        summary="Your lists, or those that you follow",
        gives=list_of(CollectionCard),
        example=page(_CARD),
        values=PAGE,
    ),
    "clip_collections.of_account": Doc(
        name="listAccountCollections",
        summary="Somebody's lists",
        gives=list_of(CollectionCard),
        example=page(_CARD),
        values=PAGE,
        errors=(errors.AccountUnknown,),
    ),
    "clip_collections.one": Doc(
        name="getCollection",
        summary="One list",
        gives=Collection,
        example=_WHOLE,
        errors=_UNKNOWN,
        headers=("ETag", "Cache-Control"),
    ),
    "clip_collections.change": Doc(
        name="updateCollection",
        summary="Rename a list, or show it to others",
        gives=Collection,
        example=_WHOLE,
        sends=CollectionChanges,
        sends_example={"audience": "friends"},
        errors=(*_UNKNOWN, errors.GuardianLimit),
    ),
    "clip_collections.remove": Doc(
        name="deleteCollection",
        summary="Delete a list, and none of its clips",
        gives=DeletedCollection,
        example={"id": _ID, "object": "collection.deleted", "deleted": True},
        errors=_UNKNOWN,
    ),
    "clip_collections.items": Doc(
        name="listItems",
        summary="The clips of a list that you may see",
        gives=list_of(Tile),
        example=page(_TILE),
        values=PAGE,
        errors=_UNKNOWN,
    ),
    "clip_collections.add": Doc(
        name="addItem",
        summary="Add a clip to a list",
        gives=Collection,
        example=_WHOLE,
        sends=NewItem,
        sends_example={"video": VIDEO},
        errors=(
            *_UNKNOWN,
            errors.ClipUnknown,
            sharing.ClipUnpublished,
            sharing.CollectionHas,
            sharing.CollectionFull,
        ),
        links=_FOLLOW_UP,
    ),
    "clip_collections.take_out": Doc(
        name="removeItem",
        summary="Take a clip out of a list",
        gives=Collection,
        example=_WHOLE,
        errors=(*_UNKNOWN, sharing.CollectionLacks),
    ),
    "clip_collections.reorder": Doc(
        name="orderItems",
        summary="Put a list in another order",
        gives=Collection,
        example=_WHOLE,
        sends=NewOrder,
        sends_example={"videos": [VIDEO]},
        errors=(*_UNKNOWN, errors.ClipUnknown),
    ),
    "clip_collections.follow": Doc(
        name="followCollection", summary="Follow a list", gives=Collection, example=_WHOLE, errors=_UNKNOWN
    ),
    "clip_collections.unfollow": Doc(
        name="unfollowCollection",
        summary="Follow a list no longer",
        gives=UnfollowedCollection,
        example={"id": _ID, "object": "collection.unfollowed", "followed": False},
        errors=_UNKNOWN,
    ),
    "collection_pages.poster": Doc(
        name="collectionPoster",
        summary="The poster of a shared list",
        gives=Bytes(("image/webp",), "the file"),
        errors=(*_UNKNOWN, edge.MediaGone),
        headers=("ETag", "Cache-Control", "Last-Modified", "Accept-Ranges"),
        asks=("Range", "If-Range"),
        also={206: "The range that was asked for", 416: "The file has no such range"},
        notes="HEAD answers the same headers.",
    ),
}
