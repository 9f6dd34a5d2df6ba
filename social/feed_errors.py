"""What the feed refuses.

SocialError
└── FeedError
    ├── CursorRefused   not written here, or for another mode or account
    └── ListExpired     what was ranked is not kept any more: begin again
"""

from __future__ import annotations

from social.errors import SocialError


class FeedError(SocialError):
    pass


class CursorRefused(FeedError):
    param = "after"

    def __init__(self, mode: str) -> None:
        super().__init__(f"after is not the last_id of a page of this account's {mode} feed")
        self.mode = mode


class ListExpired(FeedError):
    param = "after"

    def __init__(self) -> None:
        super().__init__("this list is no longer kept; ask for the first page again, without after")
