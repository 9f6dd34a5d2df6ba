"""What a phone is told, and the seam to those who can tell it.

A locked screen is read by others: unless a device's owner chose otherwise, a message names nobody. No prompt is quoted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import msgspec

from social.events import Event

TITLE: Final = "Castmate"
NAMED: Final = frozenset(
    {"id", "video", "character", "request", "webhook", "comment", "thread"}
)  # ids that may travel along
WORDS: Final = {
    "cast": ("A clip with your character is being made.", "@{by} is making a clip with your character."),
    "use_published": ("A clip that shows you was published.", "@{by} published a clip that shows you."),
    "use_removed": ("A clip of yours was removed.", "A clip of yours was removed."),
    "moderated": ("A moderator has decided about something of yours.",) * 2,
    "use_moderated": ("A moderator has decided about a clip that shows you.",) * 2,
    "report_decided": ("A report of yours was decided.", "A report of yours was decided."),
    "appeal_decided": ("Your appeal was answered.", "Your appeal was answered."),
    "cast_requested": ("Somebody asks to use your character.", "@{by} asks to use your character."),
    "cast_decided": ("Your request for a character was answered.", "@{by} answered your request for a character."),
    "publish_requested": ("A clip that shows you waits for your yes.", "@{by} wants to publish a clip that shows you."),
    "publish_decided": ("Your wish to publish was answered.", "@{by} answered your wish to publish."),
    "granted": ("You may use a character now.", "@{by} lets you use a character."),
    "grant_revoked": ("A character was taken back.", "@{by} took a character back."),
    "remixed": ("Your clip was remixed.", "@{by} remixed your clip."),
    "suggestion_taken": ("Your comment became a clip.", "@{by} made a clip from your comment."),
    "sound_used": ("Somebody uses the sound of your clip.", "@{by} used the sound of your clip."),
    "liked": ("Somebody likes your clip.", "@{by} liked your clip."),
    "commented": ("Somebody commented on your clip.", "@{by} commented on your clip."),
    "replied": ("Somebody answered your comment.", "@{by} answered your comment."),
    "mentioned": ("Somebody mentioned you.", "@{by} mentioned you."),
    "comment_liked": ("Somebody likes your comment.", "@{by} liked your comment."),
    "followed": ("Somebody follows you.", "@{by} follows you."),
    "friend_joined": ("Somebody joined with your invitation.", "@{by} joined with your invitation."),
    "thread_added": ("You were added to a conversation.", "@{by} added you to a conversation."),
    "message": ("You have a new message.", "@{by} sent you a message."),
    "webhook_disabled": ("A webhook of yours was switched off.", "A webhook of yours was switched off."),
}
OTHER: Final = "Something new for you."


class Message(msgspec.Struct, frozen=True):
    """`about` holds strings only; of two with one `collapse` (up to 64 bytes) the later replaces the earlier."""

    title: str
    body: str
    about: dict[str, str]
    collapse: str


class TokenDead(Exception):
    """The phone is not there any more, since `at` where that is known: never ask again."""

    def __init__(self, why: str, at: datetime | None = None) -> None:
        super().__init__(why)
        self.at = at


class NotNow(Exception):
    """Try again, not before `after` where the platform said so."""

    def __init__(self, why: str, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.after = after


class Refused(Exception):
    """This message, or our own credentials; trying again changes nothing."""


class Pusher(Protocol):
    """One platform."""

    async def push(self, token: str, message: Message, push_id: str, *, sandbox: bool) -> None:
        """Raises TokenDead, NotNow or Refused. `push_id` is the same for every attempt."""
        ...

    async def close(self) -> None: ...


def message_of(event: Event, *, details: bool) -> Message | None:
    """What an event says on a phone; None for what a phone need not hear."""
    match event.kind:
        case "video":
            return _of_clip(event.about)
        case "notice":
            return _of_notice(event.about, details=details)
        case "message":
            return _of_message(event.about, details=details)
        case _:
            return None


def _of_clip(about: dict[str, Any]) -> Message | None:
    error = about.get("error") or {}
    if error.get("code") == "cancelled":  # by the same person
        return None
    body = "Your clip is ready." if not error else "Your clip could not be made; it was not charged."
    return Message(TITLE, body, {"kind": "video", "id": about["id"], "status": about["status"]}, str(about["id"]))


def _of_notice(notice: dict[str, Any], *, details: bool) -> Message:
    about = notice["about"]
    quiet, named = WORDS.get(notice["kind"], (OTHER, OTHER))
    body = quiet
    if details and "by" in about:
        others = notice.get("count", 1) - 1  # an event of the version before has none
        more = f" and {others} other{'s' if others > 1 else ''}" if others > 0 else ""
        body = named.format(by=about["by"] + more)
    ids = {name: value for name, value in about.items() if name in NAMED and isinstance(value, str)}
    return Message(TITLE, body, ids | {"kind": notice["kind"], "notice": notice["id"]}, notice["id"])


def _of_message(about: dict[str, Any], *, details: bool) -> Message | None:
    """Of one thread the latest; nothing of what was said."""
    if about["quiet"]:
        return None
    quiet, named = WORDS["message"]
    body = named.format(by=about["by"]) if details else quiet
    ids = {"kind": "message", "id": str(about["id"]), "thread": str(about["thread"])}
    return Message(TITLE, body, ids, str(about["thread"]))
