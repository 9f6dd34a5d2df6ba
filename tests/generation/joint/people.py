"""A small cast with the two sample people's stored references, drawn once for a session of tests."""

from __future__ import annotations

from functools import cache

import numpy as np

from generation.perception.recordings import wav
from generation.perception.references import FaceReference, FigureReference, References, VoiceReference
from generation.perception.references_io import png
from generation.plan import CastMember, Line, Screenplay, Shot
from tests.generation.perception import drawings

POINTS = np.zeros((468, 3), np.float32)
POINTS[[33, 160, 158, 133, 153, 144], :2] = (194, 232)
POINTS[[263, 387, 385, 362, 380, 373], :2] = (286, 232)
POINTS[10, :2], POINTS[152, :2] = (240, 104), (240, 396)


def tone(hertz: float, seconds: float = 6.0) -> bytes:
    """A stored recording."""
    clock = np.arange(round(16_000 * seconds), dtype=np.float32) / 16_000
    return wav((0.3 * np.sin(2 * np.pi * hertz * clock) * (1 + 0.5 * np.sin(9 * clock))).astype(np.float32))


@cache
def face(glasses: bool = False) -> FaceReference:  # noqa: FBT001, FBT002 - a fact about the face
    drawn = drawings.person()
    photo, alpha = np.asarray(drawn.convert("RGB")), np.asarray(drawn.getchannel("A"))
    return FaceReference(
        png(photo),
        png(alpha),
        POINTS.astype("<f4").tobytes(),
        92.0,
        0.0,
        0.0,
        0.0,
        glasses=glasses,
        mouth_open=0.0,
        left_png=png(photo),
        right_png=png(photo[:, ::-1].copy()),
    )


def person(
    number: int, name: str, *, pitch_hz: float = 200.0, height_cm: float | None = None, glasses: bool = False
) -> CastMember:
    voice = VoiceReference(tone(pitch_hz), bytes(1024), {"bf_emma": 1.0}, 0.8, pitch_hz)
    return CastMember(f"S{number}", name, f"{name}:1", References(face(glasses), voice, {}), height_cm)


def bear(number: int, name: str = "Bruno") -> CastMember:
    drawn = drawings.bear()
    figure = FigureReference(
        png(np.asarray(drawn.convert("RGB"))), png(np.asarray(drawn.getchannel("A"))), (0.5, 0.3), "drawn", "alpha"
    )
    return CastMember(f"S{number}", name, f"{name}:1", References(None, None, {}, figure))


def cast() -> tuple[CastMember, ...]:
    return person(1, "Maya", pitch_hz=210, height_cm=165), person(2, "Leo", pitch_hz=110, height_cm=188, glasses=True)


def play(seconds: float = 10.0) -> Screenplay:
    """Two shots; the cut falls off the grid of latents."""
    cut = round(seconds * 24 * 0.4) / 24
    return Screenplay(
        "Pizza",
        "warm and real",
        "a small kitchen in the morning",
        (
            Shot(
                0.0,
                cut,
                "two_shot",
                "push_in",
                ("S1", "S2"),
                "Maya puts a pizza on the table",
                (Line("S1", "It has pineapple on it.", "happy", 0.8),),
            ),
            Shot(
                cut,
                seconds,
                "close_up",
                "static",
                ("S2",),
                "Leo shakes his head",
                (Line("S2", "Never in my life.", "angry"),),
                "a chair scrapes",
            ),
        ),
        "a kettle and birds outside",
    )
