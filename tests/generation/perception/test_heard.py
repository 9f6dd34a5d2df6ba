from __future__ import annotations

import numpy as np
import pytest

from generation.perception.heard import PROBE, kept, listened
from generation.portrait.packs import PACKS
from generation.portrait.speech import Speaker


def test_every_voice_of_the_engine_has_its_figures() -> None:
    assert set(kept()) == {pack for packs in PACKS.values() for pack in packs}
    for heard in kept().values():
        assert np.linalg.norm(heard.embedding) == pytest.approx(1, abs=1e-3)


def test_the_figures_are_those_of_the_voice() -> None:
    speaker = Speaker()
    pack = speaker.voices[-1]
    fresh = listened(speaker.say(PROBE, {pack: 1.0}))
    assert float(fresh.embedding @ kept()[pack].embedding) > 0.995
    assert kept()[pack].pitch_hz == pytest.approx(fresh.pitch_hz, rel=0.02)
