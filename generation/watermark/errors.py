"""What marking refuses.

MarkingError
└── MarkIdOutOfRange
"""

from __future__ import annotations


class MarkingError(Exception):
    """A mark cannot be made so."""


class MarkIdOutOfRange(MarkingError):
    def __init__(self, mark: int) -> None:
        super().__init__(f"mark id {mark}: 1 to 2**48 - 1 are allowed")
        self.mark = mark
