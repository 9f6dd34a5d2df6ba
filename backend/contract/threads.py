"""Said about threads and their messages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contract.accounts import AT
from backend.contract.being_told import Deleted
from backend.contract.characters import VIDEO
from backend.contract.clips import Video
from backend.contract.doc import Doc
from backend.contract.lists import PAGE, list_of, page
from character_store import errors as characters
from generation import errors as engine
from generation.plan import Emotion
from social import errors, talk_errors
from social.clips import Status


class ThreadMember(msgspec.Struct, frozen=True):
    handle: str
    display_name: str


class Thread(msgspec.Struct, frozen=True):
    """`members`: you too. `unread`: messages of others, counted up to 100. `newest`: a message; null: none yet."""

    id: str
    object: Literal["thread"]
    kind: Literal["direct", "group"]
    title: str
    members: tuple[ThreadMember, ...]
    unread: int
    muted: bool
    read_upto: str | None
    newest: str | None
    created_at: datetime


class NewThread(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Handles of friends. With one and no title: the thread of you two."""

    members: Annotated[tuple[str, ...], Meta(min_length=1, max_length=19)]
    title: Annotated[str, Meta(min_length=1)] | None = None


class ThreadChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is not named stays."""

    title: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    muted: bool | UnsetType = UNSET


class AddedMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handle: str


class ReadMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Either `upto`, a message, or `all`."""

    upto: str | None = None
    all: bool = False


class Message(msgspec.Struct, frozen=True):
    """`answer`: `text` is the line of its clip. `video` is null while it is made, and where you may not see it."""

    id: str
    object: Literal["message"]
    thread: str
    author: str | None
    display_name: str | None
    kind: Literal["text", "video", "answer"]
    text: str | None
    video_id: str | None
    status: Status | None
    progress: int | None
    error: str | None
    video: Video | None
    created_at: datetime
    deleted: bool


class NewMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly one of `text`, `video_id` and `prompt`: a line that your own character says, with an emotion."""

    text: Annotated[str, Meta(min_length=1)] | None = None
    video_id: str | None = None
    prompt: Annotated[str, Meta(min_length=1)] | None = None
    emotion: Emotion | None = None
    character: str | None = None


_ID: Final = "thr_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"
_MESSAGE_ID: Final = "msg_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"
THREAD: Final[dict[str, Any]] = {
    "id": _ID,
    "object": "thread",
    "kind": "direct",
    "title": "",
    "members": [{"handle": "maya", "display_name": "Maya"}, {"handle": "leo", "display_name": "Leo"}],
    "unread": 1,
    "muted": False,
    "read_upto": None,
    "newest": _MESSAGE_ID,
    "created_at": AT,
}
MESSAGE: Final[dict[str, Any]] = {
    "id": _MESSAGE_ID,
    "object": "message",
    "thread": _ID,
    "author": "leo",
    "display_name": "Leo",
    "kind": "answer",
    "text": "I would never!",
    "video_id": VIDEO,
    "status": "in_progress",
    "progress": 41,
    "error": None,
    "video": None,
    "created_at": AT,
    "deleted": False,
}
_PLACE: Final = "at_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"
_IN_IT: Final = (talk_errors.ThreadUnknown,)
_WITH: Final = (
    errors.AccountUnknown,
    errors.NotYourself,
    errors.YouBlocked,
    talk_errors.NotFriends,
    talk_errors.YoungProtected,
)

DOCS: Final = {
    "threads.mine": Doc(
        name="listThreads",
        summary="Your conversations",
        gives=list_of(Thread, ("unread", int)),
        example=page(THREAD, first_id=_PLACE, last_id=_PLACE, unread=1),
        values=PAGE,
    ),
    "threads.create": Doc(
        name="createThread",
        summary="Begin a conversation with friends",
        gives=Thread,
        example=THREAD,
        sends=NewThread,
        sends_example={"members": ["leo"]},
        errors=_WITH,
        also={200: "The thread that you two have already"},
        links={"createMessage": ("thread_id", "$response.body#/id")},
    ),
    "threads.one": Doc(name="getThread", summary="One conversation", gives=Thread, example=THREAD, errors=_IN_IT),
    "threads.change": Doc(
        name="updateThread",
        summary="Name or mute a conversation",
        gives=Thread,
        example=THREAD | {"muted": True},
        sends=ThreadChanges,
        sends_example={"muted": True},
        errors=(*_IN_IT, talk_errors.ThreadDirect),
    ),
    "threads.add": Doc(
        name="addThreadMember",
        summary="Take a friend in",
        gives=Thread,
        example=THREAD | {"kind": "group", "title": "The bakery"},
        sends=AddedMember,
        sends_example={"handle": "mia"},
        errors=(*_IN_IT, *_WITH, talk_errors.ThreadDirect, talk_errors.ThreadFull),
    ),
    "threads.leave": Doc(
        name="leaveThread",
        summary="Leave a conversation",
        gives=Deleted,
        example={"id": _ID, "deleted": True, "object": "thread.deleted"},
        errors=_IN_IT,
    ),
    "threads.read_upto": Doc(
        name="readThread",
        summary="Say how far you have read",
        gives=Thread,
        example=THREAD | {"unread": 0, "read_upto": _MESSAGE_ID},
        sends=ReadMark,
        sends_example={"upto": _MESSAGE_ID},
        errors=_IN_IT,
    ),
    "messages.of_thread": Doc(
        name="listMessages",
        summary="What was said",
        gives=list_of(Message),
        example=page(MESSAGE),
        values=PAGE | {"order": {"enum": ["asc", "desc"]}},
        errors=_IN_IT,
    ),
    "messages.create": Doc(
        name="createMessage",
        summary="Say something, send a clip, or answer with one",
        gives=Message,
        example=MESSAGE,
        sends=NewMessage,
        sends_example={"prompt": "I would never!", "emotion": "surprised"},
        errors=(
            *_IN_IT,
            talk_errors.NotFriends,
            talk_errors.YoungProtected,
            talk_errors.OwnCharacterNeeded,
            talk_errors.PublishFirst,
            errors.ClipUnknown,
            errors.ClipNotReady,
            errors.ClipImported,
            errors.GuardianLimit,
            errors.QuotaSpent,
            characters.CharacterUnknown,
            characters.CastRefused,
            characters.VoiceNeeded,
            engine.ScreenplayError,
            engine.LanguageNotSpoken,
        ),
    ),
    "messages.remove": Doc(
        name="deleteMessage",
        summary="Take a message back",
        gives=Deleted,
        example={"id": _MESSAGE_ID, "deleted": True, "object": "message.deleted"},
        errors=(talk_errors.MessageUnknown,),
    ),
}
