"""Measures how the engine's voice packs sound, for enrolment to compare people with: half a minute.

.venv/bin/python -m generation.portrait.measured_voices
"""

from __future__ import annotations

from generation.perception.heard import PROBE, keep, listened
from generation.portrait.speech import Speaker

if __name__ == "__main__":
    speaker = Speaker()
    keep({pack: listened(speaker.say(PROBE, {pack: 1.0})) for pack in speaker.voices})
