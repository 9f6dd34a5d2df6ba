"""What is kept of a character's looks and voice after enrolment: the one blob of the vault that engines read.

Torch-free and model-free on purpose: the store seals it, the worker opens it, engines read it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from generation.perception.tone import PLAIN, Tone

FigureKind = Literal["pet", "object", "drawn"]
FigureCut = Literal["alpha", "backdrop", "contour", "card"]
"""How a figure was cut out: by the picture's own alpha channel, from an even background, by its contour, or not at
all: a card is the whole picture with soft corners."""


class FaceReference(msgspec.Struct, frozen=True):
    """The best frontal photo of a face, enlarged where it was small, and what was measured on it.

    All coordinates are pixels of `photo_png`.
    """

    photo_png: bytes  # PNG, RGB, upright
    matte_png: bytes  # PNG, one channel, same size: 255 = person
    points: bytes  # float32 little-endian (468, 3): x, y, depth (smaller = nearer)
    inter_ocular_px: float  # between the pupils' stand-ins: the middles of the eye corners
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    glasses: bool
    mouth_open: float  # gap between the inner lips / face height; shut < 0.012
    identity: bytes = b""  # float32 little-endian (128,): dlib's descriptor of the kept photo
    left_png: bytes = b""  # PNG, RGB: the head turned to its own left, where a capture showed it
    right_png: bytes = b""
    height_px: float = 0.0  # forehead to chin


class VoiceReference(msgspec.Struct, frozen=True):
    """The person's own recording, cleaned, and the engine's voice that came closest to it."""

    sample_wav: bytes  # 16-bit PCM WAV, mono, 16 kHz, 5-9 s where there was as much
    embedding: bytes  # float32 little-endian (256,), unit length (Resemblyzer)
    style: dict[str, float]  # voice pack -> weight, weights sum to 1: the engine's blend
    cosine: float  # of the blend's speech against the sample: how close it came
    pitch_hz: float  # median fundamental of the sample
    tone: Tone = PLAIN  # what is done to the blend's speech to bring it closer; `cosine` is with it
    timbre_db: tuple[float, ...] = ()  # the sample's long-term spectrum at BANDS_HZ, mean 0, for other blends


class FigureReference(msgspec.Struct, frozen=True):
    """A character that is not a person, cut out of its best picture. Nothing of what was behind it is kept."""

    photo_png: bytes  # PNG, RGB, cropped to the figure; what is not the figure is a plain blur of its own colours
    matte_png: bytes  # PNG, one channel, same size: 255 = figure
    mouth: tuple[float, float] | None  # where speech seems to come from, 0..1 of width and height; None = unknown
    kind: FigureKind
    cut: FigureCut


class References(msgspec.Struct, frozen=True):
    """One version of a character's looks and voice. Exactly one of `face` and `figure` is set.

    A person has a voice; without one an engine gives a figure a voice of its own making.
    """

    face: FaceReference | None
    voice: VoiceReference | None
    measured_with: dict[str, str]  # figure -> model and version
    figure: FigureReference | None = None

    def __post_init__(self) -> None:
        if (self.face is None) == (self.figure is None):
            raise ValueError("a character has either a face or a figure")
