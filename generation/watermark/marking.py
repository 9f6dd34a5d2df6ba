"""A take with its mark, in every picture and in the sound: whatever engine made it."""

from __future__ import annotations

import msgspec

from generation.engine import Take, Track
from generation.shapes import VideoShape
from generation.watermark import pictures, sounds


class Mark(msgspec.Struct, frozen=True):
    """`number`: 1 to 2**48 - 1, one clip's; `key`: 32 secret bytes, those of an instance."""

    number: int
    key: bytes


def marked(take: Take, shape: VideoShape, mark: Mark) -> Take:
    """The same take, as lazy as it was."""

    def track() -> Track:
        made = take.track()
        if not made.sound.any():
            return made
        return msgspec.structs.replace(made, sound=sounds.marked(made.sound, mark.number, mark.key))

    return msgspec.structs.replace(take, frames=pictures.marked(take.frames, shape, mark.number, mark.key), track=track)
