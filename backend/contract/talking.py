"""Said about likes, comments, and which notices somebody wants."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from backend.contract.accounts import AT
from backend.contract.being_told import Deleted
from backend.contract.characters import VIDEO
from backend.contract.doc import Doc
from backend.contract.lists import PAGE, list_of, page
from social import errors, talk_errors
from social.preferences import Preference


class Like(msgspec.Struct, frozen=True):
    """`likes`: of everybody."""

    id: str
    object: Literal["video.like"]
    liked: bool
    likes: int


class Liker(msgspec.Struct, frozen=True):
    id: str
    object: Literal["account"]
    handle: str
    display_name: str
    friends: bool


class Comment(msgspec.Struct, frozen=True):
    """`author` and `text` are null where only the place is left, for the answers to it."""

    id: str
    object: Literal["comment"]
    video: str
    author: str | None
    display_name: str | None
    text: str | None
    at_s: float | None
    reply_to: str | None
    likes: int
    liked: bool
    replies: int
    created_at: datetime
    deleted: bool


class NewComment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`at_s`: a second of the video. `reply_to`: a comment on it; an answer to an answer answers the first."""

    text: Annotated[str, Meta(min_length=1)]
    at_s: Annotated[float, Meta(ge=0)] | None = None
    reply_to: str | None = None


class NoticePreferences(msgspec.Struct, frozen=True):
    """By kind of notice; those that consent demands stay in the app."""

    object: Literal["notification_preferences"]
    kinds: dict[str, Preference]


class NewNoticePreferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kinds that are not named stay as they are."""

    kinds: dict[str, Preference]


_COMMENT_ID: Final = "cmt_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"
COMMENT: Final[dict[str, Any]] = {
    "id": _COMMENT_ID,
    "object": "comment",
    "video": VIDEO,
    "author": "leo",
    "display_name": "Leo",
    "text": "don't jump!",
    "at_s": 6.2,
    "reply_to": None,
    "likes": 2,
    "liked": False,
    "replies": 0,
    "created_at": AT,
    "deleted": False,
}
_LIKE: Final = {"id": VIDEO, "object": "video.like", "liked": True, "likes": 3}
_LIKER: Final = {
    "id": "acct_01980f6e3b7c7d1e8a9b0c1d2e3f4a5c",
    "object": "account",
    "handle": "leo",
    "display_name": "Leo",
    "friends": True,
}
_PREFERENCES: Final = {
    "object": "notification_preferences",
    "kinds": {"liked": {"in_app": True, "push": False}, "cast": {"in_app": True, "push": True}},
}
_UNSEEN: Final = (errors.ClipUnknown,)
_UNREAD: Final = (talk_errors.CommentUnknown,)

DOCS: Final = {
    "likes.like": Doc(name="likeVideo", summary="Like a clip", gives=Like, example=_LIKE, errors=_UNSEEN),
    "likes.unlike": Doc(
        name="unlikeVideo",
        summary="Like a clip no longer",
        gives=Like,
        example=_LIKE | {"liked": False, "likes": 2},
        errors=_UNSEEN,
    ),
    "likes.of_clip": Doc(
        name="listLikes",
        summary="Who likes a clip",
        gives=list_of(Liker),
        example=page(_LIKER),
        values=PAGE,
        errors=_UNSEEN,
    ),
    "comments.of_clip": Doc(
        name="listComments",
        summary="What people say of a clip",
        gives=list_of(Comment),
        example=page(COMMENT),
        values=PAGE | {"order": {"enum": ["newest", "second"]}},
        errors=_UNSEEN,
    ),
    "comments.replies": Doc(
        name="listReplies",
        summary="Answers to a comment",
        gives=list_of(Comment),
        example=page(COMMENT | {"reply_to": "cmt_01980f6e3b7c7d1e8a9b0c1d2e3f4a5c"}),
        values=PAGE,
        errors=_UNREAD,
    ),
    "comments.create": Doc(
        name="createComment",
        summary="Say something of a clip",
        gives=Comment,
        example=COMMENT,
        sends=NewComment,
        sends_example={"text": "don't jump!", "at_s": 6.2},
        errors=(*_UNSEEN, *_UNREAD, talk_errors.CommentsClosed, talk_errors.YoungProtected),
        links={"deleteComment": ("comment_id", "$response.body#/id")},
    ),
    "comments.remove": Doc(
        name="deleteComment",
        summary="Take a comment away",
        gives=Deleted,
        example={"id": _COMMENT_ID, "deleted": True, "object": "comment.deleted"},
        errors=_UNREAD,
    ),
    "comments.like": Doc(
        name="likeComment", summary="Like a comment", gives=Comment, example=COMMENT | {"liked": True}, errors=_UNREAD
    ),
    "comments.unlike": Doc(
        name="unlikeComment", summary="Like a comment no longer", gives=Comment, example=COMMENT, errors=_UNREAD
    ),
    "notices.preferences": Doc(
        name="getNotificationPreferences",
        summary="Which notices you want",
        gives=NoticePreferences,
        example=_PREFERENCES,
    ),
    "notices.prefer": Doc(
        name="setNotificationPreferences",
        summary="Want notices, or not",
        gives=NoticePreferences,
        example=_PREFERENCES,
        sends=NewNoticePreferences,
        sends_example={"kinds": {"liked": {"in_app": True, "push": False}}},
    ),
}
