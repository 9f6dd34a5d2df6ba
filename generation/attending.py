"""What a maker gave beside the words, decoded and looked at: can it be used, and what is said in it?"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import cv2
import msgspec
import numpy as np
from scipy.signal import resample_poly

from generation.engine import Frame, Given, Recorded
from generation.errors import CheckFailed, GivenRefused, NotAPicture, NotASound, NotAVideo
from generation.perception import performance_video
from generation.perception.identity import SAME_FACE, distance
from generation.perception.photos import read_photo
from generation.perception.recordings import RATE, Floats, decoded
from generation.perception.references import References
from generation.perception.voices import VAD_S, embedding, speech_mask
from generation.plan import CastMember
from generation.prints import of_picture, prints
from generation.recorded import Borrowed, TimedWord, plain
from generation.shapes import SAMPLE_RATE
from generation.watching import Models

MOST_BYTES: Final = 50_000_000
GRACE_S: Final = 0.5  # over the clip's length; it is cut off
LEAST_SPEECH_S: Final = 0.25
QUIETEST: Final = 0.003  # of full scale, the loud tenth of a recording: below, nothing is heard
QUIET: Final = 0.06  # of the loudest syllables: a pause inside a recording
SURE_WORDS: Final = (0.35, 0.6)  # mean of the recogniser's own probabilities, of few words and of more
FEW_WORDS: Final = 4
FASTEST_WORDS: Final = 6.0  # a second; what it makes up runs on without end
SAME_VOICE: Final = 0.65  # as at enrolment
SCENE_PX: Final = 2048  # longer side


class Asked(msgspec.Struct, frozen=True):
    """One performance as it was sent. `voucher` holds the voice that an own voice must be."""

    speaker: str
    content: bytes
    own_voice: bool
    voucher: References | None


def attend(
    scene: bytes | None,
    asked: Sequence[Asked],
    cast: Sequence[CastMember],
    seconds: float,
    models: Models,
    borrowed: Borrowed | None = None,
) -> Given:
    """Everything that was given, ready for an engine. Blocks: some 2 s for a recording of ten. Raises GivenRefused."""
    members = {member.speaker: member for member in cast}
    recorded = tuple(_recorded(one, members[one.speaker], seconds, models) for one in asked)
    recorded += () if borrowed is None else _borrowed(borrowed)
    shown = None if scene is None else _scene(scene, cast, models)
    pictured = [] if scene is None else [of_picture(scene)]
    looks = tuple(look for look in (*pictured, *(_look(one.content) for one in asked)) if look)
    return Given(shown, recorded, looks=looks)


def _look(content: bytes) -> tuple[str, ...]:
    """Of a film; a recording has none."""
    try:
        return prints(io.BytesIO(content))
    except NotAVideo:
        return ()


def _borrowed(sound: Borrowed) -> tuple[Recorded, ...]:
    """Its voices, heard as they are there. Raises GivenRefused."""
    try:
        whole = decoded(sound.content, MOST_BYTES, rate=SAMPLE_RATE)
    except (NotASound, CheckFailed) as broken:
        raise GivenRefused("sound_unreadable", f"the sound of the other video cannot be used: {broken}") from None
    return tuple(Recorded(one.speaker, whole, own_voice=True, words=one.words, borrowed=True) for one in sound.spoken)


def _scene(scene: bytes, cast: Sequence[CastMember], models: Models) -> Frame:
    try:
        photo = read_photo(scene)
    except NotAPicture as broken:
        raise GivenRefused("input_reference_unreadable", f"{broken}; allowed: a whole JPEG, PNG or WebP") from None
    known = [
        np.frombuffer(member.references.face.identity, "<f4")
        for member in cast
        if member.references.face is not None and member.references.face.identity
    ]
    for face in models.meter.faces(photo):
        seen = models.identity.descriptor(photo, face)
        apart = min((distance(seen, one) for one in known), default=float("inf"))
        if apart >= SAME_FACE:
            raise GivenRefused(
                "input_reference_face",
                f"the picture shows a face that is nobody's in the cast ({_how_far(apart)}); "
                "allowed: a picture without strangers",
            )
    shrink = SCENE_PX / max(photo.shape[:2])
    if shrink >= 1:
        return photo
    size = (round(photo.shape[1] * shrink), round(photo.shape[0] * shrink))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def _how_far(apart: float) -> str:
    return f"distance {apart:.2f}, under {SAME_FACE:g} is the same person" if np.isfinite(apart) else "no face is cast"


def _recorded(asked: Asked, member: CastMember, seconds: float, models: Models) -> Recorded:
    try:
        frames = _frames(asked, member, seconds, models)
        silent = bool(frames) and not performance_video.has_sound(asked.content)
        sound = np.zeros(0, np.float32) if silent else decoded(asked.content, MOST_BYTES, rate=SAMPLE_RATE)
    except CheckFailed as failed:  # of its length: nothing else is checked there
        raise GivenRefused(
            "performance_too_long" if "most" in str(failed) or "over" in str(failed) else "performance_too_short",
            f"{failed}; allowed here: up to the clip's {seconds:g} s",
        ) from None
    except (NotASound, NotAVideo) as broken:
        raise GivenRefused("performance_unreadable", f"the recording cannot be read: {broken}") from None
    if len(sound) > (seconds + GRACE_S) * SAMPLE_RATE:
        found = len(sound) / SAMPLE_RATE
        raise GivenRefused(
            "performance_too_long",
            f"the recording is {found:.1f} s long; allowed: up to the clip's {seconds:g} s",
        )
    sound = sound[: round(seconds * SAMPLE_RATE)]
    voice = np.asarray(resample_poly(sound, 1, SAMPLE_RATE // RATE), np.float32)
    if not _speaks(voice):
        if frames and not asked.own_voice:
            return Recorded(asked.speaker, None, frames)
        raise GivenRefused(
            "performance_silent", "nobody is heard in the recording; allowed: clear speech, near the microphone"
        )
    words = _words(voice, models)
    if asked.own_voice:
        _check_voice(voice, asked.voucher)
    return Recorded(asked.speaker, sound, frames, asked.own_voice, words)


def _frames(asked: Asked, member: CastMember, seconds: float, models: Models) -> tuple[Frame, ...]:
    if not performance_video.has_pictures(asked.content):
        return ()
    if member.references.face is None:
        raise GivenRefused(
            "performance_no_face_to_drive",
            f"{member.name} is a figure without a face that a video could drive; allowed: a sound recording",
        )
    return performance_video.followed(asked.content, seconds + GRACE_S, models.meter)


def _speaks(voice: Floats) -> bool:
    if not len(voice) or float(np.quantile(np.abs(voice), 0.97)) < QUIETEST:
        return False
    return float(speech_mask(voice).sum()) * VAD_S >= LEAST_SPEECH_S


def _words(voice: Floats, models: Models) -> tuple[TimedWord, ...]:
    heard = [word for word in models.hearing.words(voice) if plain(word.text)]
    if not heard:
        raise GivenRefused(
            "performance_no_words", "no words are heard in the recording; allowed: a spoken English line"
        )
    sure = float(np.mean([word.probability for word in heard]))
    least = SURE_WORDS[len(heard) > FEW_WORDS]
    if sure < least or len(heard) > FASTEST_WORDS * len(voice) / RATE:
        raise GivenRefused(
            "performance_not_understood",
            f"the words cannot be made out (certainty {sure:.2f}, at least {least:g} is needed); allowed: clear "
            "English, the one language that recordings are understood in",
        )
    return tuple(TimedWord(word.text, *_sounding(voice, word.start_s, word.end_s)) for word in heard)


def _sounding(voice: Floats, start_s: float, end_s: float) -> tuple[float, float]:
    """Begin and end of what sounds between two moments: the recogniser counts the pauses around a word to it."""
    hop = RATE // 100
    steps = voice[: len(voice) // hop * hop].reshape(-1, hop)
    level = np.sqrt((steps**2).mean(1))
    first, last = round(start_s * 100), min(round(end_s * 100), len(level))
    heard = np.flatnonzero(level[first:last] > QUIET * np.quantile(level, 0.97))
    if not len(heard):
        return start_s, max(end_s, start_s + 0.04)
    return (first + int(heard[0])) / 100, (first + int(heard[-1]) + 1) / 100


def _check_voice(voice: Floats, voucher: References | None) -> None:
    stored = None if voucher is None or voucher.voice is None else voucher.voice.embedding
    if not stored:
        raise GivenRefused("performance_voice", "there is no stored voice of yours to compare the recording with")
    alike = float(np.frombuffer(stored, "<f4") @ embedding(voice))
    if alike < SAME_VOICE:
        raise GivenRefused(
            "performance_voice",
            f"the recording does not sound like your stored voice (likeness {alike:.2f}, {SAME_VOICE:g} is needed): "
            "speak yourself, or leave performance_voice at 'character'",
        )
