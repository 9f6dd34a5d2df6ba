"""Said about uploads: tus 1.0 (https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from backend import errors
from backend.contract.doc import Doc
from character_store import errors as characters

BYTES: Final = "application/offset+octet-stream"


class Upload(msgspec.Struct, frozen=True):
    """`received` of `bytes` are here."""

    id: str
    object: str
    kind: str
    filename: str
    bytes: int
    received: int
    completed_at: datetime | None
    expires_at: datetime


UPLOAD: Final = {
    "id": "upload_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "upload",
    "kind": "picture",
    "filename": "rex.png",
    "bytes": 4194304,
    "received": 1048576,
    "completed_at": None,
    "expires_at": "2026-11-24T09:30:00Z",
}
_WRITING: Final = (
    errors.TusVersionUnknown,
    errors.TusBodyUnknown,
    errors.UploadUnknown,
    errors.UploadLocked,
    errors.UploadOverrun,
    errors.OffsetMismatch,
    errors.ChecksumMismatch,
    errors.UploadStalled,
    errors.WrongMediaType,
    errors.PictureOutOfBounds,
)
_STANDING: Final = ("Tus-Resumable", "Upload-Offset", "Upload-Expires")

DOCS: Final = {
    "uploads.can": Doc(
        name="getUploadAbilities",
        summary="What the upload server speaks",
        headers=("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"),
    ),
    "uploads.create": Doc(
        name="createUpload",
        summary="Announce a file, perhaps with its first bytes",
        takes=BYTES,
        needs=("Tus-Resumable", "Upload-Length", "Upload-Metadata"),
        asks=("Upload-Checksum",),
        errors=(
            *_WRITING,
            errors.UploadTooLarge,
            errors.UploadsFull,
            characters.ConsentNeeded,
            characters.ConsentUnknown,
        ),
        headers=(*_STANDING, "Location"),
    ),
    "uploads.standing": Doc(
        name="getUploadOffset",
        summary="Where an upload goes on",
        needs=("Tus-Resumable",),
        errors=(errors.TusVersionUnknown, errors.UploadUnknown),
        headers=(*_STANDING, "Upload-Length", "Upload-Metadata", "Cache-Control"),
    ),
    "uploads.one": Doc(
        name="getUpload",
        summary="An upload as JSON",
        gives=Upload,
        example=UPLOAD,
        errors=(errors.UploadUnknown,),
    ),
    "uploads.proceed": Doc(
        name="appendUpload",
        summary="More bytes",
        takes=BYTES,
        needs=("Tus-Resumable", "Upload-Offset"),
        asks=("Upload-Checksum",),
        errors=_WRITING,
        headers=_STANDING,
    ),
    "uploads.overridden": Doc(
        name="overrideUpload",
        summary="PATCH or DELETE for clients that can send neither",
        takes=BYTES,
        needs=("Tus-Resumable", "X-HTTP-Method-Override"),
        asks=("Upload-Offset", "Upload-Checksum"),
        errors=_WRITING,
        headers=_STANDING,
    ),
    "uploads.remove": Doc(
        name="deleteUpload",
        summary="Delete an upload",
        needs=("Tus-Resumable",),
        errors=(errors.TusVersionUnknown, errors.UploadUnknown),
        headers=("Tus-Resumable",),
    ),
}
