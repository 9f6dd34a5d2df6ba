"""Everything that is said about routes, by `module.function`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from backend.contract import accounts, being_told, character_routes, clip_routes, leaving, sessions, signing_in, uploads
from backend.contract.doc import Doc

DOCS: Final[Mapping[str, Doc]] = {
    **accounts.DOCS,
    **leaving.DOCS,
    **character_routes.DOCS,
    **clip_routes.DOCS,
    **sessions.DOCS,
    **signing_in.DOCS,
    **uploads.DOCS,
    **being_told.DOCS,
}
