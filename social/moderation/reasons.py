"""Why something is reported, and how urgent that makes it."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final, Literal

Subject = Literal["clip", "character", "account", "comment", "message"]
Reason = Literal[
    "violence",
    "sexual",
    "non_consensual_intimate",
    "child_safety",
    "harassment",
    "hate",
    "impersonation",
    "likeness_without_consent",
    "deceased_or_public_figure",
    "copyright",
    "scam_or_spam",
    "self_harm",
    "misleading",
    "other",
]
WEIGHT: Final[dict[Reason, float]] = {
    "child_safety": 1.0,
    "non_consensual_intimate": 0.9,
    "self_harm": 0.8,
    "violence": 0.6,
    "likeness_without_consent": 0.6,
    "sexual": 0.5,
    "hate": 0.5,
    "harassment": 0.5,
    "impersonation": 0.5,
    "deceased_or_public_figure": 0.3,
    "misleading": 0.3,
    "copyright": 0.3,
    "scam_or_spam": 0.2,
    "other": 0.1,
}
GRAVE: Final[frozenset[Reason]] = frozenset({"child_safety", "non_consensual_intimate"})  # hide at once
LIKENESS: Final[frozenset[Reason]] = frozenset(
    {"non_consensual_intimate", "impersonation", "likeness_without_consent", "deceased_or_public_figure"}
)
DUE: Final[dict[Reason, timedelta]] = {
    "child_safety": timedelta(hours=24),
    "non_consensual_intimate": timedelta(hours=48),  # TAKE IT DOWN Act, sec. 3(a)(3)
}
TRUSTED: Final = 0.6  # of reporter_trust: at least one report more was right than wrong
TRUSTED_HIDE: Final = 10  # trusted reporters who hide a clip together


def priority(reason: Reason, *, views: int, trust: float, minor: bool, likeness: bool) -> float:
    """0 to 1: 1 - exp(-weight x reach x trust x minor x likeness). `trust` 0..1, 0.5 for a new reporter.

    Reach grows with the logarithm of the views; somebody under 18 doubles it, a real person's likeness adds half.
    """
    reach = 1.0 + math.log10(1.0 + views)
    raw = WEIGHT[reason] * reach * (0.5 + trust) * (2.0 if minor else 1.0) * (1.5 if likeness else 1.0)
    return 1.0 - math.exp(-raw)
