"""What sharing, profiles and collections refuse.

SharingError
├── ShareUnknown         no such link, or not the viewer's
├── ShareEnded           revoked or expired, or its clip is not to be seen any more
├── ShareClosed          its clip is for friends: sign in
├── ClipUnpublished      a draft is shown to nobody
├── CollectionUnknown    not there, or not for this viewer
├── CollectionHas        the clip is in it already
├── CollectionLacks
├── CollectionFull
└── CollectionsFull
"""

from __future__ import annotations

from social.errors import SocialError


class SharingError(SocialError):
    """Base of what this module holds."""


class ShareUnknown(SharingError):
    def __init__(self, short: str) -> None:
        super().__init__(f"there is no link {short[:60]!r}")
        self.short = short


class ShareEnded(SharingError):
    def __init__(self, short: str) -> None:
        super().__init__(f"the link {short[:60]!r} has ended, or what it led to is not there any more")
        self.short = short


class ShareClosed(SharingError):
    def __init__(self, short: str) -> None:
        super().__init__(f"what the link {short[:60]!r} leads to is not for everyone; open it signed in")
        self.short = short


class ClipUnpublished(SharingError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"the video {public_id!r} is a draft; set its audience to friends or everyone first")
        self.public_id = public_id
        self.param = "audience"


class CollectionUnknown(SharingError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"there is no collection {reference[:60]!r} that you may see")
        self.reference = reference


class CollectionHas(SharingError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"the video {public_id!r} is in this collection already")
        self.public_id = public_id
        self.param = "video"


class CollectionLacks(SharingError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"the video {public_id[:60]!r} is not in this collection")
        self.public_id = public_id


class CollectionFull(SharingError):
    def __init__(self, most: int) -> None:
        super().__init__(f"this collection holds {most} videos, which is the most; remove one first")
        self.most = most


class CollectionsFull(SharingError):
    def __init__(self, most: int) -> None:
        super().__init__(f"you have {most} collections, which is the most; delete one first")
        self.most = most
