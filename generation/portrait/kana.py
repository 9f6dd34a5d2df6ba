"""Kana -> sounds in Kokoro's alphabet: misaki 0.7's transcription (Apache-2.0), in which the network was trained."""

from __future__ import annotations

from typing import Final

_ROWS: Final = (
    # a, i, u, e, o of each consonant
    ("アイウエオ", ("a", "i", "ɯ", "e", "o")),
    ("カキクケコ", ("ka", "kʲi", "kɯ", "ke", "ko")),
    ("ガギグゲゴ", ("ɡa", "ɡʲi", "ɡɯ", "ɡe", "ɡo")),
    ("サシスセソ", ("sa", "ɕi", "sɨ", "se", "so")),
    ("ザジズゼゾ", ("ʣa", "ʥi", "zɨ", "ʣe", "ʣo")),
    ("タチツテト", ("ta", "ʨi", "ʦɨ", "te", "to")),
    ("ダヂヅデド", ("da", "ʥi", "zɨ", "de", "do")),
    ("ナニヌネノ", ("na", "ɲi", "nɯ", "ne", "no")),
    ("ハヒフヘホ", ("ha", "çi", "ɸɯ", "he", "ho")),
    ("バビブベボ", ("ba", "bʲi", "bɯ", "be", "bo")),
    ("パピプペポ", ("pa", "pʲi", "pɯ", "pe", "po")),
    ("マミムメモ", ("ma", "mʲi", "mɯ", "me", "mo")),
    ("ヤ ユ ヨ", ("ja", "", "jɯ", "", "jo")),
    ("ラリルレロ", ("ɾa", "ɾʲi", "ɾɯ", "ɾe", "ɾo")),
    ("ワヰ ヱヲ", ("βa", "i", "", "e", "o")),
    ("ァィゥェォ", ("a", "i", "ɯ", "e", "o")),
    ("ャ ュ ョ", ("ja", "", "jɯ", "", "jo")),
)
# consonant before a small vowel or a small ya, yu, yo
_HEADS: Final = {
    "キ": "kʲ", "ギ": "ɡʲ", "シ": "ɕ", "ジ": "ʥ", "チ": "ʨ", "ヂ": "ʥ", "ニ": "ɲ", "ヒ": "ç", "ビ": "bʲ", "ピ": "pʲ",
    "ミ": "mʲ", "リ": "ɾʲ", "テ": "tʲ", "デ": "dʲ",
}  # fmt: skip
_TAILS: Final = {"ャ": "a", "ュ": "ɨ", "ョ": "o", "ェ": "e"}
KANA: Final = {
    **{kana: sound for kanas, row in _ROWS for kana, sound in zip(kanas, row, strict=True) if kana != " "},
    **{head + tail: _HEADS[head] + vowel for head in _HEADS for tail, vowel in _TAILS.items()},
    **{f"{head}{tail}": sound + vowel
       for head, sound in (("ク", "kᵝ"), ("グ", "ɡᵝ"))
       for tail, vowel in (("ァ", "a"), ("ィ", "i"), ("ェ", "e"), ("ォ", "o"), ("ヮ", "a"))},
    **{f"フ{tail}": sound
       for tail, sound in (("ァ", "ɸa"), ("ィ", "ɸʲi"), ("ェ", "ɸe"), ("ォ", "ɸo"), ("ュ", "ɸʲɨ"), ("ョ", "ɸʲo"))},
    **{f"ヴ{tail}": sound
       for tail, sound in (("", "vɯ"), ("ァ", "va"), ("ィ", "vʲi"), ("ェ", "ve"), ("ォ", "vo"), ("ュ", "bʲɨ"),
                         ("ョ", "bʲo"))},
    "イェ": "je", "ウィ": "βi", "ウェ": "βe", "ウォ": "βo", "ティ": "tʲi", "ディ": "dʲi", "トゥ": "tɯ", "ドゥ": "dɯ",
    "テェ": "te", "デェ": "de", "ツァ": "ʦa", "ツィ": "ʦʲi", "ツェ": "ʦe", "ツォ": "ʦo", "スィ": "si", "ズィ": "zi",
    "ヮ": "βa", "ヵ": "ka", "ヶ": "ke", "ー": "ː", "ッ": "ʔ",
}  # fmt: skip


def moras(kana: str) -> list[str]:
    """Katakana cut where a mora ends; what is no kana is left out."""
    cut: list[str] = []
    for letter in kana:
        if cut and cut[-1] + letter in KANA and letter in "ァィゥェォャュョヮ":
            cut[-1] += letter
        elif letter in KANA or letter == "ン":
            cut.append(letter)
    return cut


def sounds(kana: str) -> str:
    """Katakana of one word as it is pronounced (は as ワ, long vowels with ー). ン is said where the next sound is."""
    spoken = ""
    for mora in reversed(moras(kana)):
        spoken = (_nasal(spoken) if mora == "ン" else KANA[mora]) + spoken
    return spoken.lstrip("ː")


def _nasal(following: str) -> str:
    match following[:1]:
        case "m" | "p" | "b":
            return "m"
        case "k" | "ɡ":
            return "ŋ"
        case "ɲ" | "ʨ" | "ʥ":
            return "ɲ"
        case "n" | "t" | "d" | "ɾ" | "z":
            return "n"
    return "ɴ"
