"""Said about statements of reasons, appeals, and what moderators work with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, Literal, get_args

import msgspec

from backend.contract.accounts import AT, Subject
from backend.contract.characters import VIDEO
from backend.contract.doc import Bytes, Doc
from backend.contract.lists import PAGE, list_of, page
from social.moderation import errors
from social.moderation.cases import Queue
from social.moderation.reasons import Reason
from social.moderation.rulings import Decision


class StatementOfReasons(msgspec.Struct, frozen=True):
    """`statement` has the fields of the DSA transparency database, `redress` and `appeal_until`."""

    id: str
    object: Literal["statement_of_reasons"]
    subject: Subject
    created_at: datetime
    statement: dict[str, Any]


class Appeal(msgspec.Struct, frozen=True):
    """`outcome` upheld: the decision stands; overturned: what it did is taken back; null: not answered yet."""

    id: str
    object: Literal["appeal"]
    subject: Subject
    event: str
    decision: str
    side: Literal["author", "reporter"]
    words: str
    outcome: Literal["upheld", "overturned"] | None
    answer: str | None
    created_at: datetime
    decided_at: datetime | None


class WaitingAppeal(Appeal, frozen=True, kw_only=True):
    """`by` null: that account is gone."""

    by: str | None


class Case(msgspec.Struct, frozen=True):
    """All that is reported of one subject, named by its gravest report. `claimed_by`: a handle."""

    id: str
    object: Literal["moderation.case"]
    subject: Subject
    reason: str
    queue: Queue
    state: Literal["open", "claimed", "decided"]
    priority: float
    reports: int
    trusted: int
    due_at: datetime | None
    opened_at: datetime
    claimed_by: str | None
    lease_until: datetime | None
    decision: str | None
    event: str | None
    decided_at: datetime | None
    appeals: int


class QueueCounts(msgspec.Struct, frozen=True):
    """Each up to 1000."""

    open: int
    claimed: int
    overdue: int


class Copy(msgspec.Struct, frozen=True):
    video: str
    event: str


class SkippedCopy(msgspec.Struct, frozen=True):
    video: str
    because: str


class CaseDecision(msgspec.Struct, frozen=True):
    """`reports`: those that it answers. `skipped`: copies that were left to others, and why."""

    event: str
    decision: str
    statement: str | None
    reports: tuple[str, ...]
    copies: tuple[Copy, ...]
    skipped: tuple[SkippedCopy, ...]


class FiledReport(msgspec.Struct, frozen=True):
    """`trust`: how far its reporter is believed, 0.05 to 1."""

    id: str
    by: str | None
    trust: float | None
    source: Literal["member", "system", "notice"]
    reason: str
    comment: str
    at_s: float | None
    state: Literal["open", "decided"]
    outcome: Literal["upheld", "dismissed"] | None
    created_at: datetime


class Frame(msgspec.Struct, frozen=True):
    """A part of a picture, 0 to 1 of its width and height."""

    file: str
    at_s: float
    x: float
    y: float
    width: float
    height: float


class KeptEvidence(msgspec.Struct, frozen=True):
    """As it was when it was reported. `blurred` first; the files open on purpose."""

    id: str
    taken_at: datetime
    keep_until: datetime
    legal_hold: bool
    sha256: str
    snapshot: dict[str, Any]
    hashes: dict[str, str]
    blurred: str | None
    files: dict[str, str]
    frames: tuple[Frame, ...]
    transcript: str | None


class ModerationEvent(msgspec.Struct, frozen=True):
    id: str
    kind: str
    by: str | None
    detail: dict[str, Any]
    at: datetime


class StandingMeasure(msgspec.Struct, frozen=True):
    kind: str
    event: str
    detail: dict[str, Any]
    until: datetime | None
    since: datetime


class TreeNode(msgspec.Struct, frozen=True):
    id: str
    parent: str | None
    depth: int
    maker: str | None
    state: Literal["shown", "hidden", "removed", "gone"]


class PastDecision(msgspec.Struct, frozen=True):
    event: str
    subject: Subject
    decision: str
    policy: str
    overturned: bool
    at: datetime


class AuthorRecord(msgspec.Struct, frozen=True):
    id: str
    handle: str
    display_name: str
    created_at: datetime
    is_young: bool
    suspended: str | None
    suspended_until: datetime | None
    strikes: int
    reports: int
    upheld: int
    past: tuple[PastDecision, ...]


class DecisionKey(msgspec.Struct, frozen=True):
    """`key`: on a keyboard."""

    decision: Decision
    key: str


class ModerationSubject(msgspec.Struct, frozen=True):
    object: Literal["moderation.subject"]
    subject: Subject
    case: Case
    media: dict[str, Any] | None
    evidence: tuple[KeptEvidence, ...]
    author: AuthorRecord | None
    decisions: tuple[DecisionKey, ...]
    reports: tuple[FiledReport, ...]
    history: tuple[ModerationEvent, ...]
    measures: tuple[StandingMeasure, ...]
    lineage: tuple[TreeNode, ...]
    copies: tuple[str, ...]


class LegalHold(msgspec.Struct, frozen=True):
    subject: Subject
    legal_hold: bool


class ExplanationTemplate(msgspec.Struct, frozen=True):
    reason: Reason
    policy: str
    explanation: str
    suggested: Decision


class Templates(msgspec.Struct, frozen=True):
    object: Literal["list"]
    data: tuple[ExplanationTemplate, ...]


class DayFigures(msgspec.Struct, frozen=True):
    """Seconds are medians of what was decided that day."""

    day: date
    queue: str
    taken_in: int
    done: int
    waited_s: float | None
    handled_s: float | None


class ModeratorFigures(msgspec.Struct, frozen=True):
    """`handle` null: the machine, or an account that is gone."""

    handle: str | None
    done: int
    handled_s: float | None
    appealed: int
    overturned: int
    overturn_rate: float | None


class WaitingFigures(msgspec.Struct, frozen=True):
    queue: str
    open: int
    claimed: int
    overdue: int
    oldest_s: float


class ModerationStats(msgspec.Struct, frozen=True):
    object: Literal["moderation.stats"]
    first: date
    last: date
    days: tuple[DayFigures, ...]
    moderators: tuple[ModeratorFigures, ...]
    waiting: tuple[WaitingFigures, ...]


class AuditRow(msgspec.Struct, frozen=True):
    id: str
    object: Literal["moderation.audit_row"]
    at: datetime
    by: str | None
    action: str
    subject: Subject
    detail: dict[str, Any]
    prev_hash: str
    hash: str


class AuditCheck(msgspec.Struct, frozen=True):
    """`broken_at`: the first row that is missing or is not what was written."""

    object: Literal["moderation.audit_check"]
    intact: bool
    rows: int
    head: str | None
    broken_at: int | None


_ID: Final = "01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"
_SUBJECT: Final = {"type": "video", "id": VIDEO}
_STATEMENT: Final[dict[str, Any]] = {
    "id": f"stm_{_ID}",
    "object": "statement_of_reasons",
    "subject": _SUBJECT,
    "created_at": AT,
    "statement": {
        "puid": _ID,
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Impersonation",
        "incompatible_content_explanation": "It pretends to be somebody else.",
        "decision_facts": "Decided by a moderator who looked at what was kept of it, after 1 report(s).",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "appeal_until": "2027-05-23T09:30:00Z",
    },
}
_APPEAL: Final[dict[str, Any]] = {
    "id": f"apl_{_ID}",
    "object": "appeal",
    "subject": _SUBJECT,
    "event": f"mev_{_ID}",
    "decision": "remove",
    "side": "author",
    "words": "it is my sister, and she agreed",
    "outcome": None,
    "answer": None,
    "created_at": AT,
    "decided_at": None,
}
_ANSWERED: Final = _APPEAL | {"outcome": "overturned", "answer": "she has told us so", "decided_at": AT}
_CASE: Final[dict[str, Any]] = {
    "id": f"rep_{_ID}",
    "object": "moderation.case",
    "subject": _SUBJECT,
    "reason": "impersonation",
    "queue": "general",
    "state": "claimed",
    "priority": 0.53,
    "reports": 2,
    "trusted": 1,
    "due_at": None,
    "opened_at": AT,
    "claimed_by": "ada",
    "lease_until": AT,
    "decision": None,
    "event": None,
    "decided_at": None,
    "appeals": 0,
}
_DECIDED: Final[dict[str, Any]] = {
    "event": f"mev_{_ID}",
    "decision": "remove",
    "statement": f"stm_{_ID}",
    "reports": [f"rep_{_ID}"],
    "copies": [],
    "skipped": [],
}
_DECIDES: Final = {
    "decision": "remove",
    "policy": "Impersonation",
    "explanation": "It pretends to be somebody else.",
    "strike": True,
}
_COUNTS: Final = {"open": 1, "claimed": 1, "overdue": 0}
_PAGE: Final[dict[str, Any]] = {
    "object": "moderation.subject",
    "subject": _SUBJECT,
    "case": _CASE,
    "media": None,
    "evidence": [],
    "author": None,
    "decisions": [{"decision": "dismiss", "key": "d"}, {"decision": "remove", "key": "r"}],
    "reports": [],
    "history": [],
    "measures": [],
    "lineage": [{"id": VIDEO, "parent": None, "depth": 0, "maker": "leo", "state": "shown"}],
    "copies": [],
}
_STATS: Final[dict[str, Any]] = {
    "object": "moderation.stats",
    "first": "2026-11-17",
    "last": "2026-11-23",
    "days": [
        {"day": "2026-11-23", "queue": "general", "taken_in": 9, "done": 4, "waited_s": 1800.0, "handled_s": 95.0}
    ],
    "moderators": [
        {"handle": "ada", "done": 4, "handled_s": 95.0, "appealed": 2, "overturned": 1, "overturn_rate": 0.5}
    ],
    "waiting": [{"queue": "general", "open": 5, "claimed": 1, "overdue": 0, "oldest_s": 3600.0}],
}
_AUDIT: Final[dict[str, Any]] = {
    "id": "7",
    "object": "moderation.audit_row",
    "at": AT,
    "by": "ada",
    "action": "decided",
    "subject": _SUBJECT,
    "detail": {"decision": "remove"},
    "prev_hash": "00" * 32,
    "hash": "11" * 32,
}
_SEEN: Final = (errors.CaseUnknown, errors.SeniorNeeded)
_HELD: Final = (errors.CaseUnknown, errors.CaseDecided, errors.LeaseNeeded)

DOCS: Final = {
    "appeals.reasons": Doc(
        name="listStatements",
        summary="Decisions against you",
        gives=list_of(StatementOfReasons),
        example=page(_STATEMENT),
        values=PAGE,
    ),
    "appeals.reason": Doc(
        name="getStatement",
        summary="Why something was decided against you",
        gives=StatementOfReasons,
        example=_STATEMENT,
        errors=(errors.StatementUnknown,),
    ),
    "appeals.create": Doc(
        name="createAppeal",
        summary="Ask somebody else to look again",
        gives=Appeal,
        example=_APPEAL,
        sends_example={"statement": f"stm_{_ID}", "words": "it is my sister, and she agreed"},
        errors=(errors.StatementUnknown, errors.AppealLate),
    ),
    "appeals.while_suspended": Doc(
        name="createAppealWhileSuspended",
        summary="Appeal the decision that keeps you from signing in",
        gives=Appeal,
        example=_APPEAL | {"decision": "suspend"},
        sends_example={"statement": f"stm_{_ID}", "token": "eyJ…", "words": "that was not me"},
        errors=(errors.StatementUnknown, errors.AppealLate),
    ),
    "appeals.mine": Doc(
        name="listAppeals", summary="Your appeals", gives=list_of(Appeal), example=page(_APPEAL), values=PAGE
    ),
    "appeals.waiting": Doc(
        name="listWaitingAppeals",
        summary="Appeals that nobody has answered",
        gives=list_of(WaitingAppeal),
        example=page(_APPEAL | {"by": "leo"}),
        values=PAGE,
    ),
    "appeals.decide": Doc(
        name="decideAppeal",
        summary="Answer an appeal",
        gives=Appeal,
        example=_ANSWERED,
        sends_example={"outcome": "overturned", "answer": "she has told us so"},
        errors=(errors.AppealUnknown, errors.AppealDecided, errors.OwnMatter, errors.SeniorNeeded),
    ),
    "moderation.page": Doc(
        name="listCases",
        summary="What waits for a moderator",
        gives=list_of(Case, ("counts", dict[str, QueueCounts]), ("held_characters", int)),
        example=page(_CASE, counts=dict.fromkeys(get_args(Queue), _COUNTS), held_characters=0),
        values=PAGE | {"queue": {"enum": list(get_args(Queue))}},
    ),
    "moderation.claim": Doc(
        name="claimCase",
        summary="Take a case for 15 minutes",
        gives=Case,
        example=_CASE,
        errors=(*_SEEN, errors.CaseDecided, errors.LeaseHeld, errors.OwnMatter),
    ),
    "moderation.release": Doc(
        name="releaseCase",
        summary="Give a case back",
        gives=Case,
        example=_CASE | {"state": "open", "claimed_by": None, "lease_until": None},
        errors=_HELD,
    ),
    "moderation.decide": Doc(
        name="decideCase",
        summary="Decide a case",
        gives=CaseDecision,
        example=_DECIDED,
        sends_example=_DECIDES,
        errors=(*_HELD, errors.OwnMatter, errors.DecisionMisplaced),
    ),
    "moderation_subjects.one": Doc(
        name="getModerationSubject",
        summary="All about a subject that was reported",
        gives=ModerationSubject,
        example=_PAGE,
        errors=_SEEN,
    ),
    "moderation_subjects.hold": Doc(
        name="holdEvidence",
        summary="Keep the evidence of a subject for a court",
        gives=LegalHold,
        example={"subject": _SUBJECT, "legal_hold": True},
        sends_example={"legal_hold": True},
        errors=(errors.CaseUnknown,),
    ),
    "moderation_subjects.file": Doc(
        name="getEvidenceFile",
        summary="A file that was kept as evidence",
        gives=Bytes(("video/mp4", "image/webp", "image/jpeg", "image/png", "text/vtt"), "the file"),
        errors=(*_SEEN, errors.EvidenceUnknown),
    ),
    "moderation_subjects.templates": Doc(
        name="listTemplates",
        summary="Explanations to begin from",
        gives=Templates,
        example={
            "object": "list",
            "data": [
                {
                    "reason": "hate",
                    "policy": "Hate",
                    "explanation": "It attacks people for what they are.",
                    "suggested": "remove",
                }
            ],
        },
    ),
    "moderation_figures.stats": Doc(
        name="getModerationStats",
        summary="Figures per day, queue and moderator",
        gives=ModerationStats,
        example=_STATS,
    ),
    "moderation_figures.audit": Doc(
        name="listModerationAudit",
        summary="What staff did",
        gives=list_of(AuditRow),
        example=page(_AUDIT),
        values=PAGE,
    ),
    "moderation_figures.verify": Doc(
        name="verifyModerationAudit",
        summary="Whether the log of what staff did is whole",
        gives=AuditCheck,
        example={"object": "moderation.audit_check", "intact": True, "rows": 7, "head": "11" * 32, "broken_at": None},
    ),
}
