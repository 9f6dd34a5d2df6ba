"""What asking about a file refuses.

ProvenanceError
└── InspectionUnknown    no such look at a file, or its hour is over
"""

from __future__ import annotations

from social.errors import SocialError


class ProvenanceError(SocialError):
    """Base of what this module holds."""


class InspectionUnknown(ProvenanceError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"there is no inspection {reference[:60]!r}; answers are kept for an hour")
        self.reference = reference
