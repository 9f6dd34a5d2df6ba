"""What the prompt languages of joint models share: a cast, a framing, a camera and a voice in plain words.

A model knows nobody's name, so a character is named once beside what can be seen of them, and by name after that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from generation.languages import NAMES, language_of_line
from generation.plan import Camera, CastMember, Emotion, Framing, Line

FRAMINGS: Final[Mapping[Framing, str]] = {
    "wide": "a wide shot",
    "two_shot": "a two shot",
    "medium": "a medium shot",
    "close_up": "a close-up",
    "insert": "an insert shot",
}
CAMERAS: Final[Mapping[Camera, str]] = {
    "static": "the camera holds still at eye level",
    "push_in": "the camera pushes in slowly at eye level",
    "pull_out": "the camera pulls back slowly at eye level",
    "pan_left": "the camera pans to the left at eye level",
    "pan_right": "the camera pans to the right at eye level",
    "handheld": "the camera is handheld at eye level and sways a little",
}
FEELINGS: Final[Mapping[Emotion, str]] = {
    "neutral": "an even",
    "happy": "a happy",
    "excited": "an excited",
    "sad": "a sad",
    "angry": "an angry",
    "afraid": "a frightened",
    "surprised": "a surprised",
    "tender": "a tender",
}
_LOW_HZ: Final = 165.0  # between the usual ranges of low and high speaking voices
_TALL_CM, _SMALL_CM = 183.0, 160.0


def looks_of(member: CastMember) -> str:
    """What is known of somebody's looks: `"Maya, a tall person with glasses"`, or the name alone."""
    references = member.references
    if references.face is None:
        kind = references.figure.kind if references.figure is not None else "object"
        return f"{member.name}, {'an' if kind == 'object' else 'a'} {kind if kind != 'drawn' else 'drawn character'}"
    height = member.height_cm
    tall = "" if height is None else "tall " if height >= _TALL_CM else "short " if height <= _SMALL_CM else ""
    build = "" if member.build == "average" else f"{member.build} "
    glasses = " with glasses" if references.face.glasses else ""
    return f"{member.name}, a {tall}{build}person{glasses}" if tall or build or glasses else member.name


def voice_of(member: CastMember) -> str:
    """`"low voice"`, `"high voice"` or `"voice"`, from the stored recording's pitch."""
    voice = member.references.voice
    return "voice" if voice is None else "low voice" if voice.pitch_hz < _LOW_HZ else "high voice"


def spoken(line: Line, member: CastMember, language: str) -> str:
    """One line in words: who, how, in which language unless English, and exactly what."""
    heard = language_of_line(line.text, language, NAMES)
    tongue = "" if heard == "en" else " in Mandarin Chinese" if heard == "zh" else f" in {NAMES[heard]}"
    loud = " loudly" if line.energy >= 0.75 else " quietly" if line.energy <= 0.25 else ""
    unseen = " from off screen" if line.off_screen else ""
    text = " ".join(line.text.split())
    return f'{member.name} says{loud}{unseen}{tongue} in {FEELINGS[line.emotion]} {voice_of(member)}, "{text}"'


def listed(names: Sequence[str]) -> str:
    """`"Maya, Leo and Ada"`; empty for nobody."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def sentence(text: str) -> str:
    """With a capital first and a full stop last; empty stays empty."""
    flat = " ".join(text.split()).strip(" ,;")
    if not flat:
        return ""
    return flat[0].upper() + flat[1:] + ("" if flat[-1] in ".!?。！？" else ".")
