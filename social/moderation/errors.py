"""What moderation refuses.

SocialError
└── ModerationError
    ├── CaseUnknown         there is no such report, or nothing was ever reported of that subject
    ├── CaseDecided         it is decided; an appeal changes that, or a new report
    ├── LeaseHeld           somebody else looks at it now
    ├── LeaseNeeded         only who has claimed it decides
    ├── OwnMatter           one's own clip, character or report, or an appeal against one's own decision
    ├── SeniorNeeded        escalated cases and appeals
    ├── DecisionMisplaced   this decision does nothing to such a subject
    ├── StatementUnknown
    ├── EvidenceUnknown
    ├── AppealUnknown
    ├── AppealDecided
    └── AppealLate
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from social.errors import SocialError


class ModerationError(SocialError):
    """Base of what moderation refuses."""


class CaseUnknown(ModerationError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is nothing to decide about {public_id[:60]!r}: no report names it")
        self.public_id = public_id


class CaseDecided(ModerationError):
    def __init__(self, decision: str | None) -> None:
        super().__init__(f"the case is decided ({decision}); an appeal can change that, or a new report open it again")
        self.decision = decision


class LeaseHeld(ModerationError):
    def __init__(self, until: datetime) -> None:
        super().__init__(f"another moderator looks at this until {until:%H:%M:%S} UTC")
        self.until = until


class LeaseNeeded(ModerationError):
    def __init__(self, minutes: int) -> None:
        super().__init__(f"you do not hold this case; claim it first, which gives you {minutes} minutes")
        self.minutes = minutes


class OwnMatter(ModerationError):
    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; another moderator has to decide")


class SeniorNeeded(ModerationError):
    def __init__(self, role: str) -> None:
        super().__init__(f"the case was escalated and your role is {role!r}; allowed here: senior, operator")
        self.role = role


class DecisionMisplaced(ModerationError):
    def __init__(self, decision: str, kind: str, allowed: Iterable[str]) -> None:
        super().__init__(f"{decision!r} does nothing to a {kind}; allowed: {', '.join(allowed)}")
        self.param = "decision"


class StatementUnknown(ModerationError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no statement of reasons {public_id[:60]!r} for you")
        self.param = "statement_id"


class EvidenceUnknown(ModerationError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"nothing of that name is kept under {public_id[:60]!r}")
        self.param = "evidence_id"


class AppealUnknown(ModerationError):
    def __init__(self, public_id: str) -> None:
        super().__init__(f"there is no appeal {public_id[:60]!r}")
        self.param = "appeal_id"


class AppealDecided(ModerationError):
    def __init__(self, outcome: str | None) -> None:
        super().__init__(f"the appeal is decided ({outcome})")
        self.outcome = outcome


class AppealLate(ModerationError):
    def __init__(self, until: datetime) -> None:
        super().__init__(f"an appeal was possible until {until:%Y-%m-%d}")
        self.until = until
