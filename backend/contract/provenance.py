"""Said about asking where a file is from."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from backend import errors as edge
from backend.contract.characters import VIDEO
from backend.contract.doc import Doc, File
from social import errors, provenance_errors


class Credentials(msgspec.Struct, frozen=True):
    """Content Credentials (C2PA). `state` Trusted: this server's and intact; Valid: intact, of somebody else."""

    state: Literal["Trusted", "Valid", "Invalid"]
    failures: list[str]
    generator: str
    source: str
    ingredients: int
    mark: int | None


class Inspection(msgspec.Struct, frozen=True, rename={"kind": "object"}):
    """`video` null: deleted, or not for this viewer. `state` failed: nobody could look at the file."""

    id: str
    kind: str
    state: Literal["queued", "completed", "failed"]
    made_here: bool | None
    video: str | None
    confidence: float | None
    by: Literal["c2pa", "mark", "hash"] | None
    credentials: Credentials | None


class InspectedForm(msgspec.Struct, frozen=True):
    file: File


class InspectedUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`file`: the id of an upload, when signed in."""

    file: str


INSPECTION: Final = {
    "id": "insp_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "inspection",
    "state": "completed",
    "made_here": True,
    "video": VIDEO,
    "confidence": 0.99,
    "by": "mark",
    "credentials": None,
}
DOCS: Final = {
    "provenance.inspect": Doc(
        name="inspectFile",
        summary="Was this made here, and which clip is it",
        gives=Inspection,
        example=INSPECTION,
        sends=InspectedUpload,
        sends_example={"file": "upload_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"},
        form=InspectedForm,
        errors=(
            errors.InvalidValue,
            edge.WrongMediaType,
            edge.UploadTooLarge,
            edge.UploadUnknown,
            edge.UploadUnfinished,
            edge.UploadMisused,
        ),
        also={202: "Somebody is still looking; fetch it by its id"},
        links={"getInspection": ("inspection_id", "$response.body#/id")},
    ),
    "provenance.inspected": Doc(
        name="getInspection",
        summary="What was found out about a file",
        gives=Inspection,
        example=INSPECTION,
        errors=(provenance_errors.InspectionUnknown,),
        also={202: "Somebody is still looking"},
    ),
}
