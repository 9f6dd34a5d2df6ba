"""An export, opened by somebody who trusts nothing of it: checked whole before anything is taken in.

ImportRefused for whatever is not exactly what its manifest says: names that are not plain, twice the same, missing or
too many; sizes and hashes that do not fit; more than was promised when it is unpacked.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final
from uuid import UUID

import msgspec

from backend import ids, sniff
from backend.errors import BadUpload, ImportRefused
from backend.packing import FORMAT, VERSION, Manifest
from generation.shapes import SIZES
from social.clips import PROMPT_MAX
from social.publication import CAPTION_MAX

NAME: Final = re.compile(r"(?!\.+(/|$))[A-Za-z0-9_.-]{1,100}(/(?!\.+(/|$))[A-Za-z0-9_.-]{1,100}){0,4}")
FILES_MOST: Final = 200_000
UNPACKED_MOST: Final = 16 * 1024**3  # bytes
JSON_MOST: Final = 64 * 1024**2
CHUNK: Final = 1024 * 1024
KINDS: Final = {
    "video": {"video/mp4": "MP4"},
    "thumbnail": {"image/webp": "WebP", "image/jpeg": "JPEG"},
    "spritesheet": {"image/jpeg": "JPEG", "image/webp": "WebP"},
}
MODEL_MOST: Final = 100  # characters
SECONDS_SHAPE: Final = re.compile(r"[1-9][0-9]?", re.ASCII)
# What the standard library raises for ZIPs that are none.
UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    LookupError,
)
SUFFIXES: Final = (".mp4", ".webp", ".jpg", ".vtt")


class ClipCard(msgspec.Struct, frozen=True):
    """What is taken from clip.json; `files` by variant, beside it."""

    id: str
    status: str
    prompt: str
    model: str
    size: str
    seconds: str
    seed: int
    caption: str
    files: dict[str, str]
    exact_created_at: datetime
    exact_completed_at: datetime | None = None
    remixed_from_video_id: str | None = None
    screenplay: dict[str, Any] | None = None
    engine: dict[str, Any] | None = None
    blurhash: str | None = None

    @property
    def key(self) -> UUID:
        """Raises ImportRefused."""
        return _key("video", self.id)

    @property
    def parent(self) -> UUID | None:
        """Raises ImportRefused."""
        return None if self.remixed_from_video_id is None else _key("video", self.remixed_from_video_id)


class NoticeCard(msgspec.Struct, frozen=True):
    kind: str
    about: dict[str, Any]
    at: datetime
    read_at: datetime | None


class Opened:
    """A ZIP whose every byte has been checked. Use from one thread at a time; the caller closes the file."""

    def __init__(self, file: BinaryIO, on_progress: Callable[[int], None]) -> None:
        """Reads everything once. `on_progress` 0 to 100. Raises ImportRefused."""
        try:
            self._zip = zipfile.ZipFile(file)
            self._infos = _plain_names(self._zip)
            self.manifest = self._manifest()
            self._check_files(on_progress)
        except UNREADABLE as error:
            raise ImportRefused(f"the file is no whole ZIP: {error}") from None
        self.clips = self._clips()
        self.notices = self._read("notices.json", tuple[NoticeCard, ...])
        self.characters = sum(name.endswith("/character.json") for name in self._infos)

    def file(self, card: ClipCard, variant: str, into: Path) -> Path:
        """One of a clip's files, written to a folder."""
        name = f"clips/{card.id}/{card.files[variant]}"
        path = into / f"{variant}{PurePosixPath(name).suffix}"
        with self._zip.open(name) as packed, path.open("wb") as plain:
            while piece := packed.read(CHUNK):
                plain.write(piece)
        return path

    def _manifest(self) -> Manifest:
        manifest: Manifest = self._read("manifest.json", Manifest)
        if (manifest.format, manifest.version) != (FORMAT, VERSION):
            found = f"{manifest.format[:40]!r} {manifest.version}"
            raise ImportRefused(f"the manifest says {found}; allowed: {FORMAT!r} {VERSION}")
        named = [file.name for file in manifest.files]
        if len(set(named)) != len(named):
            raise ImportRefused("the manifest names a file twice")
        if {*named, "manifest.json"} != set(self._infos):
            other = min({*named, "manifest.json"} ^ set(self._infos))
            raise ImportRefused(f"{other[:100]!r} stands in the manifest or in the ZIP, and not in both")
        return manifest

    def _check_files(self, on_progress: Callable[[int], None]) -> None:
        total, seen = sum(file.size for file in self.manifest.files) or 1, 0
        for file in self.manifest.files:
            if self._infos[file.name].file_size != file.size:
                raise ImportRefused(f"{file.name!r} is not of the size that the manifest says")
            digest = hashlib.sha256()
            with self._zip.open(file.name) as packed:
                while piece := packed.read(CHUNK):
                    digest.update(piece)
                    seen += len(piece)
            if digest.hexdigest() != file.sha256:
                raise ImportRefused(f"{file.name!r} is not the file that the manifest says: its SHA-256 differs")
            on_progress(100 * seen // total)

    def _clips(self) -> tuple[ClipCard, ...]:
        """Finished ones. Raises ImportRefused."""
        found = []
        for name in sorted(self._infos):
            if not (name.startswith("clips/") and name.endswith("/clip.json")):
                continue
            card = self._read(name, ClipCard)
            if name != f"clips/{card.id}/clip.json":
                raise ImportRefused(f"{name!r} is the clip {card.id[:60]!r}")
            if card.status == "completed" and "video" in card.files:
                self._check_clip(name, card)
                found.append(card)
        return tuple(found)

    def _check_clip(self, name: str, card: ClipCard) -> None:
        fits = (
            len(card.prompt) <= PROMPT_MAX,
            len(card.caption) <= CAPTION_MAX,
            len(card.model) <= MODEL_MOST,
            card.size in SIZES,
            SECONDS_SHAPE.fullmatch(card.seconds) is not None,
            0 <= card.seed < 2**31,
            card.exact_created_at.tzinfo is not None,
        )
        if not all(fits):
            raise ImportRefused(f"{name!r} holds a value that no clip may have")
        if card.parent == card.key:
            raise ImportRefused(f"{name!r} is made from itself")
        for variant, file in card.files.items():
            path = f"clips/{card.id}/{file}"
            if path not in self._infos or PurePosixPath(file).suffix not in SUFFIXES or "/" in file:
                raise ImportRefused(f"{name!r} names a file that is not there: {file[:60]!r}")
            if variant in KINDS:
                with self._zip.open(path) as packed:
                    head = packed.read(sniff.TYPE_BYTES)
                try:
                    sniff.check_type(path, file, head, KINDS[variant])
                except BadUpload as error:
                    raise ImportRefused(str(error)) from None

    def _read(self, name: str, kind: Any) -> Any:
        if name not in self._infos:
            raise ImportRefused(f"there is no {name!r} in the ZIP")
        if self._infos[name].file_size > JSON_MOST:
            raise ImportRefused(f"{name!r} is larger than {JSON_MOST:,} bytes")
        try:
            with self._zip.open(name) as packed:
                content = packed.read(JSON_MOST + 1)
            if b"\\u0000" in content:
                raise ImportRefused(f"{name!r} holds a NUL character")
            return msgspec.json.decode(content, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ImportRefused(f"{name!r} cannot be read: {error}") from None


def _plain_names(pack: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Raises ImportRefused."""
    infos = pack.infolist()
    if len(infos) > FILES_MOST:
        raise ImportRefused(f"there are {len(infos):,} files; allowed: up to {FILES_MOST:,}")
    total = sum(info.file_size for info in infos)
    if total > UNPACKED_MOST:
        raise ImportRefused(f"unpacked it has {total:,} bytes; allowed: up to {UNPACKED_MOST:,}")
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if NAME.fullmatch(info.filename) is None:
            raise ImportRefused(f"{info.filename[:100]!r} is no name of a file in an export")
        if info.filename in found:
            raise ImportRefused(f"{info.filename!r} is in the ZIP twice")
        if info.flag_bits & 1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ImportRefused(f"{info.filename!r} is encrypted or packed in a way that no export is")
        if info.compress_type == zipfile.ZIP_DEFLATED and info.file_size > JSON_MOST:
            raise ImportRefused(f"{info.filename!r} unpacks to {info.file_size:,} bytes; allowed: {JSON_MOST:,}")
        found[info.filename] = info
    return found


def _key(prefix: ids.Prefix, public: str) -> UUID:
    key = ids.parse(prefix, public)
    if key is None:
        raise ImportRefused(f"{public[:60]!r} is no id of a {prefix}")
    return key


class Window(io.RawIOBase):
    """A seekable file over `read(start, stop)`, for readers that know no other: holds one piece."""

    def __init__(self, size: int, piece: int, read: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size, self._piece, self._read = size, piece, read
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, into: Any) -> int:
        if self._at >= self._size:
            return 0
        number = self._at // self._piece
        if self._held[0] != number:
            start = number * self._piece
            self._held = (number, self._read(start, min(start + self._piece, self._size)))
        content = self._held[1][self._at - number * self._piece :][: len(into)]
        into[: len(content)] = content
        self._at += len(content)
        return len(content)
