"""Captions as a WebVTT file (W3C WebVTT: The Web Video Text Tracks Format)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
from typing import Final

import msgspec

_CUE: Final = re.compile(r"^([\d:.]+) --> ([\d:.]+)\n<v ([^<>\n]*)>([^<>\n]*)</v>$", re.MULTILINE)


class Caption(msgspec.Struct, frozen=True):
    """Words as they are heard; seconds on the clip's clock."""

    start_s: float
    end_s: float
    speaker: str
    text: str

    def moved(self, seconds: float) -> Caption:
        """Earlier or later."""
        return msgspec.structs.replace(self, start_s=self.start_s + seconds, end_s=self.end_s + seconds)


def webvtt(captions: Sequence[Caption]) -> str:
    """One cue per caption in order of time, the speaker as a voice span; empty input gives a valid empty file.

    Line breaks inside a caption become spaces: a blank line would end the cue.
    """
    cues = [
        f"{_clock(caption.start_s)} --> {_clock(max(caption.end_s, caption.start_s + 0.001))}\n"
        f"<v {_flat(caption.speaker)}>{_flat(caption.text)}</v>\n"
        for caption in sorted(captions, key=lambda each: (each.start_s, each.end_s))
    ]
    return "\n".join(["WEBVTT\n", *cues])


def parsed(text: str) -> tuple[Caption, ...]:
    """What `webvtt` wrote."""
    return tuple(
        Caption(_seconds(cue[1]), _seconds(cue[2]), unescape(cue[3]), unescape(cue[4])) for cue in _CUE.finditer(text)
    )


def _seconds(clock: str) -> float:
    hour, minute, second = clock.split(":")
    return 3600 * int(hour) + 60 * int(minute) + float(second)


def _flat(text: str) -> str:
    return escape(" ".join(text.split()), quote=False)


def _clock(seconds: float) -> str:
    """`3.5` -> `00:00:03.500`; never negative."""
    whole, thousandths = divmod(max(round(seconds * 1000), 0), 1000)
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}.{thousandths:03}"
