"""How somebody speaks: their own matched voice, or for a figure that has none a pleasant one that stays the same."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Final

import msgspec

from generation.perception.references import FigureKind
from generation.perception.tone import PLAIN, Tone
from generation.plan import CastMember

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


class Manner(msgspec.Struct, frozen=True):
    """`style`: voice pack -> weight; `pace`: times the speed that a line's energy and emotion ask for.

    `tone`: what is done to the style's voice to come closer to the person's.
    """

    style: Style
    pace: float = 1.0
    tone: Tone = PLAIN


def manner_of(member: CastMember) -> Manner:
    """Whoever has no voice gets the one that their key (less the version after its colon) falls on: always the same."""
    if (voice := member.references.voice) is not None:
        return Manner(voice.style)
    kind: FigureKind = "drawn" if member.references.figure is None else member.references.figure.kind
    styles = CASTING[kind]
    return Manner(
        styles[zlib.crc32(member.key.rpartition(":")[0].encode() or member.key.encode()) % len(styles)], PACE[kind]
    )
