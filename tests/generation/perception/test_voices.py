from __future__ import annotations

import io
import warnings
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.errors import CheckFailed, NotASound
from generation.perception.recordings import MAX_BYTES, RATE, decoded
from generation.perception.tone import BANDS_HZ, PLAIN, Tone
from generation.perception.voice_enrolment import checked, voice_reference
from generation.perception.voices import embedding, pitches
from generation.portrait.packs import VOICES
from generation.portrait.speech import Speaker

Floats = NDArray[np.float32]
STANDINS = Path(__file__).parents[2] / "data" / "standins"
SAMPLES = Path(__file__).parents[3] / "backend" / "samples"
READ_ALOUD = "Hello everyone, this is my own voice, and I am reading these lines aloud, so that the app learns it."


@pytest.fixture(scope="module")
def speaker() -> Speaker:
    """Two of the engine's voices and the stand-ins: enough to choose between, and quick."""
    speaker = Speaker(voices=(VOICES, STANDINS))
    speaker.voices = ("af_heart", "am_michael")
    return speaker


@pytest.fixture(scope="module")
def woman(speaker: Speaker) -> Floats:
    return heard(speaker, "af_nova")


@pytest.fixture(scope="module")
def man(speaker: Speaker) -> Floats:
    return heard(speaker, "am_onyx")


def heard(speaker: Speaker, pack: str) -> Floats:
    """A stand-in at a microphone with a little noise of its own."""
    said = resample_poly(speaker.say(READ_ALOUD, {pack: 1.0}).samples, 2, 3)
    noise = np.random.default_rng(0).normal(0, 0.001, len(said))
    return np.asarray(np.clip(0.6 * said + noise, -1, 1), np.float32)


def wav(voice: Floats) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((voice * 32767).astype("<i2").tobytes())
    return file.getvalue()


def encoded(voice: Floats, container: str, codec: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=48_000)
        assert isinstance(stream, av.AudioStream)
        whole = np.asarray(resample_poly(voice, 3, 1), np.float32)[None]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        fit = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=48_000, frame_size=960)
        for part in [*fit.resample(frame), *fit.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return file.getvalue()


def refused(voice: Floats) -> CheckFailed:
    with pytest.raises(CheckFailed) as failed:
        checked(voice)
    return failed.value


@pytest.mark.parametrize(
    ("container", "codec"),
    [("ogg", "libopus"), ("webm", "libopus"), ("mp3", "libmp3lame"), ("mp4", "aac"), ("flac", "flac")],
)
def test_what_phones_and_browsers_record_is_read(woman: Floats, container: str, codec: str) -> None:
    read = decoded(encoded(woman, container, codec))
    assert len(read) == pytest.approx(len(woman), abs=0.15 * RATE)
    assert np.std(read) == pytest.approx(np.std(woman), rel=0.15)


def test_a_wav_is_read_as_it_is(woman: Floats) -> None:
    read = decoded(wav(woman))
    assert len(read) == len(woman)
    assert np.abs(read - woman).max() < 1e-3


def test_bytes_that_are_no_sound_are_refused(woman: Floats) -> None:
    for rubbish in (b"", b"RIFF", b"not a sound at all", bytes(MAX_BYTES + 1), b"#EXTM3U\nfile:///etc/passwd\n"):
        with pytest.raises(NotASound):
            decoded(rubbish)
    with pytest.raises(NotASound, match="breaks off"):
        decoded(wav(woman)[: len(woman)])
    whole = encoded(woman, "mp4", "aac")
    with pytest.raises(NotASound):
        decoded(whole[: len(whole) // 2])


@given(
    st.sampled_from([b"RIFF\x00\x00\x00\x00WAVE", b"OggS", b"\x1aE\xdf\xa3", b"ID3", b"fLaC", b"\0\0\0\x18ftyp"]),
    st.binary(max_size=300),
)
def test_no_bytes_make_the_decoder_fail_in_another_way(magic: bytes, rest: bytes) -> None:
    try:
        decoded(magic + rest)
    except NotASound:
        return


def test_a_recording_of_many_minutes_is_refused() -> None:
    with pytest.raises(CheckFailed) as failed:
        decoded(wav(np.zeros(130 * RATE, np.float32)))
    assert failed.value.check == "length"


def test_each_fault_is_refused_by_its_own_check_with_its_figure(woman: Floats) -> None:
    chance = np.random.default_rng(1)
    tone = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(6 * RATE) / RATE)
    faults = {
        "silence": (np.zeros(6 * RATE, np.float32), "voice"),
        "faint": (0.001 * woman, "voice"),
        "noise": (np.asarray(chance.normal(0, 0.2, 6 * RATE), np.float32), "voice"),
        "tone": (np.asarray(tone, np.float32), "quality"),
        "a moment": (woman[: RATE // 2], "length"),
        "too short": (woman[: round(2.5 * RATE)], "length"),
        "overdriven": (np.clip(8 * woman, -1, 1), "quality"),
        "noisy": (np.asarray(np.clip(woman + chance.normal(0, 0.02, len(woman)), -1, 1), np.float32), "quality"),
    }
    found = {name: refused(voice) for name, (voice, _) in faults.items()}
    assert {name: said.check for name, said in found.items()} == {name: check for name, (_, check) in faults.items()}
    assert all(any(c.isdigit() for c in str(said)) for said in found.values())


def test_two_people_get_two_styles_near_their_own_pitch(speaker: Speaker, woman: Floats, man: Floats) -> None:
    heard_stages: list[str] = []
    hers = voice_reference(wav(woman), speaker, lambda stage, _fraction, _shot: heard_stages.append(stage))
    his = voice_reference(encoded(man, "webm", "libopus"), speaker, lambda *_: None)
    assert hers.style != his.style
    assert max(hers.style, key=lambda pack: hers.style[pack]) == "af_heart"
    assert max(his.style, key=lambda pack: his.style[pack]) == "am_michael"
    for reference in (hers, his):
        assert sum(reference.style.values()) == pytest.approx(1)
        assert reference.cosine > 0.5
        assert np.linalg.norm(np.frombuffer(reference.embedding, "<f4")) == pytest.approx(1, abs=1e-5)
        with wave.open(io.BytesIO(reference.sample_wav)) as kept:
            assert (kept.getnchannels(), kept.getsampwidth(), kept.getframerate()) == (1, 2, RATE)
            assert 4 < kept.getnframes() / RATE <= 9
    assert hers.pitch_hz > 1.3 * his.pitch_hz
    assert heard_stages[0] == "listening"


def test_a_matched_tone_is_nearer_to_a_recording_it_never_heard(speaker: Speaker, man: Floats) -> None:
    his = voice_reference(wav(man), speaker, lambda *_: None)
    later = speaker.say("Nobody believed that the bridge would open in winter.", {"am_onyx": 1.0}).samples
    another_day = np.asarray(resample_poly(later, 2, 3), np.float32)

    def cosine(tone: Tone) -> float:
        said = speaker.say("Please bring six spoons of fresh snow peas.", his.style, tone=tone).samples
        assert np.abs(said).max() < 1.06
        return float(embedding(another_day) @ embedding(np.asarray(resample_poly(said, 2, 3), np.float32)))

    assert his.tone != PLAIN
    assert abs(his.tone.shift_st) <= 4
    assert len(his.timbre_db) == len(BANDS_HZ)
    assert cosine(his.tone) > cosine(PLAIN) + 0.02


@pytest.mark.parametrize("name", ["eileen", "grace"])
def test_the_sample_people_pass_the_checks(name: str) -> None:
    voice = decoded((SAMPLES / f"{name}_voice.wav").read_bytes())
    checked(voice)
    assert 150 < float(np.median(pitches(voice))) < 230


@pytest.mark.parametrize("hertz", [80, 120, 190, 260, 350])
def test_the_pitch_is_the_true_period(hertz: int) -> None:
    buzz = sum(np.sin(2 * np.pi * hertz * k * np.arange(RATE) / RATE) / k for k in range(1, 9))
    assert float(np.median(pitches(np.asarray(0.2 * buzz, np.float32)))) == pytest.approx(hertz, rel=0.03)


@pytest.mark.parametrize("seconds", [0.5, 1.6, 2.6, 5.1])
def test_the_embedding_is_the_packages_own(woman: Floats, seconds: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # librosa and numba warn while they are imported
        from resemblyzer import VoiceEncoder, normalize_volume  # noqa: PLC0415  # six seconds, and it warns
    part = woman[: round(seconds * RATE)]
    encoder = VoiceEncoder("cpu", verbose=False)
    theirs = encoder.embed_utterance(normalize_volume(part, -30, increase_only=True))
    assert np.abs(embedding(part) - theirs).max() < 1e-5
