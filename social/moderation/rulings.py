"""Rulings: what a moderator can decide, about what, and with which words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args

import msgspec

from social.errors import InvalidValue
from social.moderation import measures
from social.moderation.errors import DecisionMisplaced
from social.moderation.reasons import Subject

Decision = Literal[
    "dismiss",
    "label",
    "age_restrict",
    "limit_reach",
    "disable_remix",
    "remove",
    "warn",
    "strike",
    "suspend",
    "ban",
    "revoke_character",
    "escalate",
]
PERSON: Final[tuple[Decision, ...]] = ("warn", "strike", "suspend", "ban")
ALLOWED: Final[dict[Subject, tuple[Decision, ...]]] = {
    "clip": ("dismiss", "label", "age_restrict", "limit_reach", "disable_remix", "remove", *PERSON, "escalate"),
    "comment": ("dismiss", "remove", *PERSON, "escalate"),
    "message": ("dismiss", "remove", *PERSON, "escalate"),
    "character": ("dismiss", "revoke_character", *PERSON, "escalate"),
    "account": ("dismiss", *PERSON, "escalate"),
}
MEASURE: Final[dict[Decision, measures.Kind]] = {
    "label": "labelled",
    "age_restrict": "age_restricted",
    "limit_reach": "limited",
    "disable_remix": "remix_disabled",
    "remove": "removed",
    "revoke_character": "revoked",
}
POLICY_MAX: Final = 200  # characters
EXPLANATION_MAX: Final = 2000
LABEL_MAX: Final = 80
SUSPENSION_MOST: Final = timedelta(days=366)


class Ruling(msgspec.Struct, frozen=True):
    """`strike`: beside whatever else is decided. `until` belongs to suspend, `label` to label.

    `legal_ground`: the law that the content breaks; None: it breaks the rules of this place (`policy`).
    """

    decision: Decision
    policy: str
    explanation: str
    strike: bool = False
    until: datetime | None = None
    label: str | None = None
    legal_ground: str | None = None


def checked(ruling: Ruling, kind: Subject) -> Ruling:
    """With its words trimmed. Raises InvalidValue or DecisionMisplaced."""
    if ruling.decision not in get_args(Decision):
        raise InvalidValue("decision", ruling.decision, ", ".join(get_args(Decision)))
    if ruling.decision not in ALLOWED[kind]:
        raise DecisionMisplaced(ruling.decision, kind, ALLOWED[kind])
    policy, explanation = ruling.policy.strip(), ruling.explanation.strip()
    _length("policy", policy, POLICY_MAX)
    _length("explanation", explanation, EXPLANATION_MAX)
    if ruling.legal_ground is not None:
        _length("legal_ground", ruling.legal_ground.strip(), POLICY_MAX)
    if ruling.decision == "label":
        _length("label", (ruling.label or "").strip(), LABEL_MAX)
    elif ruling.label is not None:
        raise InvalidValue("label", ruling.label, "null, unless the decision is label")
    _check_until(ruling)
    if ruling.strike and ruling.decision in {"dismiss", "escalate"}:
        raise InvalidValue("strike", ruling.strike, f"false where the decision is {ruling.decision}")
    label = None if ruling.label is None else ruling.label.strip()
    return msgspec.structs.replace(ruling, policy=policy, explanation=explanation, label=label)


def _length(name: str, text: str, most: int) -> None:
    if not 1 <= len(text) <= most:
        raise InvalidValue(name, f"{len(text)} characters", f"1 to {most} characters")


def _check_until(ruling: Ruling) -> None:
    if ruling.decision != "suspend":
        if ruling.until is not None:
            raise InvalidValue("until", ruling.until.isoformat(), "null, unless the decision is suspend")
        return
    now = datetime.now(UTC)
    if ruling.until is None or ruling.until.tzinfo is None or not now < ruling.until <= now + SUSPENSION_MOST:
        given = None if ruling.until is None else ruling.until.isoformat()
        raise InvalidValue("until", given, f"a time within the next {SUSPENSION_MOST.days} days, with its zone")
