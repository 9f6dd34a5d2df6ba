"""What inviting and looking at people's lists refuses.

SocialError
└── GraphError
    ├── ListPrivate      the people around somebody under 18 are shown to their friends
    ├── AlreadyMember    whoever is signed in needs no invitation
    ├── InvitesSpent     all codes of an account are good still, or were used
    └── InviteNotYours   not there, or somebody else's
"""

from __future__ import annotations

from social.errors import SocialError


class GraphError(SocialError):
    """Base of what inviting and looking at people's lists refuses."""


class ListPrivate(GraphError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"@{handle} shows their followers and whom they follow to friends only")
        self.handle = handle


class AlreadyMember(GraphError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"you are signed in as @{handle}; to make another account, sign out first")
        self.handle = handle


class InvitesSpent(GraphError):
    def __init__(self, allowed: int) -> None:
        super().__init__(
            f"you have {allowed} invite codes, and each is good still or was used; revoke one to make another"
        )
        self.allowed = allowed


class InviteNotYours(GraphError):
    def __init__(self, code: str) -> None:
        super().__init__(f"you have no invite code {code[:20]!r}")
        self.code = code
