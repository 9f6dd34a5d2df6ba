"""A finished clip measured against what was planned and whom it shows: from the file alone, whatever engine made it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from scipy.signal import resample_poly

from generation.captions_file import Caption
from generation.engine import Progress
from generation.perception import cuts, film, hearing, identity, lip_sync, voices
from generation.perception.face import Floats
from generation.perception.hearing import Hearing
from generation.perception.lip_sync import envelope, synchrony
from generation.perception.voices import embedding
from generation.plan import CastMember, Screenplay
from generation.portrait.loudness import lufs
from generation.report import CUT_FRAMES, FARTHEST_FACE, Figures, Report, judged
from generation.shapes import FRAME_RATE, frames_for
from generation.transcript import error_rate, words
from generation.watching import Models, Seen, mouthing, watch

LEAST_VOICE_S: Final = 1.5  # of somebody's lines; less is nobody's voice
SURE_OF_SYNC: Final = 1.2  # confidence times the root of the seconds seen: other clips' sound reaches 1.16
MODELS: Final = {
    "face": identity.MODEL,
    "voice": voices.ENCODER,
    "wer": hearing.MODEL,
    "lip_sync": lip_sync.MODEL,
    "cuts": cuts.MODEL,
    "loudness": "ITU-R BS.1770, torchaudio",
}


class _Heard(msgspec.Struct, frozen=True):
    """What the sound gave."""

    transcript: str | None
    wer: float | None
    cosines: dict[str, float | None]
    envelope: Floats
    loudness_lufs: float | None


def measure(
    file: Path,
    screenplay: Screenplay,
    cast: Sequence[CastMember],
    captions: Sequence[Caption],
    models: Models,
    on_progress: Progress,
) -> Report:
    """Blocks: 2.5 to 3.5 s for ten seconds of clip on two idle cores. `captions` say only where to listen for whom.

    Raises NotAVideo, EngineUnavailable where a model's package is missing, and whatever `on_progress` raises.
    """
    began = time.perf_counter()
    with ThreadPoolExecutor(1, "report") as pool:
        listening = pool.submit(_listen, file, screenplay, cast, captions, models.hearing)
        seen = watch(file, screenplay, cast, captions, models, on_progress)
        heard = listening.result()
    on_progress("report", 1.0, 0)
    planned = [frames_for(cut) for cut in screenplay.cuts_s]
    found = cuts.cuts_in(seen.thumbs)
    ok = cuts.matched(planned, found, CUT_FRAMES)
    watched_s = sum(len(one.seen) for one in seen.stretches) / FRAME_RATE
    sync = synchrony([mouthing(one) for one in seen.stretches], heard.envelope)
    sure = sync is not None and sync.confidence * watched_s**0.5 >= SURE_OF_SYNC
    shots = {who: [float(np.mean(looks)) for looks in shots.values()] for who, shots in seen.distances.items()}
    distances = {
        who: float(np.mean([apart for looks in shots.values() for apart in looks])) if shots else None
        for who, shots in seen.distances.items()
    }
    measures: dict[str, Any] = {
        "face_distance": {who: None if apart is None else round(apart, 3) for who, apart in distances.items()},
        "face_worst": {who: round(max(means), 3) if means else None for who, means in shots.items()},
        "face_found": {who: round(_count(seen, who) / looks, 3) for who, looks in seen.looks.items() if looks},
        "lip_sync": sync,
        "lip_sync_seconds": round(watched_s, 2),
        "cuts_s": [round(at / FRAME_RATE, 3) for at in found],
        "cuts_unplanned": len(found) - ok,
        "transcript": heard.transcript,
        "loudness_lufs": heard.loudness_lufs,
    }
    figures = Figures(
        face={who: None if apart is None else _score(apart) for who, apart in distances.items()},
        voice=heard.cosines,
        wer=heard.wer,
        lip_sync_ms=sync.offset_ms if sync is not None and sure else None,
        cuts_ok=ok,
        cuts=len(planned),
        measures=measures,
    )
    return judged(figures, MODELS, round(time.perf_counter() - began, 2))


def _listen(
    file: Path, screenplay: Screenplay, cast: Sequence[CastMember], captions: Sequence[Caption], ears: Hearing
) -> _Heard:
    sound = film.sound(file)
    voice = np.asarray(resample_poly(sound.mean(0), 1, 3), np.float32)
    transcript = _transcript(voice, screenplay, ears)
    said = [word for shot in screenplay.shots for line in shot.lines for word in words(line.text)]
    wrong = None if transcript is None else error_rate(said, words(transcript))
    return _Heard(
        transcript=transcript,
        wer=None if wrong is None else round(wrong, 3),
        cosines={member.speaker: _voice(voice, member, captions) for member in cast if _speaks(member, screenplay)},
        envelope=envelope(voice),
        loudness_lufs=_loudness(sound),
    )


def _transcript(voice: Floats, screenplay: Screenplay, ears: Hearing) -> str | None:
    """What was heard; None where nobody should speak or the recogniser does not know the language."""
    if not screenplay.speakers or not screenplay.language.lower().startswith("en") or not len(voice):
        return None
    return " ".join(word.text for word in ears.words(voice))


def _speaks(member: CastMember, screenplay: Screenplay) -> bool:
    return member.speaker in screenplay.speakers and member.references.voice is not None


def _voice(voice: Floats, member: CastMember, captions: Sequence[Caption]) -> float | None:
    """Cosine of somebody's lines, as they are heard over everything else, with the stored voice."""
    stored = member.references.voice
    own = [
        voice[round(caption.start_s * 16_000) : round(caption.end_s * 16_000)]
        for caption in captions
        if caption.speaker == member.speaker
    ]
    lines = np.concatenate([np.zeros(0, np.float32), *own])
    if stored is None or not stored.embedding or len(lines) < LEAST_VOICE_S * 16_000:
        return None
    return round(float(np.frombuffer(stored.embedding, "<f4") @ embedding(lines)), 3)


def _count(seen: Seen, who: str) -> int:
    return sum(len(looks) for looks in seen.distances[who].values())


def _score(distance: float) -> float:
    return round(max(0.0, 1 - distance / FARTHEST_FACE), 3)


def _loudness(sound: Floats) -> float | None:
    level = lufs(sound) if sound.shape[1] else float("-inf")
    return round(level, 1) if np.isfinite(level) else None
