"""Measures how the engine's voice packs sound, for enrolment to compare people with: half a minute.

.venv/bin/python -m generation.portrait.measured_voices
"""

from __future__ import annotations

from generation.perception.heard import PROBES, keep, listened
from generation.portrait.packs import PACKS
from generation.portrait.speech import Speaker

if __name__ == "__main__":
    speaker = Speaker()
    keep(
        {
            pack: listened(speaker.say(PROBES[language], {pack: 1.0}, language=language))
            for language, packs in PACKS.items()
            for pack in packs
        }
    )
