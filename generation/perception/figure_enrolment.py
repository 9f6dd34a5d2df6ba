"""From pictures of a pet, an object or a drawing to the one figure reference that engines read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import msgspec
import numpy as np

from generation.errors import CheckFailed
from generation.perception.face import Face, Floats
from generation.perception.faces import FaceMeter
from generation.perception.figure_checks import check_figure, check_no_human, check_size, sharpness
from generation.perception.figure_matte import coloured_from_inside, cut_out
from generation.perception.photos import Photo, read_cut_out
from generation.perception.references import FigureCut, FigureKind, FigureReference
from generation.perception.references_io import png

KEPT_PX: Final = 900  # longer side of the picture that is worked on: a figure fills a frame of 1280 at most
BORDER: Final = 0.02  # of the longer side, clear pixels kept around the figure
SURE_FACE: Final = 0.75  # of the detector: bellies and paws pass for faces with up to .70
LIPS: Final = (13, 14)  # landmarks of the inner lips
_CUT_WORTH: Final[dict[FigureCut, float]] = {"alpha": 1.0, "backdrop": 0.95, "contour": 0.8, "card": 0.4}


class _Candidate(msgspec.Struct, frozen=True, eq=False):
    photo: Photo  # at most KEPT_PX
    alpha: Floats
    cut: FigureCut
    mouth: tuple[float, float] | None  # 0..1 of the picture
    worth: float  # only its order means something


def figure_reference(
    photos: Sequence[bytes], kind: FigureKind, meter: FaceMeter, on_progress: Callable[[str, float], None]
) -> FigureReference:
    """Check the photos, cut the figure out of each, keep the best: 1 to 3 s a photo.

    `on_progress` gets a step (look, cut) and how much of it is done, 0..1; what it raises ends the work. Raises
    NotAPicture; CheckFailed("one_face") if any of the photos shows a human face; CheckFailed("quality") with the
    figures of the first photo if all are too small or blurred.
    """
    if not photos:
        raise CheckFailed("quality", "0 photos came, at least 1 is needed: send a picture of the character")
    read = []
    for index, data in enumerate(photos):
        on_progress("look", index / len(photos))
        photo, alpha = read_cut_out(data)
        faces = meter.faces(photo)
        check_no_human(photo, faces, kind, index + 1)
        read.append((photo, alpha, _mouth(photo, faces)))
    on_progress("look", 1.0)
    kept: list[_Candidate] = []
    refused: list[CheckFailed] = []
    for index, (photo, alpha, mouth) in enumerate(read):
        on_progress("cut", index / len(photos))
        try:
            kept.append(_candidate(photo, alpha, mouth, index + 1))
        except CheckFailed as no:
            refused.append(no)
    if not kept:
        raise refused[0]
    best = max(kept, key=lambda candidate: candidate.worth)
    on_progress("cut", 1.0)
    return _cropped(best, kind)


def _mouth(photo: Photo, faces: Sequence[Face]) -> tuple[float, float] | None:
    """Between the lips of the face that a drawing has, 0..1 of the picture; an unsure face is none."""
    upright = [face for face in faces if face.turn == 0 and face.score >= SURE_FACE]
    if not upright:
        return None
    x, y = upright[0].points[LIPS, :2].mean(0) / photo.shape[1::-1]
    return float(x), float(y)


def _candidate(photo: Photo, alpha: Floats | None, mouth: tuple[float, float] | None, number: int) -> _Candidate:
    """One photo's figure. Raises CheckFailed("quality")."""
    check_size(photo, number)
    shrink = min(1.0, KEPT_PX / max(photo.shape[:2]))
    if shrink < 1:
        size = (round(photo.shape[1] * shrink), round(photo.shape[0] * shrink))
        photo = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
        alpha = None if alpha is None else np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    cut, how = cut_out(photo, alpha)
    x0, y0, x1, y1 = _box(cut)
    longer = max(x1 - x0, y1 - y0)
    sharp = sharpness(photo[y0:y1, x0:x1], cut[y0:y1, x0:x1])
    check_figure(round(longer / shrink), sharp, number)
    large = min(1.0, longer / 500)
    inside = 1.0 - 0.5 * float(np.mean([cut[0].mean(), cut[:, 0].mean(), cut[:, -1].mean()]))
    worth = _CUT_WORTH[how] * (0.3 + 0.7 * min(1.0, sharp / 0.15)) * (0.3 + 0.7 * large) * inside
    return _Candidate(photo, cut, how, mouth, worth)


def _cropped(best: _Candidate, kind: FigureKind) -> FigureReference:
    """Only the figure: its surroundings are replaced before anything is kept."""
    x0, y0, x1, y1 = _box(best.alpha)
    border = round(BORDER * max(x1 - x0, y1 - y0))
    height, width = best.alpha.shape
    x0, y0, x1, y1 = max(0, x0 - border), max(0, y0 - border), min(width, x1 + border), min(height, y1 + border)
    alpha = best.alpha[y0:y1, x0:x1]
    mouth = None
    if best.mouth is not None:
        across, down = (best.mouth[0] * width - x0) / (x1 - x0), (best.mouth[1] * height - y0) / (y1 - y0)
        mouth = (across, down) if 0 < across < 1 and 0 < down < 1 else None
    return FigureReference(
        photo_png=png(coloured_from_inside(best.photo[y0:y1, x0:x1], alpha)),
        matte_png=png(np.round(alpha * 255).astype(np.uint8)),
        mouth=mouth,
        kind=kind,
        cut=best.cut,
    )


def _box(alpha: Floats) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of what is seen."""
    seen = alpha > 0.1
    if not seen.any():
        return 0, 0, alpha.shape[1], alpha.shape[0]
    columns, rows = np.flatnonzero(seen.any(0)), np.flatnonzero(seen.any(1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
