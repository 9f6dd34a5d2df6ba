"""What telling one's feed refuses.

SocialError
├── ChipUnknown      not there, or somebody else's
└── FeedbackUnknown  not there, or somebody else's
"""

from __future__ import annotations

from social.errors import SocialError


class ChipUnknown(SocialError):
    def __init__(self, chip: str) -> None:
        super().__init__(f"there is no chip {chip[:60]!r} in your steering; it may have been removed")
        self.param = "chip_id"


class FeedbackUnknown(SocialError):
    def __init__(self, feedback: str) -> None:
        super().__init__(f"there is no feedback {feedback[:60]!r} of yours; it may have been taken back")
        self.param = "feedback_id"
