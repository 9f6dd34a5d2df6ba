"""What the rules of people and clips refuse.

SocialError
├── InvalidValue          a value is not one of those allowed, or outside its range
├── AccountError
│   ├── HandleTaken
│   ├── TooYoung
│   ├── HandleChangedLately
│   ├── WrongPassword     handle or password; which one is not said
│   ├── WrongCode         of the second factor, or one that was mailed
│   ├── SecondFactorNeeded
│   ├── TooManyAttempts   wrong passwords or codes, by account or by address
│   ├── AccountSuspended
│   ├── RefreshRefused
│   ├── SessionUnknown
│   ├── SecondFactorOn    it is on already, and its secret is not shown again
│   ├── SecondFactorOff   there is none to confirm or to take away
│   ├── PasskeyRefused
│   ├── PasskeyUnknown
│   ├── IdentityRefused   an id_token that proves nothing here
│   ├── IdentityUnknown
│   ├── IdentityTaken     it opens another account, or this account has one of that provider
│   ├── SignUpNeeded      a proven identity without an account, and what is missing for one
│   ├── LastSignIn        without it nobody could sign in any more
│   ├── RecoveryRefused   account or code; which one is not said
│   ├── AddressTaken
│   ├── MailedLately
│   ├── GuardianUnknown
│   ├── GuardianRefused   by age, or because it stands already
│   ├── GuardianLimit     what a guardian has set
│   ├── AccountUnknown    nobody, or somebody who blocked the viewer
│   ├── NotYourself       following, blocking or granting oneself
│   ├── YouBlocked        first take back your block
│   ├── ApiKeyUnknown
│   └── ApiKeysFull
├── InviteError
│   ├── InviteNeeded
│   ├── InviteUnknown
│   └── InviteSpent       used up, expired or revoked
├── DeviceUnknown
├── WebhookError
│   ├── WebhookUnknown
│   └── WebhooksFull      an account has so many endpoints at most
├── ExportUnknown         not there, not yours, not finished, or expired
├── ImportUnknown
├── SyncExpired           the log of changes does not reach back so far: begin again
├── NotLeaving            there is no departure to take back, or its time is over
├── DepartureUnknown
├── QuotaSpent            no clips left today
└── ClipError
    ├── ClipUnknown       not there, or not for this viewer
    ├── ClipNotReady      its files are asked for too early, or it failed
    ├── ClipEnded         too late to cancel
    ├── ClipPublished     only a draft can be made again
    ├── ClipExtended      what begins with another clip has no sliders
    ├── ClipImported      made elsewhere: it stays its owner's own
    ├── PreviewUnknown    not there yet, or the clip has ended
    ├── RemixOff          its maker lets nobody remix it
    ├── ClipFilesGone     finished, but the media store has lost its files
    ├── VideoForeign      a file that is no clip of this instance
    └── GivenGone         what a clip was made with besides its words is not kept any more
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


class HandleChangedLately(AccountError):
    def __init__(self, most: int) -> None:
        super().__init__(f"the handle was changed {most} times within 30 days; go back to one of those, or wait")
        self.most = most
        self.param = "handle"


class WrongCode(AccountError):
    def __init__(self) -> None:
        super().__init__("the code is wrong, used already or too old; allowed: the newest one, once")
        self.param = "code"


class SecondFactorNeeded(AccountError):
    def __init__(self) -> None:
        super().__init__("send `code` too: six digits of the authenticator app, or a recovery code")
        self.param = "code"


class TooManyAttempts(AccountError):
    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many wrong attempts; nothing was looked at: try again in {wait_s} s")
        self.wait_s = wait_s


class AccountSuspended(AccountError):
    """`appeal`: with what somebody who has proved that it is theirs appeals: `statement` and `token`."""

    def __init__(self, because: str, appeal: dict[str, str] | None = None) -> None:
        super().__init__(f"the account is suspended by {'its guardian' if because == 'guardian' else because}")
        self.because = because
        self.appeal = appeal


class RefreshRefused(AccountError):
    def __init__(self) -> None:
        super().__init__("the refresh token is unknown, used or of a session that ended: sign in again")


class SessionUnknown(AccountError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"you have no session {public_id[:60]!r}")
        self.public_id = public_id


class SecondFactorOn(AccountError):
    def __init__(self) -> None:
        super().__init__("the second factor is on already; take it away first to enrol another app")


class SecondFactorOff(AccountError):
    def __init__(self) -> None:
        super().__init__("there is no second factor; enrol one first")


class PasskeyRefused(AccountError):
    def __init__(self, why: str) -> None:
        super().__init__(f"the passkey is refused: {why}")
        self.why = why


class PasskeyUnknown(AccountError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"you have no passkey {public_id[:60]!r}")
        self.public_id = public_id


class IdentityRefused(AccountError):
    def __init__(self, param: str, why: str) -> None:
        super().__init__(f"{param} is refused: {why}")
        self.param = param
        self.why = why


class IdentityUnknown(AccountError):
    def __init__(self, provider: str) -> None:
        super().__init__(f"no identity of {provider[:60]!r} is linked to this account")
        self.provider = provider


class IdentityTaken(AccountError):
    def __init__(self, provider: str, why: str) -> None:
        super().__init__(f"this identity of {provider!r} is not linked: {why}")
        self.provider = provider


class SignUpNeeded(AccountError):
    """`missing`: the fields to send with the same request."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"nobody has signed up with this identity yet; send also: {', '.join(missing)}")
        self.missing = missing
        self.param = missing[0]


class LastSignIn(AccountError):
    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is the last way to sign in to this account; set a password or add another first")
        self.what = what


class RecoveryRefused(AccountError):
    def __init__(self) -> None:
        super().__init__("account or code is wrong, or the code is too old; start again for a new one")
        self.param = "code"


class AddressTaken(AccountError):
    def __init__(self) -> None:
        super().__init__("this address recovers another account already")
        self.param = "email"


class MailedLately(AccountError):
    def __init__(self, wait_s: int) -> None:
        super().__init__(f"a code was mailed less than {wait_s} s ago; wait for it, or ask again then")
        self.wait_s = wait_s


class GuardianUnknown(AccountError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"there is no guardian link with {handle[:60]!r}")
        self.handle = handle


class GuardianRefused(AccountError):
    def __init__(self, why: str) -> None:
        super().__init__(f"no guardian link: {why}")
        self.why = why


class GuardianLimit(AccountError):
    def __init__(self, param: str, value: object, allowed: str) -> None:
        super().__init__(f"{param} is {value!r}; your guardian allows: {allowed}")
        self.param = param
        self.value = value
        self.allowed = allowed


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


class ApiKeysFull(AccountError):
    def __init__(self, most: int) -> None:
        super().__init__(f"you have {most} API keys, which is the most; revoke one first")
        self.most = most


class InviteError(SocialError):
    """Base of what invites refuse."""


class InviteNeeded(InviteError):
    def __init__(self) -> None:
        super().__init__("an invite code is needed here; ask somebody who is in for one")
        self.param = "invite_code"


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


class NotLeaving(AccountError):
    def __init__(self) -> None:
        super().__init__("your account is not leaving, or the time to take that back is over")


class DepartureUnknown(AccountError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no departure {public_id[:60]!r}")
        self.public_id = public_id


class ExportUnknown(SocialError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"you have no export {public_id[:60]!r}, or it has expired")
        self.public_id = public_id


class ImportUnknown(SocialError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"you have no import {public_id[:60]!r}")
        self.public_id = public_id


class SyncExpired(SocialError):
    def __init__(self) -> None:
        super().__init__("changes since then are not known any more; begin again: GET /v1/changes without `since`")
        self.param = "since"


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


class ClipExtended(ClipError):
    def __init__(self, public_id: str, at_s: float) -> None:
        super().__init__(
            f"the first {at_s:g} s of the video {public_id!r} are those of the video that it extends, so it has no "
            "sliders; allowed: move those of that video and extend it again"
        )
        self.public_id = public_id
        self.at_s = at_s


class ClipImported(ClipError):
    def __init__(self, public_id: str) -> None:
        super().__init__(
            f"the video {public_id!r} was made elsewhere: nobody it shows has agreed to anything here, so it stays a "
            "draft of yours, and nothing is made from it"
        )
        self.public_id = public_id


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


class VideoForeign(ClipError):
    def __init__(self, sha256: str) -> None:
        super().__init__(
            f"video is a file (SHA-256 {sha256[:16]}…) that is no video of this server that you may see; allowed: the "
            "unchanged file of one, or video[id]"
        )
        self.param = "video"
        self.sha256 = sha256


class GivenGone(ClipError):
    """`param` is where it can be sent again."""

    def __init__(self, public_id: str, what: str, param: str) -> None:
        super().__init__(
            f"the video {public_id!r} was made with {what}, which is not kept for you; allowed: sending it as {param}"
        )
        self.public_id = public_id
        self.param = param
