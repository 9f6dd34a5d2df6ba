"""Measuring a face and a voice at enrolment. Worker only: this is the store's one door to the models."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from character_store.characters import Refusal
from generation.errors import CheckFailed, NotAPicture, NotASound
from generation.perception.references import FaceReference, References, VoiceReference

FaceEye = Callable[[Sequence[bytes]], FaceReference]
VoiceEar = Callable[[bytes], VoiceReference]


def measure(photos: Sequence[bytes], voice: bytes, look: FaceEye, listen: VoiceEar) -> References | Refusal:
    """References for the vault, or the first check that failed. Blocks for up to half a minute."""
    try:
        heard = listen(voice)  # first: silence is found in a moment, and preparing a face takes longest
        face = look(photos)
    except CheckFailed as failed:
        return Refusal(failed.check, str(failed))
    except NotAPicture as broken:
        return Refusal("quality", f"{broken}; send a JPEG, PNG or WebP photo that opens")
    except NotASound as broken:
        return Refusal("voice", f"{broken}; send a recording that plays: WAV, M4A, MP3, OGG or WebM")
    return References(face, heard, {"face": "mediapipe face_landmark", "voice": "resemblyzer"})
