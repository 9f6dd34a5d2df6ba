from __future__ import annotations

from pathlib import Path

import pytest

import backend
from generation.perception.face_enrolment import face_reference
from generation.perception.faces import FaceMeter
from generation.perception.hearing import Hearing
from generation.perception.identity import Identity
from generation.perception.photos import read_photo
from generation.perception.references import FaceReference, References, VoiceReference
from generation.plan import CastMember
from generation.portrait.engine import PortraitEngine
from generation.portrait.packs import VOICES
from generation.portrait.speech import Speaker
from tests.generation.perception.samples import packed, resized

SAMPLES = Path(backend.__file__ or "").parent / "samples"
STANDINS = Path(__file__).parents[2] / "data" / "standins"


@pytest.fixture(scope="session")
def speaker() -> Speaker:
    return Speaker(voices=(VOICES, STANDINS))


@pytest.fixture(scope="session")
def cast() -> tuple[CastMember, ...]:
    return tuple(
        CastMember(
            who,
            who,
            who,
            References(
                FaceReference(b"", b"", b"", 100.0, 0.0, 0.0, 0.0, glasses=False, mouth_open=0.0),
                VoiceReference(b"", b"", style, 0.8, 200.0),
                {},
            ),
        )
        for who, style in (("S1", {"af_heart": 0.7, "af_bella": 0.3}), ("S2", {"bf_emma": 1.0}))
    )


@pytest.fixture(scope="session")
def hearing() -> Hearing:
    return Hearing()


@pytest.fixture(scope="session")
def meter() -> FaceMeter:
    return FaceMeter()


@pytest.fixture(scope="session")
def faces(meter: FaceMeter) -> dict[str, FaceReference]:
    """The sample people, from photos large enough that enrolment keeps them as they are: the slow enlarging is tested
    with enrolment.
    """
    return {
        name: face_reference(
            [packed(resized(read_photo((SAMPLES / f"{name}.{kind}").read_bytes()), times))],
            meter,
            Identity(),
            lambda _step, _done: None,
        )
        for name, kind, times in (("eileen", "png", 3.65), ("grace", "jpg", 1.8))
    }


@pytest.fixture(scope="session")
def engine() -> PortraitEngine:
    return PortraitEngine()
