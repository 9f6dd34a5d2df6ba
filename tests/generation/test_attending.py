"""What only a decoder can tell of a recording or a picture: used, or refused with its code and what is allowed."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy.signal import resample_poly

from generation.attending import Asked, attend
from generation.engine import Recorded
from generation.errors import GivenRefused
from generation.perception.face import Floats
from generation.perception.faces import FaceMeter
from generation.perception.hearing import Hearing
from generation.perception.identity import Identity
from generation.perception.recordings import RATE, wav
from generation.perception.references import FaceReference, FigureReference, References, VoiceReference
from generation.perception.voices import embedding
from generation.plan import CastMember
from generation.portrait.pose import Pose
from generation.recorded import Borrowed, Spoken, TimedWord
from generation.transcript import words
from generation.watching import Models
from tests.captures import Sitter, filmed, speaker
from tests.generation.perception.samples import eileen, grace, packed

SAID = "Maybe my brother bought a better map, but nobody believes him."
NOISE = np.random.default_rng(0).normal(0, 1, 60 * RATE).astype(np.float32)


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(FaceMeter(), Identity(), Hearing())


@pytest.fixture(scope="module")
def voice() -> Floats:
    """(N,) at 16 kHz, one second of quiet on both sides."""
    spoken = resample_poly(speaker().say(SAID, {"af_nova": 1.0}).samples, 2, 3)
    quiet = np.zeros(RATE, np.float32)
    return (
        np.asarray(np.concatenate([quiet, 0.5 * spoken, quiet]), np.float32) + 0.001 * NOISE[: 2 * RATE + len(spoken)]
    )


def person(identity: bytes = b"", stored: bytes = b"") -> CastMember:
    face = FaceReference(b"", b"", b"", 100.0, 0.0, 0.0, 0.0, glasses=False, mouth_open=0.0, identity=identity)
    return CastMember(
        "S1", "Grace", "a:1", References(face, VoiceReference(b"", stored, {"af_heart": 1.0}, 0.8, 200.0), {})
    )


def figure() -> CastMember:
    return CastMember(
        "S1", "Mug", "b:1", References(None, None, {}, FigureReference(b"", b"", None, "object", "alpha"))
    )


def listened(models: Models, content: bytes, member: CastMember | None = None, seconds: float = 10.0) -> Recorded:
    return attend(None, [Asked("S1", content, False, None)], [member or person()], seconds, models).recorded[0]


def refused(models: Models, content: bytes, member: CastMember | None = None, seconds: float = 10.0) -> str:
    with pytest.raises(GivenRefused, match="allowed") as failed:
        listened(models, content, member, seconds)
    return failed.value.code


def test_the_words_of_a_recording_are_found_with_their_times(models: Models, voice: Floats) -> None:
    heard = listened(models, wav(voice))
    assert words(" ".join(word.text for word in heard.words)) == words(SAID)
    assert heard.sound is not None
    assert len(heard.sound) == pytest.approx(3 * len(voice), abs=200)
    assert heard.words[0].start_s == pytest.approx(1.03, abs=0.1)
    spoken = speaker().say(SAID, {"af_nova": 1.0}).words
    late = [abs(one.start_s - 1 - other.start_s) for one, other in zip(heard.words, spoken, strict=True)]
    assert np.median(late) < 0.12
    assert heard.frames == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (wav(np.zeros(3 * RATE, np.float32)), "performance_silent"),
        (wav(0.0005 * NOISE[: 3 * RATE]), "performance_silent"),
        (wav(np.zeros(0, np.float32)), "performance_silent"),
        (wav(0.2 * NOISE[: 20 * RATE]), "performance_too_long"),
        (wav(np.zeros(600 * RATE, np.float32)), "performance_too_long"),
        (wav(0.2 * NOISE[: 3 * RATE])[: 2 * RATE], "performance_unreadable"),
        (b"RIFF\0\0\0\0WAVEfmt nothing more", "performance_unreadable"),
        (b"\0\0\0\x18ftypmp42" + bytes(500), "performance_unreadable"),
        (b"\x1aE\xdf\xa3" + bytes(500), "performance_unreadable"),
        (b"OggS" + bytes(500), "performance_unreadable"),
        (b"no sound at all", "performance_unreadable"),
    ],
    ids=["silence", "hiss", "nothing", "20 s", "ten minutes", "torn", "wav", "mp4", "webm", "ogg", "text"],
)
def test_what_is_no_speech_of_the_right_length_is_refused_by_name(models: Models, content: bytes, code: str) -> None:
    try:
        assert refused(models, content) == code
    except AssertionError:
        if code != "performance_unreadable":
            raise
        with pytest.raises(GivenRefused) as failed:
            listened(models, content)
        assert failed.value.code == code


def test_another_language_is_not_taken_for_english(models: Models) -> None:
    for text, language in (("今天天气很好，我们去公园散步吧。", "zh"), ("昨日は友達と映画を見に行きました。", "ja")):
        pack = {"zh": "zf_xiaobei", "ja": "jf_alpha"}[language]
        spoken = resample_poly(speaker().say(text, {pack: 1.0}, language=language).samples, 2, 3)
        code = refused(models, wav(np.asarray(0.5 * spoken, np.float32)))
        assert code in {"performance_not_understood", "performance_no_words"}, language


def test_only_ones_own_voice_is_heard_as_it_was_recorded(models: Models, voice: Floats) -> None:
    own = person(stored=embedding(voice).astype("<f4").tobytes()).references
    other = resample_poly(speaker().say(SAID, {"am_onyx": 1.0}).samples, 2, 3)
    stranger = person(stored=embedding(np.asarray(other, np.float32)).astype("<f4").tobytes()).references

    def asked(voucher: References | None) -> Recorded:
        return attend(None, [Asked("S1", wav(voice), True, voucher)], [person()], 10.0, models).recorded[0]

    assert asked(own).own_voice
    for voucher in (stranger, person().references, None):
        with pytest.raises(GivenRefused) as failed:
            asked(voucher)
        assert failed.value.code == "performance_voice"


def still(picture: np.ndarray, seconds: float = 2.0, sound: Floats | None = None) -> bytes:
    return filmed([picture] * round(12 * seconds), sound)


def test_one_face_throughout_drives_and_anything_else_is_refused(models: Models, voice: Floats) -> None:
    face = np.ascontiguousarray(Sitter(eileen(), models.meter).acted([Pose()], np.zeros(1, np.float32))[0])
    driving = listened(models, still(face))
    assert (driving.sound, driving.words) == (None, ()), "a face without a word"
    assert len(driving.frames) == pytest.approx(48, abs=3)
    assert max(driving.frames[0].shape) <= 512
    spoken = listened(models, still(face, 5.0, np.asarray(resample_poly(voice, 3, 1), np.float32)))
    assert words(" ".join(word.text for word in spoken.words)) == words(SAID)
    two = np.ascontiguousarray(np.concatenate([face, face[:, ::-1]], axis=1))
    assert refused(models, still(two)) == "performance_several_faces"
    assert refused(models, still(np.full_like(face, 90))) == "performance_no_face"
    small = np.full((1280, 960, 3), 120, np.uint8)
    small[500:740, 400:580] = cv2.resize(face, (180, 240), interpolation=cv2.INTER_AREA)
    assert refused(models, still(small)) in {"performance_face_small", "performance_no_face"}
    assert refused(models, still(face, 14.0)) == "performance_too_long"
    assert refused(models, still(face), figure()) == "performance_no_face_to_drive"


def test_a_sound_may_drive_a_figure(models: Models, voice: Floats) -> None:
    assert listened(models, wav(voice), figure()).words


def test_the_sound_of_another_clip_is_heard_as_it_is_there(models: Models, voice: Floats) -> None:
    spoken = (Spoken("S2", (TimedWord("Maybe", 1.0, 1.4),)), Spoken("S1", (TimedWord("so.", 1.5, 1.8),)))
    given = attend(None, [], [person()], 10.0, models, Borrowed(wav(voice), spoken)).recorded
    assert [(one.speaker, one.words, one.own_voice, one.borrowed) for one in given] == [
        ("S2", spoken[0].words, True, True),
        ("S1", spoken[1].words, True, True),
    ]
    for one in given:
        assert one.sound is not None
        assert abs(len(one.sound) - 3 * len(voice)) < 48
    with pytest.raises(GivenRefused) as failed:
        attend(None, [], [person()], 10.0, models, Borrowed(b"no film", spoken))
    assert failed.value.code == "sound_unreadable"


def scene(models: Models, content: bytes, *cast: CastMember) -> tuple[int, ...]:
    found = attend(content, [], cast or [person()], 10.0, models).scene
    assert found is not None
    return found.shape


def test_a_picture_without_strangers_becomes_the_scene(models: Models) -> None:
    empty = np.linspace(0, 255, 600 * 400 * 3).reshape(600, 400, 3).astype(np.uint8)
    assert scene(models, packed(empty)) == (600, 400, 3)
    assert max(scene(models, packed(np.zeros((3000, 2400, 3), np.uint8)))) == 2048
    meter, identity = models.meter, models.identity
    known = identity.descriptor(grace(), meter.faces(grace())[0]).astype("<f4").tobytes()
    assert scene(models, packed(grace()), person(known)) == grace().shape, "the cast's own face"
    for cast in (person(), person(known)):
        with pytest.raises(GivenRefused, match="nobody's in the cast") as failed:
            scene(models, packed(eileen()), cast)
        assert failed.value.code == "input_reference_face"


def test_a_picture_is_turned_as_its_file_says_and_torn_ones_are_refused(models: Models) -> None:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((200, 400, 3), np.uint8)).save(file, "JPEG", exif=exif)
    assert scene(models, file.getvalue()) == (400, 200, 3)
    with pytest.raises(GivenRefused) as failed:
        scene(models, file.getvalue()[:300])
    assert failed.value.code == "input_reference_unreadable"
