"""A figure that is no person cut out of its picture: no network knows what it is, so its surroundings must.

In this order: the picture's own alpha channel; a backdrop so even that a smooth surface describes it; GrabCut (Rother
2004) from two guesses at what stands in the middle, believed only where both end alike. What none of them can do is
left whole, as a card with soft corners: that looks meant, a ragged cut-out never does.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.perception.face import Floats
from generation.perception.figure_mask import border_of, disc, hull_area, raggedness, whole
from generation.perception.matte import guided
from generation.perception.photos import Photo
from generation.perception.references import FigureCut

LOOK_SIDE: Final = 320  # pixels of the longer side in which contours are found
AREA: Final = (0.04, 0.85)  # share of the picture that a figure may fill
EVEN: Final = 0.75  # of the border's pixels on one smooth surface: a backdrop (a drawn bust may fill the rest)
SURFACE_TOLERANCE: Final = 6.0  # CIELAB
GRAIN: Final = 1.6  # CIELAB, how far a backdrop's pixels may stray from that surface; dark woods do by 3
GAPS: Final = (0.003, 0.045)  # of the longer side: gaps in outlines that the ground cannot come through, half width
HOLLOW: Final = 0.45  # of its convex hull: a figure that fills less has let the ground in
DRAWN_RAGGED: Final = 3.2  # drawn figures on their backdrop 1.1 to 2.4, leaves in dark woods 4
SPREADS: Final = (0.26, 0.40)  # of the picture: how widely each guess looks around the middle
AGREED: Final = 0.88  # intersection over union of what the guesses end in
AT_BORDER: Final = 0.12  # share of the upper and side borders that a whole figure touches at most
RAGGED: Final = 2.4  # contour's length over that of a disc of the same area; animals 1.3 to 1.9, arms raised 2.3
IN_ONE: Final = 0.85  # of a figure's area hangs together
UNLIKE: Final = 0.60  # Hellinger distance of the colours just inside and just outside the contour; wrong ones .4 to .57
CARD_CORNER: Final = 0.09  # of the shorter side
CARD_SOFT: Final = 0.010
SEED: Final = 1


def cut_out(photo: Photo, alpha: Floats | None) -> tuple[Floats, FigureCut]:
    """The figure's alpha (H, W) 0..1 and how it was found. `alpha` is the picture's own channel. 0.5 s at 640 px."""
    if alpha is not None and AREA[0] < float(alpha.mean()) < 0.97 and float((alpha < 0.05).mean()) > 1 - 0.97:
        return alpha, "alpha"
    shrink = min(1.0, LOOK_SIDE / max(photo.shape[:2]))
    size = (max(8, round(photo.shape[1] * shrink)), max(8, round(photo.shape[0] * shrink)))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    if (apart := _from_backdrop(photo)) is not None:
        return apart, "backdrop"
    if (mask := _by_contour(small)) is not None:
        return _fine(photo, mask), "contour"
    return _card(photo.shape[0], photo.shape[1]), "card"


def lab(photo: Photo) -> Floats:
    """CIELAB, L 0..100."""
    return np.asarray(cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def coloured_from_inside(photo: Photo, alpha: Floats) -> Photo:
    """The figure's own colours continued outwards, so that no edge pixel keeps a trace of what was behind it.

    Far from the figure: its mean colour. Sure pixels stay as they are.
    """
    sure = (alpha > 0.97).astype(np.float32)
    reach = max(1.0, 0.006 * max(photo.shape[:2]))
    total = photo.astype(np.float32) * sure[..., None]
    spread, weight = total.copy(), sure.copy()
    for times in (1, 2, 4, 8):
        weight = weight + np.float32(1e-2) ** times * np.asarray(cv2.GaussianBlur(sure, (0, 0), times * reach))
        spread = spread + np.float32(1e-2) ** times * np.asarray(cv2.GaussianBlur(total, (0, 0), times * reach))
    mean = total.sum((0, 1)) / max(float(sure.sum()), 1.0)
    faint = np.float32(1e-18)
    outside = (spread + mean * faint) / (weight + faint)[..., None]
    return np.where(sure[..., None] > 0, photo, outside.round().clip(0, 255)).astype(np.uint8)


def _from_backdrop(photo: Photo) -> Floats | None:
    """Alpha of what stands before an even backdrop, or None: its colour may drift smoothly across the picture."""
    height, width = photo.shape[:2]
    colours = lab(photo)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width - 0.5, y / height - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)
    border = border_of(height, width)
    basis, seen = terms[border], colours[border]
    on = np.linalg.norm(seen - np.median(seen, 0), axis=1) < 25
    for _ in range(4):
        if on.mean() < EVEN / 2:
            return None
        surface = np.linalg.lstsq(basis[on], seen[on], rcond=None)[0]
        strays = np.linalg.norm(seen - basis @ surface, axis=1)
        on = strays < SURFACE_TOLERANCE
    if on.mean() < EVEN or float(strays[on].mean()) > GRAIN:
        return None
    behind = (terms @ surface).astype(np.float32)
    away = np.linalg.norm(colours - behind, axis=-1)
    like = np.asarray(cv2.GaussianBlur(away, (0, 0), 0.7)) < SURFACE_TOLERANCE
    for gap in GAPS:  # an outline drawn with gaps holds the ground out all the same
        figure = whole(~_reached(like, border, gap * max(height, width)), least=0.01)
        if float(figure.sum()) > HOLLOW * hull_area(figure):
            break
    else:
        return None
    if not AREA[0] < float(figure.mean()) < AREA[1] or raggedness(figure) > DRAWN_RAGGED:
        return None
    return _antialiased(photo, figure, behind)


def _reached(like: NDArray[np.bool_], border: NDArray[np.bool_], corridor_px: float) -> NDArray[np.bool_]:
    """Ground that can be walked to from the border by something `corridor_px` to either side wide."""
    free = np.asarray(cv2.erode(like.astype(np.uint8), disc(corridor_px), borderValue=1), np.uint8)
    _, parts = cv2.connectedComponents(free, connectivity=4)
    touching = np.unique(parts[border & (free > 0)])
    walked = np.isin(parts, touching[touching > 0]).astype(np.uint8)
    return np.asarray(cv2.dilate(walked, disc(corridor_px + 1)), np.uint8).astype(bool) & like


def _antialiased(photo: Photo, figure: NDArray[np.bool_], behind: Floats) -> Floats:
    """How much of an edge pixel is figure: its colour lies between the figure's, from inside, and the ground's."""
    band_px = max(1, round(0.0025 * max(photo.shape[:2])))
    solid = np.asarray(cv2.erode(figure.astype(np.uint8), disc(2 * band_px)), np.uint8) > 0
    wide = np.asarray(cv2.dilate(figure.astype(np.uint8), disc(band_px)), np.uint8) > 0
    inner = lab(coloured_from_inside(photo, solid.astype(np.float32)))
    step = inner - behind
    share = np.sum((lab(photo) - behind) * step, -1) / np.maximum(np.sum(step * step, -1), 60.0)
    alpha = np.where(solid, 1.0, np.where(wide, np.clip(share * 1.08 - 0.04, 0, 1), 0.0)).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(figure.astype(np.float32), (0, 0), 0.8), np.float32)
    faint = np.linalg.norm(step, axis=-1) < 2 * SURFACE_TOLERANCE  # too alike to be measured
    return np.asarray(np.where(faint, soft, alpha), np.float32)


def _by_contour(small: Photo) -> NDArray[np.bool_] | None:
    """GrabCut's figure in the small picture, or None where its two runs disagree or what they found is no figure."""
    found = [_grabbed(small, spread) for spread in SPREADS]
    if any(mask is None for mask in found):
        return None
    one, other = (mask for mask in found if mask is not None)
    union = float((one | other).sum())
    if union == 0 or float((one & other).sum()) / union < AGREED:
        return None
    figure = one & other
    return figure if _convincing(small, figure) else None


def _grabbed(small: Photo, spread: float) -> NDArray[np.bool_] | None:
    height, width = small.shape[:2]
    border = border_of(height, width)
    colours = np.asarray(cv2.GaussianBlur(lab(small), (0, 0), 1.5), np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    centre = np.exp(-(((x / width - 0.5) / spread) ** 2 + ((y / height - 0.52) / spread) ** 2) / 2)
    guess = _contrast(colours, border) * centre
    level = float(np.quantile(guess, 0.98))
    seeds = np.where(guess > 0.35 * level, cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    seeds = np.where(guess > 0.9 * level, cv2.GC_FGD, seeds)
    labels = np.where(border & (guess < 0.35 * level), cv2.GC_BGD, seeds).astype(np.uint8)
    cv2.setRNGSeed(SEED)
    bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
    try:
        cv2.grabCut(bgr, labels, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), 6, cv2.GC_INIT_WITH_MASK)
    except cv2.error:  # one of the two sides ran out of pixels
        return None
    figure = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    smooth = cv2.morphologyEx(figure.astype(np.uint8), cv2.MORPH_OPEN, disc(0.006 * max(height, width)))
    return whole(np.asarray(smooth) > 0, least=0.25)


def _contrast(colours: Floats, border: NDArray[np.bool_]) -> Floats:
    """(H, W): how unlike the border's colours a pixel is, CIELAB to the nearest of their clusters."""
    samples = np.ascontiguousarray(colours[border])
    cv2.setRNGSeed(SEED)
    until = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, labels, centres = cv2.kmeans(samples, 6, None, until, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]  # None asks for a first labelling of its own
    shares = np.bincount(labels.ravel(), minlength=6) / len(samples)
    usual = centres[shares > 0.06]
    return np.asarray(np.min([np.linalg.norm(colours - centre, axis=-1) for centre in usual], 0), np.float32)


def _convincing(small: Photo, figure: NDArray[np.bool_]) -> bool:
    """Whether a mask has a figure's size, place and outline, and other colours than what surrounds it."""
    height, width = figure.shape
    if not AREA[0] < float(figure.mean()) < AREA[1] or float(figure[border_of(height, width)].mean()) > AT_BORDER:
        return False
    _, _, figures, _ = cv2.connectedComponentsWithStats(figure.astype(np.uint8))
    in_one = float(figures[1:, cv2.CC_STAT_AREA].max()) / float(figure.sum())
    hollow = float(figure.sum()) < HOLLOW * hull_area(figure)
    if hollow or raggedness(figure) > RAGGED or in_one < IN_ONE:
        return False
    strip = disc(0.03 * max(height, width))
    inside = figure & (np.asarray(cv2.erode(figure.astype(np.uint8), strip)) == 0)
    outside = ~figure & (np.asarray(cv2.dilate(figure.astype(np.uint8), strip)) > 0)
    one, other = (_histogram(small, part) for part in (inside, outside))
    return float(np.sqrt(max(0.0, 1 - float(np.sqrt(one * other).sum())))) > UNLIKE


def _histogram(photo: Photo, part: NDArray[np.bool_]) -> Floats:
    counts, _ = np.histogramdd(photo[part], bins=(8, 8, 8), range=((0, 256),) * 3)
    return (counts.ravel() / max(1.0, float(counts.sum()))).astype(np.float32)


def _fine(photo: Photo, mask: NDArray[np.bool_]) -> Floats:
    """The small mask at the picture's size, with the picture's own fur and edges."""
    soft = np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0), np.float32)
    size = (photo.shape[1], photo.shape[0])
    big = np.clip(np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC), np.float32), 0, 1)
    guide = photo.astype(np.float32) / np.float32(255)
    fine = guided(guide, big, max(3, round(0.012 * max(size))), 1e-3)
    near = np.asarray(cv2.dilate((big > 0.5).astype(np.uint8), disc(0.012 * max(size))), np.float32)
    return np.asarray(np.clip((fine - 0.30) / 0.50, 0, 1) * near, np.float32)


def _card(height: int, width: int) -> Floats:
    """Opaque but for round, soft corners and edges: the distance from a rounded rectangle a little inside."""
    side = min(height, width)
    corner, soft = CARD_CORNER * side, max(1.0, CARD_SOFT * side)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = np.maximum(np.abs(x - (width - 1) / 2) - (width / 2 - corner - soft), 0)
    down = np.maximum(np.abs(y - (height - 1) / 2) - (height / 2 - corner - soft), 0)
    return np.asarray(np.clip((corner + soft - np.hypot(across, down)) / (2 * soft), 0, 1), np.float32)
