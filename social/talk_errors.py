"""What talking refuses.

SocialError
└── TalkError
    ├── CommentUnknown       not there, deleted, or not for this viewer
    ├── CommentsClosed       the clip's maker lets friends comment, or nobody
    ├── YoungProtected       an adult writes to somebody under 18 who does not follow them
    ├── ThreadUnknown        not there, or without the viewer
    ├── MessageUnknown
    ├── NotFriends           threads are between people who follow each other
    ├── ThreadFull
    ├── ThreadDirect         a thread of two has no title and takes nobody else in
    ├── OwnCharacterNeeded   answering with a clip takes a character of one's own
    └── PublishFirst         somebody shown wants to be asked before others see the clip
"""

from __future__ import annotations

from social.errors import SocialError


class TalkError(SocialError):
    """Base of what talking refuses."""


class CommentUnknown(TalkError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no comment {public_id[:60]!r} that you may see")
        self.public_id = public_id


class CommentsClosed(TalkError):
    def __init__(self, public_id: str, commenters: str) -> None:
        super().__init__(f"the maker of the video {public_id!r} lets {commenters} comment")
        self.public_id = public_id
        self.commenters = commenters


class YoungProtected(TalkError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"@{handle} is under 18; allowed: adults whom they follow may write to them")
        self.handle = handle


class ThreadUnknown(TalkError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no thread {public_id[:60]!r} that you are in")
        self.public_id = public_id


class MessageUnknown(TalkError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no message {public_id[:60]!r} of yours")
        self.public_id = public_id


class NotFriends(TalkError):
    def __init__(self, handle: str) -> None:
        super().__init__(f"you and @{handle} are not friends; allowed: people whom you follow and who follow you")
        self.handle = handle
        self.param = "members"


class ThreadFull(TalkError):
    def __init__(self, most: int) -> None:
        super().__init__(f"the thread has {most} members, which is the most")
        self.most = most


class ThreadDirect(TalkError):
    def __init__(self, public_id: str) -> None:
        super().__init__(
            f"the thread {public_id!r} is one of two people: it has no title and takes nobody else in; allowed: a new "
            "thread with all of them"
        )
        self.public_id = public_id


class OwnCharacterNeeded(TalkError):
    def __init__(self) -> None:
        super().__init__("you have no character that is ready to answer for you; make one first, or send `text`")
        self.param = "prompt"


class PublishFirst(TalkError):
    def __init__(self, public_id: str) -> None:
        super().__init__(
            f"somebody in the video {public_id!r} wants to be asked before others see it; publish it to friends first"
        )
        self.public_id = public_id
        self.param = "video_id"
