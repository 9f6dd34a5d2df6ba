"""What goes wrong at the edge, and how every error of the house is told to a client.

BackendError
├── Unauthenticated
├── Forbidden
├── StaleSession             the password was given too long ago for this
├── BadRequest
│   ├── MalformedBody        not JSON, not multipart, or not what it says it is
│   ├── BodyTooSlow
│   ├── BodyCutShort         the client has gone in the middle
│   ├── EmptyBody
│   └── NotSupportedYet      a part of the contract that this version does not do; says so instead of ignoring it
├── BadUpload
│   ├── WrongMediaType       the bytes are not one of the kinds allowed here
│   ├── PictureOutOfBounds
│   ├── UploadTooLarge
│   ├── UploadUnknown        not there any more, or not yours
│   ├── UploadUnfinished     bytes are missing still
│   ├── UploadMisused        a file of another kind is wanted there
│   └── PictureNotFetched    a URL that is not allowed, or does not answer with a picture
├── TusError
│   ├── TusVersionUnknown
│   ├── TusBodyUnknown       a PATCH whose content-type is not tus's own
│   ├── OffsetMismatch       the bytes do not begin where the upload ends
│   ├── UploadLocked         another PATCH is writing
│   ├── UploadOverrun        more bytes than were announced
│   ├── ChecksumMismatch     the bytes are not those that were sent; none was kept
│   ├── UploadStalled        nothing arrived for too long
│   └── UploadsFull          too many are open
├── MediaLinkError
│   ├── MediaLinkRefused     not this server's, changed, or expired
│   └── MediaGone            removed, hidden, or not for this kind of link any more
├── AppleRefused             a sign-in could not be taken back at Apple; nothing was deleted
├── ImportRefused            not an export, or not what its manifest says
├── ImportRunning            one at a time
├── IdempotencyMismatch      the same key came with another body
├── ProviderUnavailable      whoever vouches for an identity does not answer
├── ClassifierAway       words wait for a second opinion, as the operator wants it
├── MailUnavailable          the mail server does not take what is sent
├── StreamsFull              an account listens with too many streams already
├── DownloadError
│   ├── DownloadPending      the file with the visible mark is not there yet
│   └── DownloadFailed       it could not be made
├── RequestInFlight          the first request of this key has not been answered yet
├── SecretForgotten          the answer of this key held a secret and is not kept any more
├── RateLimited              too many requests of one class within its window
└── Unavailable              the database or the media store is away; try again

problems.py answers with them.
"""

from __future__ import annotations

from typing import ClassVar


class BackendError(Exception):
    """Base of what the edge refuses."""


class Unauthenticated(BackendError):
    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; send `Authorization: Bearer` with an access token or an API key")


class Forbidden(BackendError):
    def __init__(self, what: str) -> None:
        super().__init__(what)


class StaleSession(BackendError):
    def __init__(self, age_s: int, most_s: int) -> None:
        super().__init__(f"you signed in {age_s} s ago; this needs a sign-in of the last {most_s} s: sign in again")
        self.age_s = age_s
        self.most_s = most_s


class BadRequest(BackendError):
    """Base of bodies that cannot be read."""


class MalformedBody(BadRequest):
    def __init__(self, why: str, param: str | None = None) -> None:
        super().__init__(why)
        self.param = param


class BodyTooSlow(BadRequest):
    headers: ClassVar = {"connection": "close"}

    def __init__(self, size: int, least: int, pause_s: float) -> None:
        allowed = f"at least {least:,} bytes/s, and no pause of {pause_s:g} s"
        super().__init__(f"the body stopped coming, or came too slowly, after {size:,} bytes; allowed: {allowed}")
        self.size = size


class BodyCutShort(BadRequest):
    def __init__(self, size: int) -> None:
        super().__init__(f"the connection ended after {size:,} bytes of the body")
        self.size = size


class EmptyBody(BadRequest):
    def __init__(self, expected: str) -> None:
        super().__init__(f"the body is empty; expected {expected}")


class NotSupportedYet(BadRequest):
    def __init__(self, param: str, value: object, allowed: str) -> None:
        super().__init__(f"{param} = {repr(value)[:80]} is not supported by this version; allowed: {allowed}")
        self.param = param


class BadUpload(BackendError):
    """Base of files that are refused unread."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message)
        self.param = param


class WrongMediaType(BadUpload):
    def __init__(self, param: str, name: str, found: str, allowed: str) -> None:
        super().__init__(param, f"{param} ({name[:60]!r}) holds {found}; allowed: {allowed}")
        self.found = found


class PictureOutOfBounds(BadUpload):
    def __init__(self, param: str, width: int, height: int, least: int, most: int) -> None:
        super().__init__(param, f"{param} is {width}x{height} pixels; allowed: {least} to {most} on each side")
        self.width = width
        self.height = height


class UploadTooLarge(BadUpload):
    def __init__(self, param: str, size: int, most: int) -> None:
        super().__init__(param, f"{param} has {size:,} bytes; allowed: up to {most:,}")
        self.size = size


class PictureNotFetched(BadUpload):
    def __init__(self, param: str, url: str, why: str) -> None:
        super().__init__(param, f"{param} = {url[:80]!r} was not fetched: {why}")
        self.url = url


class UploadUnknown(BadUpload):
    def __init__(self, reference: str, param: str = "upload") -> None:
        allowed = "the id of an upload of yours that has not expired, and whose consent holds"
        super().__init__(param, f"you have no upload {reference[:60]!r}; allowed: {allowed}")
        self.reference = reference


class UploadUnfinished(BadUpload):
    def __init__(self, reference: str, received: int, length: int, param: str) -> None:
        super().__init__(param, f"the upload {reference!r} has {received:,} of {length:,} bytes; send the rest first")
        self.received = received


class UploadMisused(BadUpload):
    def __init__(self, param: str, reference: str, kind: str, allowed: str) -> None:
        super().__init__(param, f"{param} names {reference!r}, an upload of kind {kind!r}; allowed: {allowed}")
        self.kind = kind


class TusError(BackendError):
    """Base of what the upload protocol refuses (tus 1.0.0)."""


class TusVersionUnknown(TusError):
    def __init__(self, sent: str | None, allowed: str) -> None:
        super().__init__(f"Tus-Resumable is {sent!r}; allowed: {allowed}")
        self.headers = {"tus-version": allowed}


class TusBodyUnknown(TusError):
    def __init__(self, sent: str, allowed: str) -> None:
        super().__init__(f"the content-type is {sent[:60]!r}; allowed: {allowed}")


class OffsetMismatch(TusError):
    def __init__(self, sent: int, received: int) -> None:
        super().__init__(f"Upload-Offset is {sent}; the upload goes on at {received}")
        self.headers = {"upload-offset": str(received)}


class UploadLocked(TusError):
    def __init__(self, lease_s: int) -> None:
        super().__init__(f"another request is writing to this upload; try again in {lease_s} s")
        self.headers = {"retry-after": str(lease_s)}


class UploadOverrun(TusError):
    def __init__(self, length: int) -> None:
        super().__init__(f"there are more bytes than the {length:,} of Upload-Length")


class ChecksumMismatch(TusError):
    def __init__(self, algorithm: str) -> None:
        super().__init__(
            f"the {algorithm} of the bytes is not that of Upload-Checksum; none of them was kept, send again"
        )


class UploadStalled(TusError):
    def __init__(self, silent_s: int, received: int) -> None:
        super().__init__(f"nothing arrived for {silent_s} s; the upload goes on at {received}")
        self.headers = {"upload-offset": str(received)}


class UploadsFull(TusError):
    def __init__(self, most: int) -> None:
        super().__init__(f"you have {most} uploads; use or delete some, or wait until they expire")
        self.headers = {"x-should-retry": "false"}


class MediaLinkError(BackendError):
    """Base of what links to media refuse; no cache keeps that."""

    headers: ClassVar = {"cache-control": "no-store"}


class MediaLinkRefused(MediaLinkError):
    def __init__(self, why: str) -> None:
        super().__init__(f"this link is refused: {why}")


class MediaGone(MediaLinkError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"the media of {reference[:60]!r} are gone, or may not be seen by this link any more")
        self.reference = reference


class AppleRefused(BackendError):
    def __init__(self, why: str) -> None:
        super().__init__(f"Apple did not take the sign-in back ({why}), and nothing was deleted; send a new code")


class ImportRefused(BackendError):
    def __init__(self, why: str) -> None:
        super().__init__(f"this is no export that can be taken in, and nothing of it was: {why}")


class ImportRunning(BackendError):
    def __init__(self) -> None:
        super().__init__("an import of yours is under way; wait until it has ended")


class IdempotencyMismatch(BackendError):
    def __init__(self, key: str) -> None:
        super().__init__(f"the Idempotency-Key {key[:60]!r} was used with another request within the last 24 hours")


class DownloadError(BackendError):
    """The clip plays; its file for taking away is what is missing."""


class DownloadPending(DownloadError):
    def __init__(self, clip: str) -> None:
        super().__init__(f"the file of {clip} to download is still being made; ask again in a few seconds")


class DownloadFailed(DownloadError):
    def __init__(self, clip: str) -> None:
        super().__init__(f"the file of {clip} to download could not be made; it was logged: ask again in an hour")


class RequestInFlight(BackendError):
    def __init__(self, key: str) -> None:
        super().__init__(f"the first request with the Idempotency-Key {key[:60]!r} is still being answered; try again")


class SecretForgotten(BackendError):
    def __init__(self, key: str) -> None:
        super().__init__(
            f"the Idempotency-Key {key[:60]!r} was answered with a secret, kept for 10 minutes; use a new key"
        )


class ClassifierAway(BackendError):
    def __init__(self) -> None:
        super().__init__("words cannot be looked at just now, and nothing was made or said; try again in a minute")


class ProviderUnavailable(BackendError):
    def __init__(self) -> None:
        super().__init__("the provider of this identity does not answer at the moment; try again in a few seconds")


class MailUnavailable(BackendError):
    def __init__(self) -> None:
        super().__init__("the mail was not sent and nothing has changed; try again later")


class RateLimited(BackendError):
    """`name`: the class of routes."""

    def __init__(self, name: str, most: int, seconds: int, wait_s: int) -> None:
        super().__init__(f"more than {most} requests of the class {name!r} in {seconds} s; try again in {wait_s} s")
        self.name = name
        self.most = most
        self.wait_s = wait_s


class StreamsFull(BackendError):
    def __init__(self, most: int) -> None:
        super().__init__(f"your account has {most} event streams open here; allowed: up to {most}: close one first")
        self.most = most


class Unavailable(BackendError):
    def __init__(self) -> None:
        super().__init__("the database or the media store does not answer at the moment; try again in a few seconds")
