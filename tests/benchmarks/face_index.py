"""`./run bench faces`: what the face index finds, what it passes over, and what its bits give away.

Faces are variants of the two sample photos, bent and re-lit until most of them are other people to dlib's network (the
mean distance of two is printed): no set of strangers' faces ships with this project. The mean of all is the index's
centre (`character_store.face_centre`).
"""

from __future__ import annotations

import struct
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.demo.people import SAMPLES
from character_store import face_index
from character_store.face_centre import CENTRE
from generation.perception.face import Floats
from generation.perception.faces import FaceMeter
from generation.perception.identity import Identity, chip
from generation.perception.photos import Photo, read_photo

FACES = 160
SECRET = bytes(range(32))
BANDS = ((0.0, 0.3), (0.3, 0.45), (0.45, 0.6), (0.6, 0.75), (0.75, 1.2))


def centre() -> str:
    """The numbers of `character_store.face_centre`."""
    return ", ".join(f"{value:.3f}" for value in _faces().mean(0))


def report() -> str:
    """The tables."""
    faces = _faces()
    codes = [face_index.code(SECRET, struct.pack("<128f", *face)).to_int() for face in faces]
    pairs = [
        (float(np.linalg.norm(faces[a] - faces[b])), int.bit_count(codes[a] ^ codes[b]))
        for a, b in combinations(range(len(faces)), 2)
    ]
    lines = [
        f"{len(faces)} faces, {len(pairs)} pairs, mean distance {np.mean([one for one, _ in pairs]):.2f}",
        f"{'distance':>12}  {'pairs':>6}  {'bits apart':>10}  looked at (up to {face_index.NEAR_BITS} bits)",
    ]
    for low, high in BANDS:
        bits = [apart for distance, apart in pairs if low <= distance < high]
        near = sum(apart <= face_index.NEAR_BITS for apart in bits) / max(1, len(bits))
        lines.append(f"{low:5.2f}-{high:5.2f}  {len(bits):6}  {np.mean(bits):10.1f}  {near:.1%}")
    return "\n".join(
        [
            *lines,
            "the 128 numbers, less their centre, guessed back from the bits: cosine to the truth",
            f"with the secret      {_recovered(faces, SECRET).mean():.2f}",
            f"with another secret  {_recovered(faces, bytes(32)).mean():.2f}",
        ]
    )


def _faces() -> Floats:
    """(FACES, 128): the same on every machine with the same packages."""
    meter, identity, rng = FaceMeter(), Identity(), np.random.default_rng(1)
    chips = []
    for name in ("eileen.png", "grace.jpg"):
        photo = read_photo((SAMPLES / name).read_bytes())
        chips.append(chip(photo, meter.faces(photo)[0]))
    return np.stack([identity.of_chip(_variant(chips[0], chips[1], rng)) for _ in range(FACES)])


def _variant(one: Photo, other: Photo, rng: np.random.Generator) -> Photo:
    """Somebody in between, mirrored perhaps, with other proportions, in another light."""
    share = float(rng.choice([0.0, 1.0, rng.random()]))
    mixed = one * np.float32(1 - share) + other * np.float32(share)
    mixed = mixed[:, ::-1] if rng.random() < 0.5 else mixed
    side = len(mixed)
    ys, xs = np.mgrid[:side, :side].astype(np.float32)
    reach = rng.uniform(2, 7)
    bend = [_smooth(rng.normal(0, reach, (5, 5)), side) for _ in range(2)]
    bent = cv2.remap(np.ascontiguousarray(mixed), xs + bend[0], ys + bend[1], cv2.INTER_LINEAR)
    toned = 255 * (np.clip(bent, 0, 255) / 255) ** rng.uniform(0.5, 2.0) * rng.uniform(0.8, 1.15, 3)
    lit = toned * _smooth(rng.uniform(0.5, 1.3, (3, 3)), side)[..., None]
    return np.clip(lit, 0, 255).astype(np.uint8)


def _smooth(grid: NDArray[np.float64], side: int) -> Floats:
    return np.asarray(cv2.resize(grid.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def _recovered(faces: Floats, secret: bytes) -> Floats:
    """Cosines of the best linear guess, by someone who holds the bits and a secret."""
    planes = np.array(face_index.planes(secret), np.float32)
    centre = np.array(CENTRE, np.float32)
    cosines = []
    for face in faces:
        bits = face_index.code(SECRET, struct.pack("<128f", *face)).as_string().replace(" ", "")
        guess = planes.T @ np.array([1.0 if bit == "1" else -1.0 for bit in bits], np.float32)
        truth = face - centre
        cosines.append(float(guess @ truth / np.linalg.norm(guess) / np.linalg.norm(truth)))
    return np.array(cosines, np.float32)
