"""Measuring what somebody sent to become a character. Worker only: this is the store's one door to the models.

The models themselves come as `Models`, so that this is read and tested without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from character_store.characters import Kind, Refusal
from character_store.face_index import SAME_FACE, distance
from generation.errors import CheckFailed, NotAPicture, NotASound, NotAVideo
from generation.perception.references import (
    FaceReference,
    FigureReference,
    References,
    VoiceReference,
)

SAME_VOICE: Final = 0.65  # cosine of two recordings of one speaker, over two microphones
MEASURED_WITH: Final = {
    "face": "mediapipe face_landmark",
    "identity": "dlib_face_recognition_resnet_model_v1",
    "voice": "resemblyzer",
    "digits": "whisper tiny.en",
}


FORMATS: Final[dict[type[Exception], str]] = {
    NotAPicture: "send a JPEG, PNG or WebP photo that opens",
    NotAVideo: "send a video that plays: MP4, MOV or WebM",
    NotASound: "send a recording that plays: WAV, M4A, MP3, OGG or WebM",
}


class Sitting(msgspec.Struct, frozen=True):
    """What was sent, decrypted, in memory only."""

    kind: Kind
    originals: Mapping[str, bytes]  # capture, video, voice, photo1..photo6
    digits: str | None  # what the capture must speak
    known: bytes | None  # the face of the version in use: float32 (128,)

    @property
    def photos(self) -> list[bytes]:
        """In the order they were sent."""
        return [content for name, content in sorted(self.originals.items()) if name.startswith("photo")]


class Likeness(msgspec.Struct, frozen=True):
    """What engines need, the face for the index (float32 (128,); empty without one), and the figures for the owner."""

    references: References
    identity: bytes
    figures: dict[str, float]


class Findings(Protocol):
    """What a capture showed, once it has passed."""

    @property
    def photos(self) -> tuple[bytes, ...]:
        """Its best frontal frames, best first."""
        ...

    @property
    def left_png(self) -> bytes: ...

    @property
    def right_png(self) -> bytes: ...

    @property
    def voice(self) -> bytes:
        """WAV."""
        ...

    @property
    def descriptor(self) -> bytes: ...

    @property
    def figures(self) -> dict[str, float]: ...


class Models(Protocol):
    """The measuring models of a worker. Everything blocks, and raises PerceptionError leaves."""

    def face(self, photos: Sequence[bytes]) -> FaceReference: ...

    def voice(self, sound: bytes) -> VoiceReference: ...

    def voice_cosine(self, one: VoiceReference, other: bytes) -> float:
        """How alike the speakers of a reference and of another recording are."""
        ...

    def capture(self, video: bytes, digits: str, photos: Sequence[bytes]) -> Findings: ...

    def stills(self, video: bytes) -> list[bytes]: ...

    def figure(self, photos: Sequence[bytes], kind: Kind) -> FigureReference: ...


def measure(sitting: Sitting, models: Models) -> Likeness | Refusal:
    """References for the vault, or the first check that failed. Blocks for up to a minute."""
    way = _figure if sitting.kind != "person" else _person if "capture" in sitting.originals else _archive
    try:
        return way(sitting, models)
    except CheckFailed as failed:
        return Refusal(failed.check, str(failed))
    except (NotAPicture, NotAVideo, NotASound) as broken:
        return Refusal("voice" if isinstance(broken, NotASound) else "quality", f"{broken}; {FORMATS[type(broken)]}")


def _person(sitting: Sitting, models: Models) -> Likeness:
    """A living person before the camera, checked against the photos, the recording and the version in use."""
    found = models.capture(sitting.originals["capture"], sitting.digits or "", sitting.photos)
    own = sitting.originals.get("voice")
    heard = models.voice(found.voice if own is None else own)
    figures = dict(found.figures)
    if own is not None:
        figures["voice_cosine"] = cosine = models.voice_cosine(heard, found.voice)
        if cosine < SAME_VOICE:
            raise CheckFailed(
                "voice",
                f"the recording and the capture sound like two people (likeness {cosine:.2f}, {SAME_VOICE:g} is "
                "needed): send your own voice, or leave the recording out",
            )
    face = msgspec.structs.replace(
        models.face([*sitting.photos, *found.photos]), left_png=found.left_png, right_png=found.right_png
    )
    _same_as_before(found.descriptor, sitting.known)
    return Likeness(References(face, heard, MEASURED_WITH), found.descriptor, figures)


def _archive(sitting: Sitting, models: Models) -> Likeness:
    """Nobody can be asked to turn the head: an operator has stated the right instead."""
    heard = models.voice(sitting.originals["voice"])  # first: silence is found in a moment
    face = models.face(sitting.photos)
    _same_as_before(face.identity, sitting.known)
    return Likeness(References(face, heard, MEASURED_WITH), face.identity, {})


def _figure(sitting: Sitting, models: Models) -> Likeness:
    own = sitting.originals.get("voice")
    heard = None if own is None else models.voice(own)
    video = sitting.originals.get("video")
    figure = models.figure(sitting.photos if video is None else models.stills(video), sitting.kind)
    return Likeness(References(None, heard, MEASURED_WITH, figure), b"", {})


def _same_as_before(identity: bytes, known: bytes | None) -> None:
    if known is not None and (apart := distance(identity, known)) >= SAME_FACE:
        raise CheckFailed(
            "face_match",
            f"this face is {apart:.2f} from the one this character has, less than {SAME_FACE:g} is allowed: new "
            "references must show the same person; make another character for somebody else",
        )
