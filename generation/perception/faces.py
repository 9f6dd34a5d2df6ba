"""Faces in a photo: where they are and their 468 points, by three small networks on one CPU thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import msgspec
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from generation.perception.face import Box, Face, Floats, measured, overlap, rotated, upright
from generation.perception.photos import Photo

MODELS: Final = Path(__file__).parent / "models"
_LOOK_PX: Final = 1000  # longer side in which faces are looked for
_DETECT_PX, _POINTS_PX, _MASK_PX = 128, 192, 256  # the networks' inputs
_ANCHORS: Final = np.array(
    [((x + 0.5) / g, (y + 0.5) / g) for g, n in ((16, 2), (8, 6)) for y in range(g) for x in range(g) for _ in range(n)]
)
_MIN_SCORE: Final = 0.5
_MIN_PRESENCE: Final = 0.9
_SAME_FACE: Final = 0.3  # boxes that overlap more are one face
_CROP: Final = 1.5  # side of the square for the points, in box sides
_MASK_REACHES: Final = (1.7, 2.6, 4.5)  # face heights around a face that its masks cover


class FaceMeter:
    """The three loaded networks (see models/README.md). 0.1 s to load; not thread-safe: one for each thread."""

    def __init__(self, folder: Path = MODELS) -> None:
        self._detect = _loaded(folder / "face_detection_short_range.tflite")
        self._points = _loaded(folder / "face_landmark.tflite")
        self._segment = _loaded(folder / "selfie_segmentation.tflite")

    def faces(self, photo: Photo, turns: Sequence[int] = range(4)) -> tuple[Face, ...]:
        """All faces, tallest first, however the photo is turned: by one of `turns` quarter turns.

        The detector sees 128x128 pixels, so a face below a tenth of the picture shows only in a tile: whole and
        halves are always looked at, quarters only if these show nothing. Faces below a twentieth are not found.
        """
        shrink = min(1.0, _LOOK_PX / max(photo.shape[:2]))
        small = photo
        if shrink < 1:
            size = (max(1, round(photo.shape[1] * shrink)), max(1, round(photo.shape[0] * shrink)))
            small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        for parts in ((1, 2), (4,)):
            seen = [face for turn in turns for face in self._seen(small, turn, parts)]
            if seen:
                break
        # The other way up a face can pass for another one; its detector is never as sure of it.
        apart: list[Face] = []
        for face in sorted(seen, key=lambda face: -face.score * face.presence):
            if all(overlap(face.box, other.box) < _SAME_FACE for other in apart):
                apart.append(face)
        full = (self._again(photo, face, small.shape) for face in apart)
        return tuple(sorted((face for face in full if face is not None), key=lambda face: -face.height))

    def person(self, photo: Photo, face: Face) -> Floats:
        """The segmentation network's rough person mask of an upright photo, (H, W), 0..1, soft over a few pixels.

        The mean of views that reach differently far around the face and of their mirror images: a single view of
        this small network tears where the background resembles the clothes.
        """
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        height, width = photo.shape[:2]
        total, weight = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
        for reach in _MASK_REACHES:
            half = reach * face.height
            x0, x1 = max(0, round(x - half)), min(width, round(x + half))
            y0, y1 = max(0, round(y - half)), min(height, round(y + half))
            view = photo[y0:y1, x0:x1]
            mask = (self._mask(view) + self._mask(view[:, ::-1])[:, ::-1]) / 2
            # a closer view counts more, and less towards the borders that cut it off
            inner = np.zeros(view.shape[:2], np.float32)
            rim = max(1, round(0.25 * face.height))
            rows = slice(0 if y0 == 0 else rim, None if y1 == height else -rim)
            columns = slice(0 if x0 == 0 else rim, None if x1 == width else -rim)
            inner[rows, columns] = 1 / reach
            inner = cv2.blur(inner, (2 * rim + 1, 2 * rim + 1), borderType=cv2.BORDER_REPLICATE) + np.float32(1e-3)
            total[y0:y1, x0:x1] += mask * inner
            weight[y0:y1, x0:x1] += inner
        whole = self._mask(photo)
        return np.where(weight > 0, total / np.maximum(weight, 1e-6), whole).astype(np.float32)

    def followed(self, photo: Photo, points: Floats) -> Floats | None:
        """The points of an upright face a frame later, (468, 3), from where they were; None when it is gone. 5 ms."""
        found, presence = self._landmarks(photo, *_square_of(points))
        return found if presence >= _MIN_PRESENCE and upright(found) else None

    def _mask(self, photo: Photo) -> Floats:
        small = cv2.resize(photo, (_MASK_PX, _MASK_PX), interpolation=cv2.INTER_AREA)
        rough = _run(self._segment, small / np.float32(255))["activation_10"][0, ..., 0]
        return np.clip(cv2.resize(rough, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC), 0, 1).astype(np.float32)

    def _seen(self, photo: Photo, turn: int, parts: tuple[int, ...]) -> list[Face]:
        """Upright faces of the photo after `turn` quarter turns, in pixels of the photo before them."""
        turned = np.ascontiguousarray(np.rot90(photo, turn))
        height, width = turned.shape[:2]
        rows = [row for n in parts for tile in _tiles(width, height, n) for row in self._rows(turned, *tile)]
        faces: list[Face] = []
        for row in _apart(rows):
            eyes = row[7:9] - row[5:7]
            side = float(max(row[3:5])) * _CROP
            points, presence = self._landmarks(
                turned, float(row[1]), float(row[2]), side, float(np.arctan2(eyes[1], eyes[0]))
            )
            if presence >= _MIN_PRESENCE and upright(points):
                face = measured(turned, points, float(row[0]), presence)
                faces.append(_turned_back(face, turn, turned.shape))
        return faces

    def _again(self, photo: Photo, face: Face, seen_in: tuple[int, ...]) -> Face | None:
        """Measure a face in the full photo: a second pass on the square of the first one's points is steadier."""
        turned = np.ascontiguousarray(np.rot90(photo, face.turn))
        small = (seen_in[1], seen_in[0]) if face.turn % 2 else (seen_in[0], seen_in[1])
        points = rotated(face.points, face.turn, seen_in) * np.float32(turned.shape[0] / small[0])
        points, presence = self._landmarks(turned, *_square_of(points))
        if presence < _MIN_PRESENCE or not upright(points):
            return None
        return _turned_back(measured(turned, points, face.score, presence), face.turn, turned.shape)

    def _rows(self, photo: Photo, left: int, top: int, side: int) -> list[Floats]:
        """Rows (score, centre x, y, width, height, 6 x (x, y)) in pixels of the photo, from one square of it."""
        square = _square(photo, left + side / 2, top + side / 2, side, 0.0, size=_DETECT_PX)[0]
        out = _run(self._detect, square / np.float32(127.5) - 1)
        scores = 1 / (1 + np.exp(-np.clip(out["classificators"][0, :, 0], -80, 80)))
        rows = out["regressors"][0] / _DETECT_PX
        rows[:, :2] += _ANCHORS
        rows[:, 4:] += np.tile(_ANCHORS, 6)
        rows *= side
        rows[:, :2] += (left, top)
        rows[:, 4:] += np.tile((left, top), 6)
        return [np.append(np.float32(scores[i]), rows[i]) for i in np.flatnonzero(scores > _MIN_SCORE)]

    def _landmarks(self, photo: Photo, x: float, y: float, side: float, angle: float) -> tuple[Floats, float]:
        """Points in pixels of the photo and the probability of a face, from the turned square around (x, y)."""
        square, back = _square(photo, x, y, side, angle, size=_POINTS_PX)
        out = _run(self._points, square / np.float32(255))
        points = out["conv2d_21"].reshape(468, 3)
        placed = np.column_stack([points[:, :2] @ back[:, :2].T + back[:, 2], points[:, 2] * (side / _POINTS_PX)])
        return placed.astype(np.float32), float(1 / (1 + np.exp(-np.clip(out["conv2d_31"].item(), -80, 80))))


def _loaded(path: Path) -> Any:
    network = Interpreter(model_path=str(path), num_threads=1)  # two threads are slower on models this small
    network.allocate_tensors()
    return network


def _run(network: Any, picture: NDArray[Any]) -> dict[str, Floats]:
    """Outputs by name: their order differs from file to file."""
    network.set_tensor(network.get_input_details()[0]["index"], picture[None].astype(np.float32))
    network.invoke()
    return {out["name"]: network.get_tensor(out["index"]) for out in network.get_output_details()}


def _square(photo: Photo, x: float, y: float, side: float, angle: float, *, size: int) -> tuple[Photo, Floats]:
    """The square (side pixels, turned by angle) around (x, y) as size x size, and the 2x3 matrix back to the photo.

    Black outside the photo. A much bigger square is first shrunk with averaging: warpAffine alone would alias.
    """
    shrink = max(1, int(side / size / 1.5))
    small = photo
    if shrink > 1:
        wanted = (max(1, photo.shape[1] // shrink), max(1, photo.shape[0] // shrink))
        small = cv2.resize(photo, wanted, interpolation=cv2.INTER_AREA).astype(np.uint8)
    c, s = np.cos(angle) * side / size, np.sin(angle) * side / size
    middle = (size - 1) / 2
    back = np.array([[c, -s, x - (c - s) * middle], [s, c, y - (s + c) * middle]])
    scale = np.array([small.shape[1] / photo.shape[1], small.shape[0] / photo.shape[0]])[:, None]
    to_small = back * scale
    to_small[:, 2] += (scale[:, 0] - 1) / 2  # pixel centres
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(small, to_small, (size, size), flags=flags), np.uint8), back.astype(np.float32)


def _tiles(width: int, height: int, parts: int) -> Iterator[tuple[int, int, int]]:
    """Left, top and side of half-overlapping squares, `parts` of them along the longer side."""
    side = max(1, max(width, height) // parts)
    step = max(1, side // 2)
    if parts == 1:
        yield 0, 0, side
        return
    for top in range(0, max(1, height - step), step):
        for left in range(0, max(1, width - step), step):
            yield left, top, side


def _apart(rows: list[Floats]) -> list[Floats]:
    """One row a face: the mean of the boxes that overlap its best one, weighted by score."""
    rest = sorted(rows, key=lambda row: -row[0])
    faces: list[Floats] = []
    while rest:
        best = _box(rest[0])
        same = [row for row in rest if overlap(best, _box(row)) > _SAME_FACE]
        mean = np.average(np.stack(same), axis=0, weights=[row[0] for row in same]).astype(np.float32)
        mean[0] = rest[0][0]
        faces.append(mean)
        rest = [row for row in rest if max(overlap(best, _box(row)), overlap(_box(mean), _box(row))) <= _SAME_FACE]
    return faces


def _box(row: Floats) -> Box:
    (x, y), (w, h) = row[1:3].tolist(), (row[3:5] / 2).tolist()
    return x - w, y - h, x + w, y + h


def _square_of(points: Floats) -> tuple[float, float, float, float]:
    """Centre, side and angle of the square for a second pass, as MediaPipe makes it from a frame before."""
    across = points[263] - points[33]
    angle = float(np.arctan2(across[1], across[0]))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    level = points[:, :2] @ turn.T
    low, high = level.min(0), level.max(0)
    x, y = turn.T @ ((low + high) / 2)
    return float(x), float(y), float((high - low).max()) * _CROP, angle


def _turned_back(face: Face, turn: int, shape: tuple[int, ...]) -> Face:
    """The same face in pixels of the photo before it was turned; `shape` is the turned photo's."""
    points = rotated(face.points, -turn % 4, shape)
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return msgspec.structs.replace(face, points=points, box=box, turn=turn)
