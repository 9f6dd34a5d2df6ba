"""What the rules of words refuse.

SocialError
└── WordsRefused
    ├── SentinelBlock      a prompt, a screenplay or an instruction: nothing was made or charged
    └── ModerationBlocked  words to others: nothing was said
RefusalUnknown, RefusalAppealed
"""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid4

from social.errors import SocialError
from social.safety.rules import Category, Finding

SENTENCE: Final[dict[Category, str]] = {
    "child_safety": "nothing sexual with somebody under 18 is made or said here",
    "non_consensual_intimate": "nobody is undressed or shown intimately without having asked for it",
    "sexual": "nothing sexual is made here, least of all of a real person or for somebody under 18",
    "violence": "no cruelty is done to a real person here, nor shown to somebody under 18",
    "threat": "nobody is threatened here",
    "hate": "nobody is hated here for what they are",
    "self_harm": "nobody is told or taught to hurt themselves here; if it is about you, please talk to somebody",
    "terrorism": "no violence is planned or taught here",
    "scam": "nobody is talked out of their money or their passwords here",
    "impersonation": "nobody speaks here for a bank, an office or a relative to get at money or passwords",
}


class WordsRefused(SocialError):
    """`refusal` names its row, which is written when this is answered; its words are kept nowhere.

    `digest` knows the same words of the same account again, should an appeal be granted.
    """

    def __init__(self, account: UUID, place: str, param: str, finding: Finding, digest: bytes) -> None:
        super().__init__(f"{param}: {SENTENCE[finding.category]}; allowed: the same without that, or an appeal")
        self.refusal = uuid4()
        self.account = account
        self.place = place
        self.param = param
        self.finding = finding
        self.digest = digest


class SentinelBlock(WordsRefused):
    """At the stage of the prompt."""


class ModerationBlocked(WordsRefused):
    """Words that others would have read."""


class RefusalUnknown(SocialError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no refusal {public_id[:60]!r} of yours")
        self.param = "refusal_id"


class RefusalAppealed(SocialError):
    def __init__(self, outcome: str | None) -> None:
        super().__init__(f"this refusal was appealed already ({outcome or 'not answered yet'})")
        self.outcome = outcome
