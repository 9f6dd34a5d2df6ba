"""What somebody does in one frame: the words between motion (who writes them) and the rig (who draws them)."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

MouthTrack = NDArray[np.float32]
"""(frames, 4): jaw, wide, round, press of every frame of the clip, as in Pose; NaN rows = not speaking: at rest."""

JAW, WIDE, ROUND, PRESS = range(4)


class Pose(msgspec.Struct, frozen=True):
    """jaw and press are absolute (a rig's `rest` is the photo's own); everything else is relative to the photo.

    u = inter-ocular distance.
    """

    jaw: float = 0.0  # 0 lips touch .. 1 wide open
    wide: float = 0.0  # -1 corners in .. 1 corners out
    round: float = 0.0  # 0 .. 1 lips forward
    press: float = 0.0  # 0 .. 1 lips shut from any jaw, rolled in
    smile: float = 0.0  # -1 corners down .. 1 corners and cheeks up
    blink: float = 0.0  # 0 .. 1 shut
    brow: float = 0.0  # -1 frown .. 1 raised
    worry: float = 0.0  # 0 .. 1 the brows' inner ends up, their outer ends down
    lids: float = 0.0  # -1 narrowed .. 1 wide open
    slack: float = 0.0  # 0 the mouth as photographed .. 1 a photographed grin let go; closed mouths have none
    gaze_x: float = 0.0  # -1 picture's left .. 1 right
    gaze_y: float = 0.0  # -1 up .. 1 down
    yaw: float = 0.0  # rad, + nose towards the picture's right; sane within 0.26
    pitch: float = 0.0  # rad, + nose down; sane within 0.09
    roll: float = 0.0  # rad, + clockwise in the picture
    dx: float = 0.0  # u, head against the neck's foot
    dy: float = 0.0
    sway: float = 0.0  # u, the whole body sideways
    breath: float = 0.0  # u, shoulders up
    lean: float = 0.0  # -1 back .. 1 towards the lens, the whole upper body
    stretch: float = 0.0  # figures only: share of the height, + taller and narrower; their roll is about the feet
    hop: float = 0.0  # figures only: heights above the ground
