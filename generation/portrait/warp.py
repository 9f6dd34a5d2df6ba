"""Two smooth fields that move one picture: one for the sheet above the lips, one for the sheet below.

Lips slide apart, so no single smooth field can open a closed mouth. Each field is a sum of Gaussians around landmarks
(radial basis functions) on a coarse grid: one matrix product a frame, inverted on the grid, enlarged to pixels last.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.portrait.landmarks import (
    AROUND_EYES,
    BROWS,
    CHEEKS,
    CHIN,
    CORNERS,
    LOWER_IN,
    LOWER_MID,
    LOWER_OUT,
    NOSE,
    OVAL,
    UPPER_IN,
    UPPER_MID,
    UPPER_OUT,
    Face,
    Floats,
)
from generation.portrait.pose import Pose

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels; the last column and row are outside."""

CELL: Final = 0.075  # u, of the coarse grid
NEAR, FAR, FAR_SHARE = 0.165, 0.48, 0.3  # u: widths of the two Gaussians; weight of the wide one
RIDGE: Final = 1e-3  # larger: smoother, but lips lag behind their points
MARGIN: Final = 0.32  # u from the box's border to where the fields have their full strength
TURN: Final = 1.5  # the outline of the head stays, so its middle goes further to read as the same turn
ROUNDS: Final = 4  # of the fixed point
NO_MAP: Final[Any] = None  # remap's second map: the first holds x and y

_BOTH: Final = (*NOSE, *CHEEKS, *OVAL, *AROUND_EYES, *BROWS[0], *BROWS[1], *CORNERS)


class Sheets:
    """The two fields of one face in a box of `size` (width, height) pixels. Reading only, so threads may share it."""

    def __init__(self, face: Face, size: tuple[int, int]) -> None:
        """`face` in the box's own pixels."""
        self._face, self._size = face, size
        width, height = size
        self._cells = (max(8, round(width / (CELL * face.u))), max(8, round(height / (CELL * face.u))))
        # cv2.resize puts the middle of a cell here
        xs = (np.arange(self._cells[0]) + 0.5) * width / self._cells[0] - 0.5
        ys = (np.arange(self._cells[1]) + 0.5) * height / self._cells[1] - 0.5
        grid = np.stack(np.meshgrid(xs, ys), -1)
        self._here = np.dstack(np.meshgrid(np.arange(self._cells[0]), np.arange(self._cells[1]))).astype(np.float32)
        self._step = np.array((self._cells[0] / width, self._cells[1] / height), np.float32)
        rim = np.minimum.reduce([grid[..., 0], width - 1 - grid[..., 0], grid[..., 1], height - 1 - grid[..., 1]])
        rim = np.clip((rim / face.u - CELL) / MARGIN, 0, 1)  # 0 on all of the outermost cells, so no seam
        self._hold = (rim * rim * (3 - 2 * rim))[..., None].astype(np.float32)
        self._make_fields(grid)
        self._make_turns(grid)
        u, v = face.axes(grid)
        middle = (face.flat[list(UPPER_IN)] + face.flat[list(LOWER_IN)]) / 2
        at, line = face.axes(middle)
        away = np.abs(u) / face.half  # 1 at the corners
        soft = 0.03 + 0.08 * np.clip(away - 1, 0, 1)
        below = (v - np.interp(u, at, line)) / soft
        self._above = (1 / (1 + np.exp(np.clip(below, -40, 40)))).astype(np.float32)[..., None]
        self._apart = np.clip((1.3 - away) / 0.2, 0, 1).astype(np.float32)[..., None]  # 0: the sheets are one
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
        self.identity: Floats = np.dstack([columns, rows])

    def _make_fields(self, grid: NDArray[Any]) -> None:
        """The matrices from the landmarks' shifts to the shifts of grid and lips."""
        face = self._face
        upper = tuple(dict.fromkeys((*_BOTH, *UPPER_IN, *UPPER_MID, *UPPER_OUT)))
        lower = tuple(dict.fromkeys((*_BOTH, *LOWER_IN, *LOWER_MID, *LOWER_OUT, *CHIN)))
        # An open mouth shows teeth on both sheets. They move with the sheet's own lip, else closing would fold it.
        ghosts = ((LOWER_IN, UPPER_IN), (UPPER_IN, LOWER_IN)) if face.lips_apart else (((), ()), ((), ()))
        nodes = grid.reshape(-1, 2)
        self._names, self._to_grid, self._to_lip = [], [], []
        for own, (places, leaders), lip in zip((upper, lower), ghosts, (UPPER_IN, LOWER_IN), strict=True):
            centres = face.flat[[*own, *places[1:-1]]]
            inverse = np.linalg.inv(self._kernel(centres, centres) + RIDGE * np.eye(len(centres)))
            self._names.append([*own, *leaders[1:-1]])
            self._to_grid.append((self._kernel(nodes, centres) @ inverse).astype(np.float32))
            self._to_lip.append((self._kernel(face.flat[list(lip)], centres) @ inverse).astype(np.float32))

    def _make_turns(self, grid: NDArray[Any]) -> None:
        """What one radian of yaw and of pitch do to the grid, in pixels: depth shears the face, its outline stays."""
        face = self._face
        square = ((grid.reshape(-1, 1, 2) - face.flat[None, ::4]) ** 2).sum(-1)
        near = np.exp(-square / (2 * (0.2 * face.u) ** 2))
        weight = near.sum(1)
        depth = (near @ face.depth[::4] / (weight + 0.4)).reshape(grid.shape[:2])
        depth = np.asarray(cv2.GaussianBlur(depth * TURN, (0, 0), 2.0))[..., None]
        self._yaw = (-depth * face.right * self._hold).astype(np.float32)
        self._pitch = (-(depth + 0.15 * face.u * (depth < 0)) * face.down * self._hold).astype(np.float32)

    def _kernel(self, a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
        square = ((a[:, None] - b[None]) ** 2).sum(-1) / self._face.u**2
        kernel: NDArray[np.float64] = np.exp(-square / (2 * NEAR**2)) + FAR_SHARE * np.exp(-square / (2 * FAR**2))
        return kernel

    def head(self, pose: Pose) -> Floats:
        """The head's turn on the grid, (rows, columns, 2) pixels."""
        return np.asarray(self._yaw * np.float32(pose.yaw) + self._pitch * np.float32(pose.pitch), np.float32)

    def lips(self, shifts: Floats, head: Floats) -> list[NDArray[Any]]:
        """Where the inner lips (UPPER_IN, LOWER_IN) come to lie, two arrays (11, 2) of pixels."""
        return [
            self._face.flat[list(row)] + matrix @ shifts[names] + self.at(head, self._face.flat[list(row)])
            for row, matrix, names in zip((UPPER_IN, LOWER_IN), self._to_lip, self._names, strict=True)
        ]

    def backward(self, shifts: Floats, head: Floats) -> tuple[Floats, Floats, Floats]:
        """For the whole box, the upper and the lower sheet: how far a pixel of the frame lies from its source."""
        upper, lower = (
            self._inverse((matrix @ shifts[names]).reshape(head.shape) * self._hold + head)
            for matrix, names in zip(self._to_grid, self._names, strict=True)
        )
        whole = lower + (upper - lower) * self._above
        return whole, whole + (upper - whole) * self._apart, whole + (lower - whole) * self._apart

    def _inverse(self, forward: Floats) -> Floats:
        """Fixed point on the grid, from "a source pixel goes by" to "a pixel of the frame comes by"."""
        back = forward
        for _ in range(ROUNDS):
            at = self._here - back * self._step
            back = np.asarray(cv2.remap(forward, at, NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        return back

    def sample(self, source: NDArray[np.uint8], back: Floats, box: Box) -> NDArray[np.uint8]:
        """A part of the frame: the source's pixels at (x, y) - back."""
        x0, y0, x1, y1 = box
        sx, sy = float(self._step[0]), float(self._step[1])
        matrix = np.array([[sx, 0, (x0 + 0.5) * sx - 0.5], [0, sy, (y0 + 0.5) * sy - 0.5]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (x1 - x0, y1 - y0)
        if size == self._size:
            large = np.asarray(cv2.resize(back, size, interpolation=cv2.INTER_LINEAR))
        else:
            large = np.asarray(cv2.warpAffine(back, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))
        at = cv2.subtract(self.identity[y0:y1, x0:x1], large)
        kind = cv2.INTER_LINEAR if size == self._size else cv2.INTER_CUBIC
        return np.asarray(cv2.remap(source, at, NO_MAP, kind, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def at(self, values: Floats, xy: NDArray[Any]) -> Floats:
        """Grid values at (n, 2) pixels of the box."""
        place = ((xy + 0.5) * self._step - 0.5).astype(np.float32)
        there = cv2.remap(values, place[None], NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(there[0], np.float32)
