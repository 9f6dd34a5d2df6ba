"""What the rules of people and clips refuse.

SocialError
├── InvalidValue          a value is not one of those allowed, or outside its range
├── AccountError
│   ├── HandleTaken
│   ├── TooYoung
│   ├── WrongPassword     handle or password; which one is not said
│   ├── AccountUnknown    nobody, or somebody who blocked the viewer
│   ├── NotYourself       following, blocking or granting oneself
│   ├── YouBlocked        first take back your block
│   └── ApiKeyUnknown
├── InviteError
│   ├── InviteUnknown
│   └── InviteSpent       used up, expired or revoked
├── DeviceUnknown
├── WebhookError
│   ├── WebhookUnknown
│   └── WebhooksFull      an account has so many endpoints at most
├── QuotaSpent            no clips left today
└── ClipError
    ├── ClipUnknown       not there, or not for this viewer
    ├── ClipNotReady      its files are asked for too early, or it failed
    ├── ClipEnded         too late to cancel
    ├── ClipPublished     only a draft can be made again
    ├── PreviewUnknown    not there yet, or the clip has ended
    ├── RemixOff          its maker lets nobody remix it
    └── ClipFilesGone     finished, but the media store has lost its files
"""

from __future__ import annotations

from datetime import datetime


class SocialError(Exception):
    """Base of everything this package raises on purpose."""


class InvalidValue(SocialError):
    """`param` holds `value`; `allowed` says in words what would do."""

    def __init__(self, param: str, value: object, allowed: str) -> None:
        shown = repr(value) if len(repr(value)) <= 80 else repr(value)[:77] + "..."
        super().__init__(f"{param} is {shown}; allowed: {allowed}")
        self.param = param
        self.value = value
        self.allowed = allowed


class AccountError(SocialError):
    """Base of what accounts refuse."""


class HandleTaken(AccountError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"the handle {handle!r} is taken; choose another")
        self.handle = handle


class TooYoung(AccountError):
    def __init__(self, years: int, least: int) -> None:
        super().__init__(f"the birth date makes you {years}; an account needs an age of {least} or more")
        self.years = years
        self.least = least


class WrongPassword(AccountError):
    def __init__(self) -> None:
        super().__init__("handle or password is wrong")


class AccountUnknown(AccountError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"there is no account {handle!r}")
        self.handle = handle


class NotYourself(AccountError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"@{handle} is you; allowed: the handle of somebody else")
        self.handle = handle
        self.param = "handle"


class YouBlocked(AccountError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"you have blocked @{handle}; take the block back first")
        self.handle = handle


class ApiKeyUnknown(AccountError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"you have no API key {public_id[:60]!r}")
        self.public_id = public_id


class InviteError(SocialError):
    """Base of what invites refuse."""


class InviteUnknown(InviteError):
    def __init__(self, code: str) -> None:
        super().__init__(f"there is no invite code {code[:40]!r}; ask whoever sent it for a new one")
        self.code = code


class InviteSpent(InviteError):
    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"the invite code {code!r} is {why}; ask whoever sent it for a new one")
        self.code = code
        self.why = why


class DeviceUnknown(SocialError):
    def __init__(self, device: str) -> None:
        super().__init__(f"you have no device {device[:64]!r}")
        self.device = device


class WebhookError(SocialError):
    """Base of what webhooks refuse."""


class WebhookUnknown(WebhookError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"you have no webhook {public_id[:60]!r}")
        self.public_id = public_id


class WebhooksFull(WebhookError):
    def __init__(self, most: int) -> None:
        super().__init__(f"you have {most} webhooks; allowed: up to {most}: delete one first")
        self.most = most


class QuotaSpent(SocialError):
    def __init__(self, limit: int, resets_at: datetime) -> None:
        super().__init__(f"all {limit} clips of today are used; the next day begins {resets_at.isoformat()}")
        self.limit = limit
        self.resets_at = resets_at


class ClipError(SocialError):
    """Base of what clips refuse."""


class ClipUnknown(ClipError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no video {public_id[:60]!r} that you may see")
        self.public_id = public_id


class ClipNotReady(ClipError):
    def __init__(self, public_id: str, status: str) -> None:
        super().__init__(f"the video {public_id!r} is {status}; its files exist once it is completed")
        self.public_id = public_id
        self.status = status


class ClipEnded(ClipError):
    def __init__(self, public_id: str, status: str) -> None:
        super().__init__(
            f"the video {public_id!r} is {status} already; only queued or in_progress ones can be cancelled"
        )
        self.public_id = public_id
        self.status = status


class ClipPublished(ClipError):
    def __init__(self, public_id: str, audience: str) -> None:
        super().__init__(
            f"the video {public_id!r} is published to {audience}; only a draft can be made again: "
            "set its audience to only_me first"
        )
        self.public_id = public_id
        self.param = "audience"


class PreviewUnknown(ClipError):
    def __init__(self, public_id: str, status: str) -> None:
        super().__init__(
            f"the video {public_id!r} is {status} and has no preview; it has one while later shots are made"
        )
        self.public_id = public_id
        self.status = status


class RemixOff(ClipError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"the maker of the video {public_id!r} does not let you remix it")
        self.public_id = public_id


class ClipFilesGone(ClipError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"the files of the video {public_id!r} are gone from the media store")
        self.public_id = public_id
