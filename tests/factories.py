"""Small real things for tests. One function per thing; every call makes a new one unless told otherwise."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path

import msgspec

from character_store import face_index
from character_store.face_centre import CENTRE
from character_store.likeness import Likeness
from character_store.master_key import KeyFile
from character_store.vault import Vault, new_key
from generation.perception.references import FaceReference, References, VoiceReference
from generation.plan import Screenplay

_numbers = itertools.count(1)


def unique(stem: str) -> str:
    """A word that no other call in this session returned: usable as a handle."""
    return f"{stem}{next(_numbers)}"


def a_file(folder: Path, content: bytes = b"moving pictures", name: str = "clip.mp4") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def a_master_file(folder: Path) -> Path:
    return a_file(folder, new_key(), f"{unique('master')}.key")


def a_vault(folder: Path) -> Vault:
    """With a master key of its own in that folder."""
    return Vault(KeyFile(a_master_file(folder)), bytes(32))


def an_identity(number: int = 0) -> bytes:
    """128 numbers of a face, as float32: another number is another person, more than the limit away."""
    values = list(CENTRE)
    values[number % face_index.NUMBERS] += 0.7
    return struct.pack("<128f", *values)


def a_likeness(number: int = 0) -> Likeness:
    """What measuring a person's references gives."""
    face = FaceReference(
        b"png",
        b"matte",
        bytes(468 * 12),
        150.0,
        0.0,
        0.0,
        0.0,
        glasses=True,
        mouth_open=0.0,
        identity=an_identity(number),
    )
    voice = VoiceReference(b"wav", bytes(1024), {"bf_emma": 1.0}, 0.8, 190.0)
    return Likeness(References(face, voice, {}), an_identity(number), {"yaw_left_deg": 24.5})


def changed_from(before: Screenplay, after: Screenplay) -> int | None:
    """The first shot that differs, counted from 1; None where none does."""
    if msgspec.structs.replace(before, shots=()) != msgspec.structs.replace(after, shots=()):
        return 1
    pairs = enumerate(zip(before.shots, after.shots, strict=True), 1)
    return next((number for number, (one, other) in pairs if one != other), None)
