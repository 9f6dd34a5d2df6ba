"""How far every landmark moves for a pose: the only place that knows what a jaw, a smile or a brow does."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.portrait.eyes import SQUINT
from generation.portrait.landmarks import (
    BESIDE_CORNERS,
    BROWS,
    CHEEKS,
    CHIN,
    CORNERS,
    LIPS,
    LOWER_IN,
    LOWER_MID,
    LOWER_OUT,
    OVAL,
    UPPER_IN,
    UPPER_MID,
    UPPER_OUT,
    Face,
    Floats,
)
from generation.portrait.pose import Pose

OPENING: Final = 0.26  # u, gap between the inner lips at jaw = 1
REST_JAW: Final = 0.8  # the widest photographed smile counts as this: speech needs room above it
GRIN_GAPS: Final = (0.06, 0.12)  # u, of the photographed opening: from lips just apart to a grin
GRIN_IN: Final = 0.26  # of its width, by which a mouth gets narrower when a grin goes
GRIN_DOWN, GRIN_CHEEK = 0.082, 0.035  # u, by which its corners and the cheeks above come down
COVER: Final = 0.030  # u, by which forward lips come down over the teeth
WIDE_EYES: Final = 0.042  # u, the upper lid's way up
UPPER_LOWER: Final = (((159,), (145,)), ((386,), (374,)))  # the middles of the lids
_ROWS: Final = ((UPPER_IN, UPPER_MID, UPPER_OUT, -1.0), (LOWER_IN, LOWER_MID, LOWER_OUT, 1.0))
_JAW_BONE: Final = list(dict.fromkeys((*CHIN, *OVAL, *CHEEKS)))


class Muscles:
    """One face's own amounts: how wide its jaw opens, how much a brow may move under a rim."""

    def __init__(self, face: Face, *, brow_share: float) -> None:
        """`brow_share` 0..1 of the usual brow travel."""
        self._face = face
        self._brow_share = brow_share
        self.opening = max(OPENING, face.gap / REST_JAW)
        self.rest = Pose(jaw=face.gap / self.opening if face.lips_apart else 0.0)
        self._grin = float(np.clip((face.gap - GRIN_GAPS[0]) / (GRIN_GAPS[1] - GRIN_GAPS[0]), 0, 1))
        self._u, self._v = face.axes(face.flat)
        self._gap = np.maximum(self._v[list(LOWER_IN)] - self._v[list(UPPER_IN)], 0)
        self._at = np.clip((self._u[list(UPPER_IN)] + self._u[list(LOWER_IN)]) / 2 / face.half, -1, 1)
        self._beside = [i for i in (*CHEEKS, *CHIN) if abs(self._v[i]) < 0.35]
        u, v = self._u[self._beside], self._v[self._beside]
        self._pull = np.exp(-((np.maximum(0, np.abs(u) - face.half) / 0.2) ** 2) - (v / 0.2) ** 2)
        u, v = self._u[_JAW_BONE], self._v[_JAW_BONE]
        low = np.clip((v + 0.033) / 0.35, 0, 1)
        self._bone_down = low * np.clip(1 - u**2, 0, 1)
        self._bone_in = low * np.sign(u) * np.clip(np.abs(u) / 0.66, 0, 1)
        u, v = self._u, self._v
        self._cheek = np.exp(-(((np.abs(u) - 0.62) / 0.3) ** 2) - ((v + 0.42) / 0.3) ** 2)

    def shifts(self, pose: Pose) -> Floats:
        """(468, 2) pixels, without the head's own turn."""
        du, dv = np.zeros(468), np.zeros(468)
        self._jaw(pose, du, dv)
        self._lips(pose, dv)
        self._corners(pose, du, dv)
        self._brow(pose, du, dv)
        self._open_eyes(pose, dv)
        return np.asarray(self._face.pixels(du, dv), np.float32)

    def _drop(self, pose: Pose) -> float:
        jaw = pose.jaw * (1 - 0.55 * pose.press) - self.rest.jaw
        return self.opening * (jaw if jaw > 0 else 0.6 * jaw)

    def _jaw(self, pose: Pose, du: NDArray[np.float64], dv: NDArray[np.float64]) -> None:
        drop = self._drop(pose)
        dv[_JAW_BONE] += 0.80 * drop * self._bone_down
        du[_JAW_BONE] -= 0.10 * drop * self._bone_in

    def _lips(self, pose: Pose, dv: NDArray[np.float64]) -> None:
        """The gap between the inner lips, column by column; the outer borders follow."""
        profile = np.clip(1 - np.abs(self._at) ** (2.2 - 0.7 * pose.round), 0, 1) ** 0.85
        shut = min(1.15 * pose.press, 1.0)  # the last of it is overshoot, or teeth would show through
        kept = min(1.0, pose.jaw / self.rest.jaw) if self.rest.jaw else 1.0
        more = self.opening * max(0.0, pose.jaw - self.rest.jaw) * profile
        tight = shut if self.rest.jaw else max(0.0, pose.press - 0.4)
        wanted = (self._gap * kept + more) * (1 - shut) - tight * (0.0066 + 0.15 * self._gap)
        change = wanted - self._gap
        if self.rest.jaw == 0:
            change = np.where((change < 0) & (more <= 0), np.maximum(change, -0.0066 * shut), change)
        up_share = np.where(change > 0, 0.04 if self.rest.jaw else 0.12, 0.42)
        loose = self._loose(pose)
        # forward lips reach further down over the teeth, and a grin's upper lip hangs when it is let go
        over = np.minimum(COVER * max(pose.round, 0.6 * loose), 0.5 * np.maximum(wanted, 0)) * profile
        for (inner, middle, outer, sign), share in zip(_ROWS, (up_share, 1 - up_share), strict=True):
            move = sign * share * change
            roll = max(0.0, pose.press - 0.4) * 0.026 * profile
            # lips that a grin has drawn out thin get their fullness back
            pout = (0.018 * pose.round + 0.022 * loose) * profile
            for row, part, rolled in ((inner, 1.0, 0.0), (middle, 0.97, 0.5), (outer, 0.90, 1.0)):
                dv[list(row)] += move * part + over - sign * roll * rolled + sign * pout * rolled

    def _loose(self, pose: Pose) -> float:
        """How far a photographed grin is let go: by the mood, and by every sound that rounds the lips."""
        return max(pose.slack, 0.8 * pose.round) * self._grin

    def _corners(self, pose: Pose, du: NDArray[np.float64], dv: NDArray[np.float64]) -> None:
        """In and out, up and down."""
        half, loose = self._face.half, self._loose(pose)
        smile = pose.smile * (0.5 if self.rest.jaw and pose.smile > 0 else 1.0)
        inward = 0.10 * pose.wide - (0.29 - 0.03 * self._grin) * pose.round + 0.09 * max(0.0, smile)
        inward -= GRIN_IN * loose
        du[list(LIPS)] += self._u[list(LIPS)] * inward
        du[self._beside] += np.clip(self._u[self._beside], -half, half) * inward * self._pull
        corners = [*CORNERS, *BESIDE_CORNERS]
        dv[corners] += 0.175 * self._drop(pose) - 0.022 * pose.wide
        lift = 0.085 * smile - GRIN_DOWN * loose
        dv[list(LIPS)] -= lift * (np.abs(self._u[list(LIPS)]) / half) ** 2
        dv[self._beside] -= lift * 0.8 * self._pull * np.clip(np.abs(self._u[self._beside]) / half, 0, 1) ** 2
        dv -= (0.05 * max(0.0, smile) - GRIN_CHEEK * loose) * self._cheek

    def _brow(self, pose: Pose, du: NDArray[np.float64], dv: NDArray[np.float64]) -> None:
        for brow in BROWS:
            rows = list(brow)
            share = np.where(
                np.arange(len(rows)) < len(rows) // 2, self._brow_share**0.6, self._brow_share
            )  # the upper
            inner = np.clip(1 - np.abs(self._u[rows]) / 0.7, 0, 1)
            up = 0.055 * pose.brow if pose.brow > 0 else 0.075 * pose.brow * inner
            up = up + pose.worry * (0.105 * inner - 0.020 * (1 - inner))
            dv[rows] -= up * share
            knit = min(0.0, pose.brow) * 0.04 - 0.018 * pose.worry
            du[rows] += knit * np.sign(self._u[rows]) * inner * share

    def _open_eyes(self, pose: Pose, dv: NDArray[np.float64]) -> None:
        """Wide eyes, a light squint, and the lower lid that a smile pushes up; what covers more of an eye is Eye's."""
        wide = (pose.lids if pose.lids > 0 else 2 * max(pose.lids, -SQUINT)) * (1 - pose.blink)
        pushed = 0.016 * max(0.0, pose.smile) + 0.010 * max(0.0, -pose.lids)
        for upper, lower in UPPER_LOWER:
            dv[list(upper)] -= WIDE_EYES * wide * self._brow_share
            dv[list(lower)] += 0.35 * WIDE_EYES * max(wide, 0.0) * self._brow_share - pushed
