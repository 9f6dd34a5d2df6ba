"""What is refused of remixes, sounds, tags and challenges.

RemixError
├── ClipRemoved           taken down; said to its maker and to nobody else
├── ClipHidden            not shown until a moderator has looked
├── SoundOff              its maker lets nobody use its sound
├── SoundMissing          there is nothing to be heard that another clip could use
├── ChallengeUnknown
├── ChallengeRuns         one with this tag is open already
└── ChallengesFull        one account holds so many open ones at most
"""

from __future__ import annotations

from datetime import datetime

from social.errors import SocialError


class RemixError(SocialError):
    """Base of what is refused here."""


class ClipRemoved(RemixError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"the video {public_id!r} was removed; nothing can be made from it")
        self.public_id = public_id


class ClipHidden(RemixError):
    def __init__(self, public_id: str) -> None:
        super().__init__(
            f"the video {public_id!r} is being looked at by a moderator; nothing is made from it until then"
        )
        self.public_id = public_id


class SoundOff(RemixError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"the maker of the video {public_id!r} does not let you use its sound")
        self.public_id = public_id


class SoundMissing(RemixError):
    def __init__(self, public_id: str, why: str) -> None:
        super().__init__(f"the sound of the video {public_id!r} cannot be used: {why}")
        self.public_id = public_id
        self.param = "sound"


class ChallengeUnknown(RemixError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no challenge {public_id[:60]!r} that you may see")
        self.public_id = public_id


class ChallengeRuns(RemixError):
    def __init__(self, tag: str, until: datetime) -> None:
        super().__init__(
            f"a challenge with the tag {tag!r} runs until {until.isoformat()}; enter it, or take another tag"
        )
        self.tag = tag
        self.param = "tag"


class ChallengesFull(RemixError):
    def __init__(self, most: int) -> None:
        super().__init__(f"you have {most} open challenges; allowed: up to {most} at a time")
        self.most = most
