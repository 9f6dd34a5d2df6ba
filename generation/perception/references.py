"""What is kept of a person's face and voice after enrolment: the one blob of the vault that engines read.

Torch-free and model-free on purpose: the store seals it, the worker opens it, engines read it.
"""

from __future__ import annotations

import msgspec


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


class References(msgspec.Struct, frozen=True):
    """One version of a character's face and voice."""

    face: FaceReference
    voice: VoiceReference
    measured_with: dict[str, str]  # figure -> model and version
