"""The measuring models of a worker, as `character_store.likeness` asks for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from character_store.characters import Kind
from generation.errors import CheckFailed
from generation.perception.capture import CaptureFindings, capture_findings
from generation.perception.face_enrolment import face_reference
from generation.perception.faces import FaceMeter
from generation.perception.figure_enrolment import figure_reference
from generation.perception.figure_video import stills
from generation.perception.hearing import Hearing
from generation.perception.identity import Identity
from generation.perception.recordings import decoded
from generation.perception.references import FaceReference, FigureReference, VoiceReference
from generation.perception.voice_enrolment import voice_reference
from generation.perception.voices import embedding
from generation.portrait.speech import Speaker
from generation.watching import Models


class Sitters:
    """Loaded once; one caller at a time. Nothing of what was measured is kept here."""

    def __init__(self, speaker: Speaker) -> None:
        """Raises EngineUnavailable."""
        self.models = Models(FaceMeter(), Identity(), Hearing())
        self._speaker = speaker

    def face(self, photos: Sequence[bytes]) -> FaceReference:
        return face_reference(photos, self.models.meter, self.models.identity, _quiet)

    def voice(self, sound: bytes) -> VoiceReference:
        return voice_reference(sound, self._speaker, _quiet)

    def voice_cosine(self, one: VoiceReference, other: bytes) -> float:
        return float(np.frombuffer(one.embedding, "<f4") @ embedding(decoded(other)))

    def capture(self, video: bytes, digits: str, photos: Sequence[bytes]) -> CaptureFindings:
        meter, identity, hearing = self.models.meter, self.models.identity, self.models.hearing
        return capture_findings(video, digits, photos, meter, identity, hearing, _quiet)

    def stills(self, video: bytes) -> list[bytes]:
        return stills(video)

    def figure(self, photos: Sequence[bytes], kind: Kind) -> FigureReference:
        """A person is no figure."""
        if kind == "person":
            raise CheckFailed("one_face", "a person's character needs a capture by that person")
        return figure_reference(photos, kind, self.models.meter, _quiet)


def _quiet(*_: object) -> None:
    """Nobody watches the steps of an enrolment."""
