"""How somebody speaks: their own matched voice, or for a figure that has none a pleasant one that stays the same."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from generation.perception.heard import Heard, kept
from generation.perception.references import FigureKind, VoiceReference
from generation.perception.tone import PLAIN, Tone
from generation.plan import CastMember
from generation.portrait.packs import PACKS

Style = Mapping[str, float]

CASTING: Final[dict[FigureKind, tuple[Style, ...]]] = {
    "pet": (
        {"af_bella": 0.6, "af_heart": 0.4},
        {"af_heart": 0.5, "bf_emma": 0.5},
        {"am_puck": 0.5, "af_bella": 0.5},
        {"bf_emma": 0.7, "af_bella": 0.3},
    ),
    "object": (
        {"bm_george": 0.7, "am_michael": 0.3},
        {"am_michael": 0.6, "af_heart": 0.4},
        {"bf_emma": 0.6, "am_michael": 0.4},
        {"am_fenrir": 0.6, "bm_george": 0.4},
    ),
    "drawn": (
        {"af_heart": 0.7, "am_puck": 0.3},
        {"am_puck": 0.7, "am_fenrir": 0.3},
        {"af_bella": 0.7, "bf_emma": 0.3},
        {"bm_george": 0.5, "am_puck": 0.5},
    ),
}
PACE: Final[dict[FigureKind, float]] = {"pet": 1.12, "object": 0.97, "drawn": 1.05}


FIGURE_SHIFT_ST: Final[dict[FigureKind, float]] = {"pet": 2.0, "object": -1.0, "drawn": 1.0}  # where blends are few
FURTHEST_ST: Final = 4.0  # a voice moved further than this no longer sounds like anybody's


class Manner(msgspec.Struct, frozen=True):
    """`style`: voice pack -> weight; `pace`: times the speed that a line's energy and emotion ask for.

    `tone`: what is done to the style's voice to come closer to the person's.
    """

    style: Style
    pace: float = 1.0
    tone: Tone = PLAIN


def manner_of(member: CastMember, language: str = "en") -> Manner:
    """How the member speaks one of languages.SPOKEN.

    Whoever has no voice gets the one that their key (less the version after its colon) falls on: always the same.
    """
    if (voice := member.references.voice) is not None:
        return Manner(voice.style, tone=voice.tone) if language == "en" else _abroad(voice, PACKS[language])
    kind: FigureKind = "drawn" if member.references.figure is None else member.references.figure.kind
    number = zlib.crc32(member.key.rpartition(":")[0].encode() or member.key.encode())
    if language == "en":
        return Manner(CASTING[kind][number % len(CASTING[kind])], PACE[kind])
    packs = PACKS[language]
    return Manner({packs[number % len(packs)]: 1.0}, PACE[kind], Tone(FIGURE_SHIFT_ST[kind]))


def _abroad(voice: VoiceReference, packs: Sequence[str]) -> Manner:
    """A person's voice in a language they were not heard in: the nearest pack of that language, at the person's pitch.

    Nearest by pitch alone where the reference has no embedding.
    """
    packed = np.frombuffer(voice.embedding, "<f4")
    person = Heard(packed if packed.size else np.zeros_like(kept()[packs[0]].embedding), voice.pitch_hz)
    nearest = max(packs, key=lambda pack: person.closeness(kept()[pack]))
    away_st = 12 * float(np.log2(voice.pitch_hz / kept()[nearest].pitch_hz))
    return Manner({nearest: 1.0}, tone=Tone(round(float(np.clip(away_st, -FURTHEST_ST, FURTHEST_ST)), 2)))
