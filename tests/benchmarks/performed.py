"""How exactly a performance is followed: a synthetic performer whose every movement and sound is known.

The performer is a sample photo that is acted by the engine's own rig and turned as a relief (tests/captures.py), and
speaks with a stand-in voice. It drives the other sample person; what is measured is the finished, encoded clip.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import resample_poly

from generation import screenwriter
from generation.attending import Asked, attend
from generation.encode import encode
from generation.engine import Given, Recorded
from generation.perception import film, lip_sync
from generation.perception.face_enrolment import face_reference
from generation.perception.faces import FaceMeter
from generation.perception.hearing import Hearing
from generation.perception.identity import Identity
from generation.perception.references import References, VoiceReference
from generation.plan import CastMember, Role
from generation.portrait import performed_face
from generation.portrait.engine import PortraitEngine
from generation.portrait.pose import Pose
from generation.portrait.retimed import melody_st
from generation.portrait.speech import Speech
from generation.portrait.visemes import loudness_of, mouth_track
from generation.prompts import performed
from generation.recorded import Spoken
from generation.shapes import FRAME_RATE, VideoShape
from generation.transcript import error_rate, words
from generation.watching import Models
from tests.captures import Sitter, filmed, heard, speaker
from tests.generation.perception.samples import eileen, grace, packed

SECONDS: Final = 8.0
LEAD_S: Final = 0.6
LINES: Final = (
    ("Maybe my brother bought a better map, but nobody believes him. Please, move the big box.", "af_nova", 0.92),
    ("I saw the moon above the harbour last night. It was beautiful, and so very calm.", "am_onyx", 0.95),
)
SIZE: Final = VideoShape(480, 848)


class Performer:
    """What is done and said, and the video of it."""

    def __init__(self, text: str, pack: str, speed: float, seed: int, meter: FaceMeter) -> None:
        self.text, frames = text, round((SECONDS - 1.0) * FRAME_RATE)
        self.speech: Speech = speaker().say(text, {pack: 1.0}, speed)
        sound = np.zeros(frames * 48_000 // FRAME_RATE, np.float32)
        voice = 0.5 * resample_poly(self.speech.samples, 2, 1)[: len(sound) - round(LEAD_S * 48_000)]
        sound[round(LEAD_S * 48_000) :][: len(voice)] = voice
        self.sound = heard(sound, "room", seed)
        phones = [phone.moved(LEAD_S) for phone in self.speech.phones]
        mouth = np.nan_to_num(mouth_track(phones, loudness_of(sound, frames), frames))
        chance = np.random.default_rng(seed)
        brow = gaussian_filter1d(chance.normal(0, 1, frames), 8)
        lids = np.zeros(frames)
        for at in range(20, frames - 6, 44):
            lids[at : at + 6] = (0.4, 1.0, 1.0, 0.9, 0.5, 0.2)
        self.brow = 0.9 * brow / np.abs(brow).max()
        self.blink, self.jaw = lids, mouth[:, 0] * (1 - mouth[:, 3])
        turn = gaussian_filter1d(chance.normal(0, 1, frames), 12)
        self.turn = 14 * turn / np.abs(turn).max()
        poses = [
            Pose(
                jaw=float(mouth[i, 0]),
                wide=float(mouth[i, 1]),
                round=float(mouth[i, 2]),
                press=float(mouth[i, 3]),
                brow=float(self.brow[i]),
                blink=float(lids[i]),
            )
            for i in range(frames)
        ]
        pictures = list(Sitter(eileen(), meter).acted(poses, self.turn.astype(np.float32)))
        self.video = filmed(pictures, self.sound, fps=FRAME_RATE)


def character(meter: FaceMeter) -> CastMember:
    face = face_reference([packed(grace())], meter, Identity(), lambda *_: None)
    voice = VoiceReference(b"", b"", {"bf_emma": 1.0}, 0.8, 190.0)
    return CastMember("S1", "Grace", "grace:1", References(face, voice, {}), 165.0)


def rows() -> Iterator[tuple[str, dict[str, float]]]:
    """For each recording and each way to use it: figure -> value."""
    meter, hearing = FaceMeter(), Hearing()
    models = Models(meter, Identity(), hearing)
    engine, member = PortraitEngine(), character(meter)
    for seed, line in enumerate(LINES):
        performer = Performer(*line, seed, meter)
        found = attend(None, [Asked("S1", performer.video, False, None)], [member], SECONDS, models)
        for way in ("line", "as recorded", "face"):
            recorded = performed_as(found.recorded[0], way)
            yield f"{line[1]}, {way}", measured(performer, recorded, engine, member, models)


def performed_as(one: Recorded, way: str) -> Recorded:
    return Recorded(one.speaker, one.sound, one.frames if way == "face" else (), way == "as recorded", one.words)


def measured(
    performer: Performer, recorded: Recorded, engine: PortraitEngine, member: CastMember, models: Models
) -> dict[str, float]:
    role = Role("S1", "Grace", "grace")
    prompt = f"Close-up of @grace in a park.\nGrace: {performer.text}"
    spoken = performed.reworded(prompt, Spoken("S1", recorded.words), [role])
    recorded = Recorded("S1", recorded.sound, recorded.frames, recorded.own_voice, spoken.words)
    play = screenwriter.write(prompt, [role], SECONDS, seed=1, spoken=[spoken])
    with tempfile.TemporaryDirectory() as folder:
        take = engine.make(play, [member], SIZE, seed=1, on_progress=lambda *_: None, given=Given(None, (recorded,)))
        file = encode(take, SIZE, Path(folder) / "clip.mp4", title="", on_progress=lambda *_: None).path
        return _figures(file, performer, recorded, models)


def _figures(file: Path, performer: Performer, recorded: Recorded, models: Models) -> dict[str, float]:
    sound = film.sound(file).mean(0)
    voice = np.asarray(resample_poly(sound, 1, 3), np.float32)
    heard_words = models.hearing.words(voice)
    said = performer.speech.words
    text = words(" ".join(word.text for word in heard_words))
    figures = {"word error": error_rate(words(performer.text), text) or 0.0}
    if len(heard_words) == len(said):
        late = [one.end_s - other.end_s - LEAD_S for one, other in zip(heard_words, said, strict=True)]
        figures["words off, ms"] = 1000 * float(np.median(np.abs(late)))
    figures["pitch r"] = _contour(sound, performer.sound)
    points = [
        models.meter.faces(one.picture, (0,)) for one in film.moments(file, range(10_000)) if one.picture is not None
    ]
    faces = np.stack([one[0].points for one in points])
    opening = np.array([lip_sync.opening(one) for one in faces])
    times = np.arange(len(faces), dtype=np.float32) / np.float32(FRAME_RATE)
    last = round((performer.speech.seconds + LEAD_S) * FRAME_RATE)
    mouthing = lip_sync.Mouthing(times[:last], opening[:last].astype(np.float32))
    if (sync := lip_sync.synchrony([mouthing], lip_sync.envelope(voice))) is not None:
        figures |= {"sound behind lips, ms": sync.offset_ms, "lip r": sync.confidence}
    if recorded.frames:
        figures |= _followed(faces, performer)
    return figures


def _followed(faces: NDArray[np.float32], performer: Performer) -> dict[str, float]:
    """Correlations of what the clip's face does with what the performer was told to do."""
    seen = performed_face.acted(faces).tracks
    told = {"jaw": performer.jaw, "brow": performer.brow, "blink": performer.blink, "yaw": performer.turn}
    count = min(len(performer.jaw), len(faces)) - 2 * performed_face.JOIN_FRAMES
    inside = slice(performed_face.JOIN_FRAMES, count)
    return {f"{name} r": float(np.corrcoef(seen[name][inside], told[name][inside])[0, 1]) for name in told}


def _contour(clip: NDArray[np.float32], recording: NDArray[np.float32]) -> float:
    """Correlation of the two melodies where both are voiced."""
    melodies = []
    for sound in (clip, recording):
        moments, semitones = melody_st(np.asarray(resample_poly(sound, 1, 2), np.float32))
        melodies.append(dict(zip(np.round(moments * 200).astype(int).tolist(), semitones, strict=True)))
    both = sorted(melodies[0].keys() & melodies[1].keys())
    pair: Any = np.corrcoef([[melody[at] for at in both] for melody in melodies])
    return float(pair[0, 1])


def report() -> Iterator[str]:
    """A line for each row."""
    for name, figures in rows():
        yield f"{name:22}" + "  ".join(f"{figure} {value:.2f}" for figure, value in figures.items())
