"""What may be uploaded: how much of it, of which types, and whether it may hold a face or voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from backend import sniff


class Kind(msgspec.Struct, frozen=True):
    """`likeness`: no byte is accepted without a consent receipt. `session`: not for API keys."""

    types: Mapping[str, str]
    most: int  # bytes
    likeness: bool
    session: bool = True


KINDS: Final[Mapping[str, Kind]] = {
    "capture": Kind(sniff.VIDEOS, sniff.VIDEO_BYTES, likeness=True),
    "photo": Kind(sniff.PICTURES, sniff.PICTURE_BYTES, likeness=True),
    "voice": Kind(sniff.SOUNDS, sniff.SOUND_BYTES, likeness=True),
    "video": Kind(sniff.VIDEOS, sniff.VIDEO_BYTES, likeness=True, session=False),
    "performance": Kind(sniff.PERFORMANCES, sniff.PERFORMANCE_BYTES, likeness=True, session=False),
    "picture": Kind(sniff.PICTURES, sniff.PICTURE_BYTES, likeness=False, session=False),
    "import": Kind(sniff.ARCHIVES, 8 * 1024**3, likeness=False),
}
MOST: Final = max(kind.most for kind in KINDS.values())
# Which kinds may stand in which field of a form.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "photos": ("photo", "picture"),
    "voice": ("voice",),
    "capture": ("capture",),
    "video": ("video", "capture"),
    "performance": ("performance", "voice", "video"),
    "file": ("video", "performance", "capture"),
    "input_reference": ("picture", "photo"),
}


async def check_head(kind: str, filename: str, head: bytes, *, complete: bool) -> None:
    """By the first bytes of an upload; `complete`: the file has no more, or HEADER_BYTES are there.

    Raises WrongMediaType or PictureOutOfBounds.
    """
    types = KINDS[kind].types
    sniff.check_type("upload", filename, head[: sniff.TYPE_BYTES], types)
    if complete and types is sniff.PICTURES:
        await sniff.check_sides("upload", filename, head)
