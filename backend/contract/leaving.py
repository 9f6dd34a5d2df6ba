"""Said about leaving: an account that goes, and a library that is taken along."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from backend import errors as edge
from backend.contract.doc import Bytes, Doc
from social import errors

State = Literal["queued", "in_progress", "completed", "failed"]


class Departure(msgspec.Struct, frozen=True):
    """What is gone since when; null = not yet. The id is random, and opens this without a session."""

    id: str
    object: str
    asked_at: datetime
    due_at: datetime
    cancelled_at: datetime | None
    biometrics_destroyed_at: datetime
    media_deleted_at: datetime | None
    account_deleted_at: datetime | None
    backups_unreadable_at: datetime | None

    apple_authorization_code: str | None = None


class AccountExport(msgspec.Struct, frozen=True):
    """`url` once it is there: good for one to two hours, for ranges, without a session. The ZIP is kept for a week."""

    id: str
    object: str
    state: Literal["queued", "in_progress", "completed", "failed", "expired"]
    progress: int
    created_at: datetime
    completed_at: datetime | None
    expires_at: datetime | None
    url: str | None


class ImportRefusal(msgspec.Struct, frozen=True):
    """Why nothing was taken in."""

    code: str
    message: str


class AccountImport(msgspec.Struct, frozen=True):
    """`taken_in`: clips, clips_known (the account had them), notices, characters_waiting (for a new capture)."""

    id: str
    object: str
    state: State
    progress: int
    error: ImportRefusal | None
    taken_in: dict[str, int] | None
    created_at: datetime
    completed_at: datetime | None


class ImportOrder(msgspec.Struct, frozen=True):
    """`file_id`: a finished upload of kind `import`."""

    file_id: str


AT: Final = "2026-11-23T09:30:00Z"
DEPARTURE: Final = {
    "id": "leave_3b7c7d1e8a9b4c1d8e4f4a5b01980f6e",
    "object": "account.departure",
    "asked_at": AT,
    "due_at": AT,
    "cancelled_at": None,
    "biometrics_destroyed_at": AT,
    "media_deleted_at": None,
    "account_deleted_at": None,
    "backups_unreadable_at": None,
}
EXPORT: Final = {
    "id": "export_5c1d8e4f4a5b4f6e83b77d1e8a9b0198",
    "object": "export",
    "state": "in_progress",
    "progress": 40,
    "created_at": AT,
    "completed_at": None,
    "expires_at": None,
    "url": None,
}
IMPORT: Final = {
    "id": "import_8a9b4c1d8e4f4a5ba1980f6e3b7c7d1e",
    "object": "import",
    "state": "completed",
    "progress": 100,
    "error": None,
    "taken_in": {"clips": 12, "clips_known": 0, "notices": 3, "characters_waiting": 1},
    "created_at": AT,
    "completed_at": AT,
}
DOCS: Final = {
    "departures.leave": Doc(
        name="leave",
        summary="Delete the account",
        gives=Departure,
        example=DEPARTURE,
        errors=(errors.InvalidValue, edge.AppleRefused),
        values={"grace_days": {"minimum": 0, "maximum": 30}, "clips": {"enum": ["keep", "remove"]}},
        links={"getDeparture": ("departure_id", "$response.body#/id")},
    ),
    "departures.stay": Doc(
        name="stay",
        summary="Keep the account after all",
        gives=Departure,
        example=DEPARTURE | {"cancelled_at": AT},
        errors=(errors.NotLeaving,),
    ),
    "departures.one": Doc(
        name="getDeparture",
        summary="What is gone since when",
        gives=Departure,
        example=DEPARTURE | {"media_deleted_at": AT, "account_deleted_at": AT},
        errors=(errors.DepartureUnknown,),
    ),
    "transfers.export": Doc(
        name="createExport",
        summary="Everything of the account as a ZIP",
        gives=AccountExport,
        example=EXPORT,
        links={"getExport": ("export_id", "$response.body#/id")},
    ),
    "transfers.one_export": Doc(
        name="getExport",
        summary="How far an export is, and where to fetch it",
        gives=AccountExport,
        example=EXPORT,
        errors=(errors.ExportUnknown,),
    ),
    "transfers.download": Doc(
        name="downloadExport",
        summary="The ZIP by its signed URL",
        gives=Bytes(("application/zip",), "the ZIP"),
        errors=(edge.MediaLinkRefused, edge.MediaGone),
        headers=("ETag", "Cache-Control", "Last-Modified", "Accept-Ranges", "Content-Disposition"),
        asks=("Range", "If-Range"),
        also={206: "The range that was asked for", 416: "The file has no such range"},
        query={"exp": {"type": "string"}, "sig": {"type": "string"}},
        notes="Take the URL from `url` of an export. HEAD answers the same headers.",
    ),
    "transfers.take_in": Doc(
        name="createImport",
        summary="Take in what another server exported",
        gives=AccountImport,
        example=IMPORT | {"state": "queued", "progress": 0, "taken_in": None, "completed_at": None},
        sends=ImportOrder,
        sends_example={"file_id": "upload_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"},
        errors=(edge.UploadUnknown, edge.UploadUnfinished, edge.UploadMisused, edge.ImportRunning),
        links={"getImport": ("import_id", "$response.body#/id")},
    ),
    "transfers.one_import": Doc(
        name="getImport",
        summary="How far an import is, and what it took in",
        gives=AccountImport,
        example=IMPORT,
        errors=(errors.ImportUnknown,),
    ),
}
