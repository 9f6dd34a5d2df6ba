from __future__ import annotations

from pathlib import Path

import pytest

from generation.perception.hearing import Hearing
from generation.perception.references import FaceReference, References, VoiceReference
from generation.plan import CastMember
from generation.portrait.packs import VOICES
from generation.portrait.speech import Speaker

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
