"""What an upload is, from its first bytes and header alone: nothing is decoded in the web process."""

from __future__ import annotations

import asyncio
import io
import struct
from collections.abc import Mapping
from typing import Final

import filetype
import imagesize
import msgspec

from backend.errors import PictureOutOfBounds, UploadTooLarge, WrongMediaType

PICTURES: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP"}
SOUNDS: Final = {
    "audio/x-wav": "WAV",
    "audio/mpeg": "MP3",
    "audio/mp4": "M4A",
    "audio/m4a": "M4A",
    "audio/ogg": "Ogg",
    "video/webm": "WebM",
    "audio/webm": "WebM",
    "video/mp4": "MP4",
}
VIDEOS: Final = {
    "video/mp4": "MP4",
    "video/x-m4v": "MP4",
    "video/quicktime": "MOV",
    "video/webm": "WebM",
    "video/x-matroska": "WebM",
}
PERFORMANCES: Final = SOUNDS | VIDEOS
ARCHIVES: Final = {"application/zip": "ZIP"}
TYPE_BYTES: Final = 8192  # say what a file is
HEADER_BYTES: Final = 512 * 1024  # of a picture: its size stands within
SIDES: Final = (64, 12_000)  # pixels
PICTURE_BYTES: Final = 20 * 1024 * 1024
SOUND_BYTES: Final = 20 * 1024 * 1024
VIDEO_BYTES: Final = 64 * 1024 * 1024
PERFORMANCE_BYTES: Final = 40 * 1024 * 1024


class Upload(msgspec.Struct, frozen=True):
    """A file of a multipart body, in memory: faces and voices touch no disk before they are sealed."""

    filename: str
    content: bytes


async def picture(param: str, upload: Upload) -> bytes:
    """The bytes of a JPEG, PNG or WebP of sane size. Raises BadUpload leaves."""
    content = _content(param, upload, PICTURES, PICTURE_BYTES)
    await check_sides(param, upload.filename, content[:HEADER_BYTES])
    return content


async def check_sides(param: str, filename: str, head: bytes) -> None:
    """Of a picture, by the first HEADER_BYTES of it. Raises WrongMediaType or PictureOutOfBounds."""
    try:
        width, height = await asyncio.to_thread(imagesize.get, io.BytesIO(head))
    except (ValueError, TypeError, LookupError, struct.error):
        found = "a picture whose header cannot be read"
        raise WrongMediaType(param, filename or "", found, ", ".join(PICTURES.values())) from None
    if not (SIDES[0] <= width <= SIDES[1] and SIDES[0] <= height <= SIDES[1]):
        raise PictureOutOfBounds(param, width, height, *SIDES)


def sound(param: str, upload: Upload) -> bytes:
    """The bytes of a recording. Raises BadUpload leaves."""
    return _content(param, upload, SOUNDS, SOUND_BYTES)


def video(param: str, upload: Upload) -> bytes:
    """The bytes of a short video. Raises BadUpload leaves."""
    return _content(param, upload, VIDEOS, VIDEO_BYTES)


def performance(param: str, upload: Upload) -> bytes:
    """The bytes of a recording, with pictures or without. Raises BadUpload leaves."""
    return _content(param, upload, PERFORMANCES, PERFORMANCE_BYTES)


def _content(param: str, upload: Upload, kinds: dict[str, str], most: int) -> bytes:
    content = upload.content
    if len(content) > most:
        raise UploadTooLarge(param, len(content), most)
    check_type(param, upload.filename, content, kinds)
    return content


def check_type(param: str, filename: str, head: bytes, kinds: Mapping[str, str]) -> None:
    """By the first TYPE_BYTES of a file, or all of a shorter one. Raises WrongMediaType."""
    found = filetype.guess_mime(head)
    if found not in kinds:
        names = ", ".join(dict.fromkeys(kinds.values()))
        raise WrongMediaType(param, filename or "", _described(head, found), names)


def _described(content: bytes, found: str | None) -> str:
    if found is not None:
        return str(found)
    if not content:
        return "nothing"
    return "text" if b"\0" not in content[:512] else "bytes of no known kind"
