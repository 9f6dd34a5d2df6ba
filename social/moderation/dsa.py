"""What a statement of reasons says, in the words of the DSA's transparency database.

Source: Regulation (EU) 2022/2065, article 17(3), and "API documentation" of transparency.dsa.ec.europa.eu (schema of
July 2025). No field names anybody: `decision_facts` counts reports, the explanation is the moderator's own.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import asyncpg

from social.moderation.cases import Case
from social.moderation.reasons import Subject
from social.moderation.rulings import Ruling

CATEGORY: Final[dict[str, str]] = {
    "violence": "STATEMENT_CATEGORY_VIOLENCE",
    "sexual": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    "non_consensual_intimate": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "child_safety": "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
    "harassment": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "hate": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
    "impersonation": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "likeness_without_consent": "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    "deceased_or_public_figure": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    "copyright": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    "scam_or_spam": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "self_harm": "STATEMENT_CATEGORY_SELF_HARM",
    "misleading": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    "other": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
}
VISIBILITY: Final[dict[str, str]] = {
    "label": "DECISION_VISIBILITY_CONTENT_LABELLED",
    "age_restrict": "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    "limit_reach": "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "disable_remix": "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    "remove": "DECISION_VISIBILITY_CONTENT_REMOVED",
    "revoke_character": "DECISION_VISIBILITY_CONTENT_DISABLED",
    "warn": "DECISION_VISIBILITY_OTHER",
    "strike": "DECISION_VISIBILITY_OTHER",
}
ACCOUNT: Final[dict[str, str]] = {"suspend": "DECISION_ACCOUNT_SUSPENDED", "ban": "DECISION_ACCOUNT_TERMINATED"}
CONTENT: Final[dict[Subject, list[str]]] = {
    "clip": ["CONTENT_TYPE_VIDEO", "CONTENT_TYPE_SYNTHETIC_MEDIA"],
    "character": ["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_AUDIO"],
    "comment": ["CONTENT_TYPE_TEXT"],
    "message": ["CONTENT_TYPE_TEXT"],
    "account": ["CONTENT_TYPE_OTHER"],
}
REDRESS: Final = (
    "You can appeal here within six months; somebody else decides (POST /v1/appeals). You can also turn to a certified "
    "out-of-court dispute settlement body (article 21 of the DSA) or to a court."
)


async def body(
    conn: asyncpg.Connection, case: Case, ruling: Ruling, event: UUID, *, by_machine: bool
) -> dict[str, Any]:
    """`end_date_*` None: until it is taken back."""
    row = await conn.fetchrow(
        """
        select e.at::date::text as applied, (e.at + interval '6 months') as appeal_until,
            (select coalesce(v.snapshot ->> 'published_at', v.snapshot ->> 'created_at') from evidence v
                where v.subject_type = e.subject_type and v.subject = e.subject order by v.id desc limit 1
            ) as content_at,
            (select count(*) filter (where r.source = 'member') from report r where r.ruling = e.id) as members,
            (select count(*) filter (where r.source = 'notice') from report r where r.ruling = e.id) as notices
        from moderation_event e where e.id = $1
        """,
        event,
    )
    asked = row["members"] + row["notices"]
    seen = "the machine's own finding" if not asked else f"{asked} report(s), the gravest for {case.reason}"
    who = "without a person" if by_machine else "by a moderator who looked at what was kept of it"
    made: dict[str, Any] = {
        "puid": event.hex,
        "decision_visibility": [VISIBILITY[ruling.decision]] if ruling.decision in VISIBILITY else None,
        "decision_visibility_other": ruling.decision if ruling.decision in {"warn", "strike"} else None,
        "decision_monetary": None,
        "decision_provision": None,
        "decision_account": ACCOUNT.get(ruling.decision),
        "account_type": "ACCOUNT_TYPE_PRIVATE",
        "content_type": CONTENT[case.subject_type],
        "content_type_other": "a profile" if case.subject_type == "account" else None,
        "content_date": None if row["content_at"] is None else row["content_at"][:10],
        "content_language": None,
        "category": CATEGORY[case.reason],
        "territorial_scope": "worldwide",
        "application_date": row["applied"],
        "end_date_visibility_restriction": None,
        "end_date_account_restriction": None if ruling.until is None else ruling.until.date().isoformat(),
        "decision_facts": f"Decided {who}, after {seen}.",
        "source_type": "SOURCE_ARTICLE_16" if asked else "SOURCE_VOLUNTARY",
        "automated_detection": "No" if asked else "Yes",
        "automated_decision": "AUTOMATED_DECISION_FULLY" if by_machine else "AUTOMATED_DECISION_NOT_AUTOMATED",
        "redress": REDRESS,
        "appeal_until": row["appeal_until"].isoformat(),
        "strike": ruling.strike or ruling.decision == "strike",
    }
    if ruling.legal_ground is not None:
        return made | {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": ruling.legal_ground,
            "illegal_content_explanation": ruling.explanation,
        }
    return made | {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": ruling.policy,
        "incompatible_content_explanation": ruling.explanation,
        "incompatible_content_illegal": "No",
    }
