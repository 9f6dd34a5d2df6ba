"""A sheet of the cast and the place: one picture that adapters trained for it look at while they make a clip.

As the IC-LoRA "Ingredients" wants it: everybody from every side that is kept, and the set, as panels of one picture,
which is given as a video that stands still (Lightricks' card of LTX-2.3-22b-IC-LoRA-Ingredients).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from generation.engine import Frame
from generation.joint.pictures import PLAIN, Look, laid_over, remembered, remembered_view
from generation.plan import CastMember

_SET: Final = 3  # the set takes a third of the height


def sheet_of(cast: Sequence[CastMember], looks: Mapping[str, Look], ground: Frame) -> Frame:
    """A row for everybody, the front first, and the set below them; as large as `ground` (height, width, 3).

    Raises PerceptionError for kept pictures that do not decode.
    """
    height, width = ground.shape[:2]
    made = np.full_like(ground, PLAIN)
    row_px = (height - height // _SET) // max(1, len(cast))
    for number, member in enumerate(cast):
        top = number * row_px
        panels = _panels(member, looks[member.speaker], width, row_px)
        made[top : top + row_px, : panels.shape[1]] = panels
    below = len(cast) * row_px
    made[below:] = laid_over(ground, width, height - below)
    return made


def _panels(member: CastMember, look: Look, width: int, height: int) -> Frame:
    """Front and sides beside each other, together `width` wide."""
    face = member.references.face
    views = [view for view in (face.left_png, face.right_png) if view] if face is not None else []
    borders = [round(number * width / (1 + len(views))) for number in range(2 + len(views))]
    panels = [remembered(look, borders[1], height)]
    panels += [remembered_view(view, borders[n + 2] - borders[n + 1], height) for n, view in enumerate(views)]
    return np.concatenate(panels, axis=1)
