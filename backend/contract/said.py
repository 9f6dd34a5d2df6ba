"""Everything that is said about routes, by `module.function`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from backend.contract import (
    accounts,
    being_told,
    character_routes,
    clip_routes,
    doors,
    leaving,
    remix_routes,
    sessions,
    uploads,
)
from backend.contract.doc import Doc

DOCS: Final[Mapping[str, Doc]] = {
    **accounts.DOCS,
    **leaving.DOCS,
    **character_routes.DOCS,
    **clip_routes.DOCS,
    **remix_routes.DOCS,
    **doors.DOCS,
    **sessions.DOCS,
    **uploads.DOCS,
    **being_told.DOCS,
}
