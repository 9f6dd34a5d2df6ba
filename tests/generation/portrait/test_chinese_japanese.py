from __future__ import annotations

import re

import numpy as np
import pytest
import pyworld
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from generation.perception.heard import kept
from generation.perception.references import FigureReference, References, VoiceReference
from generation.perception.voices import pitches
from generation.plan import CastMember
from generation.portrait import japanese, mandarin
from generation.portrait.captions import WIDE_CHARS, captions, width_of
from generation.portrait.kana import KANA
from generation.portrait.kana import sounds as kana_sounds
from generation.portrait.kokoro import Kokoro
from generation.portrait.manner import manner_of
from generation.portrait.packs import PACKS
from generation.portrait.phones import SAMPLE_RATE
from generation.portrait.speech import Speaker
from generation.portrait.visemes import CLOSURES, SHAPES

MARKS = frozenset("ˈˌːʰʲᵝ→↗↓↘ ;:,.!?—…")
FIGURE = FigureReference(b"", b"", None, "pet", "card")
CHINESE = "妈妈明天早上10:30在银行门口等你，行不行？"
JAPANESE = "今日は10時30分に会いましょう。楽しみにしています！"


def chinese(text: str) -> str:
    return " ".join(token.said for token in mandarin.read(text) if token.said)


def nippon(text: str) -> str:
    return " ".join(token.said for token in japanese.read(text) if token.said)


@pytest.mark.parametrize(
    ("written", "sounds"),
    [
        ("你好！", "ni↗xau↓!"),  # a third tone before another is a second
        ("不是", "pu↗ʂɨ↘"),
        ("一个", "i↗kɤ↘"),
        ("银行", "i↗nxa↗ŋ"),
        ("行不行？", "ɕi↗ŋpu↘ɕi↗ŋ?"),
        ("他长得很高。", "tʰa→ ꭧʰa↗ŋ tɤ xə↓n kau→."),
        ("绿色的军队", "ly↘sɤ↘ tɤ ʨy→ntwei↘"),
        ("女儿和花儿", "ny↓ɚ↗ xɤ↗ xwa→ɻ"),
        ("儿子吃紫色的热橘子", "ɚ↗ʦɨ ꭧʰɨ→ ʦɨ↓sɤ↘ tɤ ɻɤ↘ ʨy↗ʦɨ"),
    ],
)
def test_mandarin_has_the_sounds_and_tones_of_the_dictionary(written: str, sounds: str) -> None:
    assert chinese(written) == sounds


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("10:30", "十点半"),
        ("2:05", "两点零五分"),
        ("2026年5月3日", "二零二六年五月三日"),
        ("2026-05-03", "二零二六年五月三日"),
        ("1,204元", "一千二百零四元"),
        ("$5.99", "五点九九美元"),
        ("3.5%", "百分之三点五"),
        ("-3℃", "零下三度"),
        ("2个", "两个"),
        ("第2", "第二"),
        ("2000", "两千"),
        ("100010", "十万零一十"),
        ("2/3", "三分之二"),
        ("13800138000", "幺三八零零幺三八零零零"),
        ("15kg", "十五公斤"),
        ("90后", "九零后"),
        ("打110", "打幺幺零"),
        ("110斤", "一百一十斤"),
        ("2:1", "二比一"),
        ("3×4=12", "三乘四等于十二"),
        ("$5.50", "五点五美元"),
        ("20元", "二十元"),
        ("+86 138 0013 8000", "八六幺三八零零幺三八零零零"),
        ("3-5天", "三到五天"),
        ("No.1", "第一"),
    ],
)
def test_figures_are_read_in_mandarin_as_a_person_reads_them(written: str, read_as: str) -> None:
    assert chinese(written).replace(" ", "") == chinese(read_as).replace(" ", "")


@pytest.mark.parametrize(
    ("written", "sounds"),
    [
        ("東京へ行きたい！", "toːkʲoː e ikʲitai!"),
        ("ちょっと待って。", "ʨoʔto maʔte."),
        ("新聞と銀行", "ɕimbɯɴ to ɡʲiŋkoː"),
        ("「はい」と言った。", "hai to iʔta."),
        ("10時30分に", "ʥɨː ʥi saɴ ʥɨʔpɯɴ ɲi"),
        ("10:30", "ʥɨː ʥihaɴ"),
        ("2026-05-03", "ɲi seɴ ɲi ʥɨː ɾokɯ neɴ ɡoɡaʦɨ mʲiʔka"),
        ("1,204円", "seɴ ɲi çakɯ jo eɴ"),
        ("-3℃", "mainasɨ saɴ do"),
        ("AIが", "eːai ɡa"),
        ("二人で", "ɸɯtaɾʲi de"),
        ("3-5人", "saɴ kaɾa ɡo ɲiɴ"),
        ("1/2", "ɲi bɯɴ no iʨi"),
        ("5+5", "ɡo tasɨ ɡo"),
        ("-3", "mainasɨ saɴ"),
        ("1500円", "seɴ ɡo çakɯ eɴ"),
        ("090-1234-5678", "ʣeɾo kʲɨː ʣeɾo no iʨiɲiːsaɴjoɴ no ɡoːɾokɯnanahaʨi"),
        ("ﾃｽﾄﾊﾟｲ", "tesɨto pai"),
        ("すごいwww", "sɨɡoi"),
    ],
)
def test_japanese_is_read_as_a_person_reads_it(written: str, sounds: str) -> None:
    assert nippon(written).replace(" ", "") == sounds.replace(" ", "")


def test_english_words_keep_their_sounds_in_both() -> None:
    assert "pˈIθˌɑn" in chinese("我爱Python！")
    assert "pˈIθˌɑn" in nippon("Pythonを学ぶ。")
    for read_aloud, text in ((chinese, "我是Maya，José来了"), (nippon, "私はMaya、Joséが来た")):
        assert "mˈIə" in read_aloud(text)
        assert "hOzˈA" in read_aloud(text)
    for read_aloud in (chinese, nippon):
        assert read_aloud("https://x.com") == "ˌɛks dˈɑt kˈɑm"
    assert chinese("A4纸").startswith("ˈA ")


@pytest.fixture(scope="module")
def symbols(speaker: Speaker) -> frozenset[str]:
    network: Kokoro = speaker._network
    return network.symbols


def test_every_sound_is_one_that_the_network_and_the_mouth_know(symbols: frozenset[str]) -> None:
    made = "".join([*mandarin.INITIALS.values(), *mandarin.FINALS.values(), *KANA.values(), kana_sounds("シンブン")])
    letters = set(made) - {"0"}
    assert letters <= symbols
    assert letters - MARKS <= SHAPES.keys()
    assert {"m", "p", "b"} <= CLOSURES.keys()


def test_every_han_character_of_the_standard_set_has_a_reading(symbols: frozenset[str]) -> None:
    standard = [
        bytes([row, cell]).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)
    ]
    said = {character: mandarin.sounds(character) for character in standard if character}
    assert len(said) == 6763
    assert all(said.values())
    assert set("".join(said.values())) <= symbols


@settings(deadline=None)  # the first word loads a dictionary
@given(st.text("你好，。10:-%年a¥ テスト東ッー「」😀 ～、", max_size=14))
def test_no_letter_of_a_line_is_lost_from_its_caption(text: str) -> None:
    kept_letters = re.sub(r"\s", "", text)
    for read in (mandarin.read, japanese.read):
        shown = "".join(token.shown for token in read(text))
        assert re.sub(r"\s", "", shown) == kept_letters


@pytest.mark.parametrize(
    ("text", "language", "pack"),
    [(CHINESE, "zh", pack) for pack in ("zf_xiaoni", "zm_yunxi")] + [(JAPANESE, "ja", pack) for pack in PACKS["ja"]],
)
def test_a_line_is_spoken_with_a_time_for_every_sound(speaker: Speaker, text: str, language: str, pack: str) -> None:
    speech = speaker.say(text, {pack: 1.0}, language=language)
    sounding = [phone for phone in speech.phones if phone.symbol.strip()]
    assert "".join(phone.symbol for phone in sounding) == "".join(c for c in speech.phonemes if c not in MARKS)
    assert speech.phones[-1].end_s == pytest.approx(speech.seconds, abs=1e-6)
    assert all(0.0 <= phone.end_s - phone.start_s < 0.6 for phone in sounding)
    assert 7 < len(sounding) / speech.seconds < 18
    assert "".join(word.text for word in speech.words) == text
    for word, after in zip(speech.words, speech.words[1:], strict=False):
        assert 0 <= word.start_s < word.end_s <= after.start_s + 1e-6

    def rms(wanted: str) -> float:
        parts = [
            speech.samples[round(phone.start_s * SAMPLE_RATE) : round(phone.end_s * SAMPLE_RATE)]
            for phone in speech.phones[1:-1]
            if phone.symbol in wanted
        ]
        return float(np.sqrt(np.mean(np.concatenate(parts) ** 2)))

    assert rms("aoe") > 2 * rms("tkʔs")
    found = pitches(np.asarray(resample_poly(speech.samples, 2, 3), np.float32))
    low, middle, high = np.quantile(found, (0.1, 0.5, 0.9))
    assert (150 if pack[1] == "f" else 75) < middle < (330 if pack[1] == "f" else 190)
    assert 12 * np.log2(high / low) > 4  # a melody


@pytest.mark.parametrize("pack", ["zf_xiaobei", "zm_yunxi"])
def test_the_four_tones_of_mandarin_have_four_melodies(speaker: Speaker, pack: str) -> None:
    def course(character: str) -> tuple[float, float]:
        """Semitones from the line's median of the first and the last third of the vowel after m."""
        speech = speaker.say(f"他说{character}字。", {pack: 1.0}, 0.8, language="zh")
        pitch, moments = pyworld.harvest(speech.samples.astype(np.float64), SAMPLE_RATE)
        at = [phone.symbol for phone in speech.phones].index("m") + 1
        inside = (moments >= speech.phones[at].start_s) & (moments < speech.phones[at].end_s) & (pitch > 0)
        thirds = np.array_split(12 * np.log2(pitch[inside] / np.median(pitch[pitch > 0])), 3)
        return float(np.median(thirds[0])), float(np.median(thirds[2]))

    level, rising, low, falling = (course(character) for character in "妈麻马骂")
    assert abs(level[1] - level[0]) < 2
    assert rising[1] - rising[0] > 2.5
    assert low[1] < min(level[1], rising[1]) - 3
    assert falling[0] > max(level[0], rising[0], low[0]) + 2
    assert falling[1] - falling[0] < -5


@pytest.mark.parametrize(("text", "language", "pack"), [(CHINESE, "zh", "zf_xiaoni"), (JAPANESE, "ja", "jf_alpha")])
def test_captions_are_in_the_lines_own_script_without_blanks(
    speaker: Speaker, text: str, language: str, pack: str
) -> None:
    cards = captions("S1", speaker.say(text, {pack: 1.0}, language=language).words, 0.0, 20.0)
    assert "".join(card.text for card in cards) == text
    assert len(cards) > 1
    assert all(8 <= width_of(card.text) <= WIDE_CHARS for card in cards)


@pytest.mark.parametrize("language", ["zh", "ja"])
def test_a_person_speaks_another_language_with_its_nearest_pack_at_their_own_pitch(language: str) -> None:
    def manner(like: str, pitch_hz: float) -> tuple[str, float]:
        voice = VoiceReference(b"", kept()[like].embedding.astype("<f4").tobytes(), {like: 1.0}, 0.8, pitch_hz)
        found = manner_of(CastMember("S1", "Ann", "ann:1", References(None, voice, {}, figure=FIGURE)), language)
        (pack,) = found.style
        return pack, found.tone.shift_st

    her, up = manner("bf_emma", 220.0)
    him, _ = manner("am_michael", 105.0)
    assert (her[1], him[1]) == ("f", "m")
    assert pytest.approx(kept()[her].pitch_hz * 2 ** (up / 12), rel=0.01) == 220.0
    assert -4.0 <= manner("am_michael", 60.0)[1] <= 4.0
