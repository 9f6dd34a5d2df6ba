"""Echo's memory: ordered slots of a picture and, where one is known, a voice. What is in a slot looks and sounds so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import torch
from PIL import Image

from generation.joint import casting
from generation.joint.pictures import look_of, remembered, remembered_view
from generation.perception.recordings import RATE
from generation.plan import CastMember

MOST_SLOTS: Final = 7


class Slot(msgspec.Struct, frozen=True, eq=False):
    """`picture` (height, width, 3) as a PIL image of the clip's size; `voice` (1, samples) at 16 kHz, None = silent."""

    picture: Image.Image
    voice: torch.Tensor | None = None


def slots(needed: Sequence[CastMember], width: int, height: int) -> list[Slot]:
    """Face and voice of everybody in order, then silent side views of those who have them, as long as there is room.

    Raises PerceptionError for kept pictures or recordings that do not decode.
    """
    fronts = [
        Slot(Image.fromarray(remembered(look_of(member), width, height)), casting.voice_of(member)) for member in needed
    ]
    views = [
        view
        for member in needed
        if member.references.face is not None
        for view in (member.references.face.left_png, member.references.face.right_png)
        if view
    ]
    room = MOST_SLOTS - len(fronts)
    return [*fronts, *(Slot(Image.fromarray(remembered_view(view, width, height))) for view in views[:room])]


def arguments(memory: Sequence[Slot]) -> dict[str, Any]:
    """As the pipeline takes them: three lists of one length, or nothing at all."""
    if not memory:
        return {}
    return {
        "memory_images": [slot.picture for slot in memory],
        "memory_audio_waveforms": [slot.voice for slot in memory],
        "memory_audio_sample_rates": [RATE for _ in memory],
    }
