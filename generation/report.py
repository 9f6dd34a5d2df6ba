"""The identity report of a finished clip, and when it passes. Model-free: the flow and the web process read it.

The limits were set beside measured clips of the portrait engine and beside wrong ones; docs/report.md has the figures.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

FARTHEST_FACE: Final = 1.2  # dlib distance that scores 0
SHOT_FARTHEST: Final = 0.5  # mean dlib distance in one shot: own faces reach .33, the other person's begin at .63
FOUND_LEAST: Final = 0.5  # share of the looks at somebody that must show a face; all of them did
VOICE_LEAST: Final = 0.4  # cosine: below every voice, own (.50 to .69) or not: it stops noise and silence
WER_MOST: Final = 0.34  # 0 in every clip measured; a third lost is a line not understood
SYNC_MOST_MS: Final = 200  # 90 measured where all is well; viewers notice 125 (ITU-R BT.1359)
CUT_FRAMES: Final = 2  # a realised cut may lie this far from the planned one


class Figures(msgspec.Struct, frozen=True):
    """Everything measured, by speaker ("S1") where it is somebody's. None: it cannot be told."""

    face: dict[str, float | None]  # 1 - distance / 1.2
    voice: dict[str, float | None]  # cosine
    wer: float | None
    lip_sync_ms: int | None  # > 0: the sound comes late
    cuts_ok: int
    cuts: int  # planned
    measures: dict[str, Any]  # raw values


class Report(msgspec.Struct, frozen=True):
    """As it is stored and shown; `failures` names the figures over or under their limits."""

    face: dict[str, float | None]
    voice: dict[str, float | None]
    wer: float | None
    lip_sync_ms: int | None
    cuts_ok: int
    cuts: int
    measures: dict[str, Any]
    models: dict[str, str]  # figure -> what measured it
    failures: tuple[str, ...]
    passed: bool
    seconds: float  # the measuring took

    @property
    def rank(self) -> tuple[int, float]:
        """The higher the better: fewer failures first, then likeness and intelligibility."""
        known = [one for one in (*self.face.values(), *self.voice.values()) if one is not None]
        return -len(self.failures), sum(known) - (self.wer or 0.0)


def judged(figures: Figures, models: dict[str, str], seconds: float) -> Report:
    """What cannot be told fails nothing, but for a face: who should be seen and is not has failed."""
    found, worst = figures.measures["face_found"], figures.measures["face_worst"]
    failures = (
        *(f"face {who} found in {share:.0%}" for who, share in found.items() if share < FOUND_LEAST),
        *(f"face {who} at {apart:.2f}" for who, apart in worst.items() if apart is not None and apart > SHOT_FARTHEST),
        *(f"voice {who} {cos:.2f}" for who, cos in figures.voice.items() if cos is not None and cos < VOICE_LEAST),
        *([f"wer {figures.wer:.2f}"] if figures.wer is not None and figures.wer > WER_MOST else ()),
        *(
            [f"lip_sync {figures.lip_sync_ms} ms"]
            if figures.lip_sync_ms is not None and abs(figures.lip_sync_ms) > SYNC_MOST_MS
            else ()
        ),
        *([f"cuts {figures.cuts_ok} of {figures.cuts}"] if figures.cuts_ok < figures.cuts else ()),
    )
    return Report(
        **msgspec.structs.asdict(figures), models=models, failures=failures, passed=not failures, seconds=seconds
    )
