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
    feed,
    figures,
    graph,
    leaving,
    moderation,
    provenance,
    remix_routes,
    safety,
    search,
    sessions,
    sharing,
    steering,
    talking,
    threads,
    tiles,
    uploads,
)
from backend.contract.doc import Doc

DOCS: Final[Mapping[str, Doc]] = {
    **accounts.DOCS,
    **leaving.DOCS,
    **provenance.DOCS,
    **character_routes.DOCS,
    **clip_routes.DOCS,
    **remix_routes.DOCS,
    **doors.DOCS,
    **feed.DOCS,
    **sessions.DOCS,
    **uploads.DOCS,
    **graph.DOCS,
    **being_told.DOCS,
    **sharing.DOCS,
    **tiles.DOCS,
    **figures.DOCS,
    **steering.DOCS,
    **search.DOCS,
    **talking.DOCS,
    **threads.DOCS,
    **moderation.DOCS,
    **safety.DOCS,
}
