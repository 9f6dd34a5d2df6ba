"""Said about accounts, sessions, keys, other people, notices, reports and operations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contract.doc import Doc
from backend.contract.lists import PAGE, list_of, page
from social import errors
from social.accounts import Role
from social.moderation.reasons import Reason
from social.quota import Quota


class Account(msgspec.Struct, frozen=True):
    """The signed-in account."""

    id: str
    handle: str
    display_name: str
    created_at: datetime
    role: Role


class Profile(msgspec.Struct, frozen=True):
    """What an account says of itself. `avatar`: a signed URL of a square WebP that holds for one to two hours."""

    bio: str
    links: tuple[str, ...]
    avatar: str | None


class Me(Account, frozen=True):
    """What only the account itself is shown; `is_young`: under 18."""

    birth_date: date
    is_young: bool
    profile: Profile


class MeChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named stays."""

    handle: str | UnsetType = UNSET
    display_name: Annotated[str, Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    bio: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    links: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=3)] | UnsetType = UNSET


class Person(msgspec.Struct, frozen=True):
    """Somebody else, and what lies between you."""

    id: str
    object: str
    handle: str
    display_name: str
    follows_you: bool
    you_follow: bool
    friends: bool
    blocked_by_you: bool
    muted_by_you: bool


class SeenPerson(Person, frozen=True):
    """With what they say of themselves, and how many people stand around them."""

    followers: int
    following: int
    friend_count: int
    profile: Profile


class Actor(msgspec.Struct, frozen=True):
    handle: str
    display_name: str


class Notice(msgspec.Struct, frozen=True):
    """`about` holds public ids and handles, and differs by kind. `count` people did it; `actors`: the newest three."""

    id: str
    object: str
    kind: str
    about: dict[str, Any]
    count: int
    actors: tuple[Actor, ...]
    created_at: datetime
    read_at: datetime | None


class ReadNotices(msgspec.Struct, frozen=True, omit_defaults=True):
    """Either `ids` or `all`."""

    ids: Annotated[tuple[str, ...], Meta(max_length=100)] | None = None
    all: bool = False


class Unread(msgspec.Struct, frozen=True):
    unread: int


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["video", "clip", "character", "account", "comment", "message"]
    id: str


class NewReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    subject: Subject
    reason: Reason
    comment: Annotated[str, Meta(max_length=2000)] = ""
    at_s: Annotated[float, Meta(ge=0, le=60)] | None = None


class Report(msgspec.Struct, frozen=True):
    id: str
    object: str
    subject: Subject
    reason: str
    comment: str
    at_s: float | None
    state: Literal["open", "decided"]
    outcome: Literal["upheld", "dismissed"] | None
    decision: str | None
    decided_at: datetime | None
    created_at: datetime


class Health(msgspec.Struct, frozen=True):
    status: str


class Ready(msgspec.Struct, frozen=True):
    """`queue` is `late` when a clip has waited ten minutes for a worker; requests are served all the same."""

    status: Literal["ready"]
    database: Literal["ok"]
    store: Literal["ok"]
    queue: Literal["ok", "late"]


AT: Final = "2026-11-23T09:30:00Z"
ACCOUNT: Final = {
    "id": "acct_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "handle": "maya",
    "display_name": "Maya",
    "created_at": AT,
    "role": "member",
}
PROFILE: Final = {"bio": "bread, mostly", "links": ["https://maya.example/"], "avatar": None}
ME: Final = ACCOUNT | {"birth_date": "1990-05-17", "is_young": False, "profile": PROFILE}
PERSON: Final = {
    "id": "acct_01980f6e3b7c7d1e8a9b0c1d2e3f4a5c",
    "object": "account",
    "handle": "leo",
    "display_name": "Leo",
    "follows_you": True,
    "you_follow": True,
    "friends": True,
    "blocked_by_you": False,
    "muted_by_you": False,
}
NOTICE: Final = {
    "id": "ntc_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "notice",
    "kind": "granted",
    "about": {"character": "char_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b", "by": "leo"},
    "count": 1,
    "actors": [],
    "created_at": AT,
    "read_at": None,
}
REPORT: Final = {
    "id": "rep_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "report",
    "subject": {"type": "video", "id": "video_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"},
    "reason": "impersonation",
    "comment": "that is not her",
    "at_s": 6.2,
    "state": "open",
    "outcome": None,
    "decision": None,
    "decided_at": None,
    "created_at": AT,
}
_OTHER: Final = (errors.AccountUnknown, errors.NotYourself)

DOCS: Final = {
    "accounts.me": Doc(name="getMe", summary="The signed-in account", gives=Me, example=ME),
    "accounts.change": Doc(
        name="updateMe",
        summary="Change your name, handle, bio or links",
        gives=Me,
        example=ME,
        sends=MeChanges,
        sends_example={"display_name": "Maya"},
        errors=(errors.HandleTaken, errors.HandleChangedLately),
    ),
    "accounts.set_password": Doc(
        name="setPassword",
        summary="Set a new password",
        gives=Me,
        example=ME,
        sends_example={"password": "correct horse battery staple"},
    ),
    "accounts.my_quota": Doc(
        name="getQuota",
        summary="Clips left today",
        gives=Quota,
        example={
            "limit": 30,
            "used": 2,
            "remaining": 28,
            "resets_at": "2026-11-24T00:00:00Z",
            "time_zone": "UTC",
            "extra": 5,
            "credits": [{"remaining": 5, "expires_at": "2026-12-24T00:00:00Z", "reason": "a gift"}],
        },
    ),
    "people.one": Doc(
        name="getAccount",
        summary="Somebody by handle",
        gives=SeenPerson,
        example=PERSON | {"followers": 12, "following": 9, "friend_count": 7, "profile": PROFILE},
        notes="Links elsewhere are theirs and vouched for by nobody: mark them rel=nofollow.",
        errors=(errors.AccountUnknown,),
        headers=("ETag", "Cache-Control"),
    ),
    "people.follow": Doc(
        name="followAccount",
        summary="Follow somebody",
        gives=Person,
        example=PERSON,
        errors=(*_OTHER, errors.YouBlocked),
    ),
    "people.unfollow": Doc(
        name="unfollowAccount", summary="Follow no longer", gives=Person, example=PERSON, errors=_OTHER
    ),
    "people.block": Doc(name="blockAccount", summary="Block somebody", gives=Person, example=PERSON, errors=_OTHER),
    "people.unblock": Doc(
        name="unblockAccount", summary="Take a block back", gives=Person, example=PERSON, errors=_OTHER
    ),
    "notices.mine": Doc(
        name="listNotifications",
        summary="What happened to your clips and characters",
        gives=list_of(Notice, ("unread", int)),
        example=page(NOTICE, unread=1),
        values=PAGE,
    ),
    "notices.read": Doc(
        name="readNotifications",
        summary="Mark notices as read",
        gives=Unread,
        example={"unread": 0},
        sends=ReadNotices,
        sends_example={"ids": [NOTICE["id"]]},
    ),
    "reports.create": Doc(
        name="createReport",
        summary="Say that something should not be here",
        gives=Report,
        example=REPORT,
        sends=NewReport,
        sends_example={name: REPORT[name] for name in ("subject", "reason", "comment", "at_s")},
    ),
    "reports.mine": Doc(
        name="listReports", summary="Your reports", gives=list_of(Report), example=page(REPORT), values=PAGE
    ),
    "health.live": Doc(name="isLive", summary="Does the process answer", gives=Health, example={"status": "live"}),
    "health.ready": Doc(
        name="isReady",
        summary="Can it serve",
        gives=Ready,
        example={"status": "ready", "database": "ok", "store": "ok", "queue": "ok"},
    ),
}
