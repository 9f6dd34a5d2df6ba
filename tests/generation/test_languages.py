from __future__ import annotations

import pytest

from generation.errors import LanguageNotSpoken
from generation.languages import NAMES, SPOKEN, check_spoken, language_of_line
from generation.latin import latin_language
from generation.plan import Line, Screenplay, Shot

ENGLISH = (
    "Hi Zoë!", "Ciao Maria!", "José, wait!", "Café au lait, please.", "Olé!", "Mamma mia!", "C'est la vie!",
    "Hasta la vista, baby.", "No way, José!", "La la la la la", "Na na na, hey hey", "Ha ha ha", "Maria de la Cruz!",
    "Vincent van Gogh!", "Los Angeles, baby!", "Ooh la la", "Die! Die! Die!", "O Romeo, Romeo", "Müller scored!",
    "Siobhan, no!", "Gesundheit!", "Adiós, amigos!", "Mia! Bella! Come here!", "Ben und Jerry's", "Bonjour!", "Hola!",
    "Namaste, Priya.", "Crème brûlée or tiramisu?", "jalapeño piñata", "A, E, I, O, U!", "Do re mi fa so la",
    "Soup du jour?", "Je ne sais quoi", "Hi Łukasz Żak!", "Erdoğan", "Nein!", "Oui, chef!", "Le Mans is on",
    "Nooooo", "yasss queen", "lol brb ttyl", "Das Auto", "Mon ami, you are late!", "Señor Lopez!", "Beyoncé!",
    "Et tu, Brute?", "I met a man from Nantes who said je t'aime to me", "He said: Guten Morgen, my friend!",
    "The señora at the café in São Paulo spoke no English.", "How do you say 'où est la gare' in French?",
    "I will meet you in Las Vegas, de facto, on the Rue de la Paix.", "😂", "", "42", "OK",
)  # fmt: skip
FOREIGN = {
    "fr": ("Bonjour à tous", "Bonjour, comment ça va ?", "Je t’aime", "Je m'appelle Marie et j'habite à Paris.",
           "Où est la bibliothèque ?", "Il fait très beau aujourd'hui.", "JE SUIS TRÈS CONTENT"),
    "es": ("Hola amigos, ¿cómo están?", "Me gusta mucho la playa.", "Buenos días, mi amor.", "Te quiero mucho.",
           "Vamos a la fiesta esta noche."),
    "de": ("Guten Morgen, Leute!", "Ich liebe dich.", "Wo ist der Bahnhof?", "Alles Gute zum Geburtstag!"),
    "it": ("Ciao ragazzi, come state?", "Mi chiamo Luca e sono di Roma.", "Non lo so.", "Andiamo al mare domani."),
    "pt": ("Bom dia, pessoal!", "Você quer ir à praia comigo?", "Não sei o que fazer."),
    "nl": ("Goedemorgen allemaal!", "Ik hou van jou.", "Hoe gaat het met je?"),
    "pl": ("Dzień dobry, jak się masz?", "Nie wiem co robić."),
    "tr": ("Seni çok seviyorum.", "Bugün hava çok güzel."),
    "sv": ("Hej, hur mår du?", "Jag älskar dig."),
    "da": ("Hvordan har du det?", "Jeg elsker dig."),
    "fi": ("Minä rakastan sinua.",),
    "cs": ("Dobrý den, jak se máte?",),
    "hu": ("Jó reggelt mindenkinek!",),
    "ro": ("Bună dimineața tuturor!",),
    "vi": ("Xin chào các bạn",),
    "id": ("Selamat pagi semua",),
    "tl": ("Magandang umaga sa inyong lahat",),
}  # fmt: skip
SCRIPTS = {
    "ru": "Привет, как дела?", "uk": "Привіт, як справи?", "ko": "안녕하세요", "ar": "مرحبا بالجميع", "fa": "چطوری؟",
    "hi": "नमस्ते दोस्तों", "th": "สวัสดีครับ", "el": "Καλημέρα", "he": "שלום לכולם", "bn": "নমস্কার", "ta": "வணக்கம்",
    "ka": "გამარჯობა", "hy": "Բարեւ",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Hello", "en", "en"),
        ("Hello", "en-GB", "en"),
        ("你好", "zh", "zh"),
        ("你好", "en", "zh"),
        ("東京", "ja", "ja"),
        ("東京", "zh-Hant-TW", "zh"),
        ("東京へ", "zh", "ja"),
        ("我爱Python", "zh", "zh"),
        ("OK!", "ja", "en"),
        ("café", "en", "en"),
    ],
)
def test_a_line_is_in_the_language_of_its_script(text: str, declared: str, language: str) -> None:
    assert language_of_line(text, declared) == language


@pytest.mark.parametrize("text", ENGLISH)
def test_names_loans_and_calls_leave_a_line_english(text: str) -> None:
    assert latin_language(text) == "en"


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in FOREIGN.items() for text in texts])
def test_a_line_in_another_language_is_known_by_its_words(language: str, text: str) -> None:
    assert latin_language(text) == language


def test_three_foreign_words_are_spoken_in_an_english_clip_and_four_are_not() -> None:
    assert language_of_line("Te quiero mucho!", "en") == "en"
    with pytest.raises(LanguageNotSpoken, match="Spanish"):
        language_of_line("Te quiero mucho, amigo!", "en")
    with pytest.raises(LanguageNotSpoken, match="French"):
        language_of_line("Où est la bibliothèque ?", "ja")


@pytest.mark.parametrize(
    ("text", "declared", "named"),
    [
        ("Bonjour à tous", "fr", "fr"),
        ("你好", "yue", "yue"),
        ("Hola", "es-MX", "es-MX"),
        *((text, "en", code) for code, text in SCRIPTS.items()),
        *((text, code, code) for code, text in SCRIPTS.items()),
        ("Привет", "bg", "bg"),
        ("𐌰𐌱", "en", "und"),
    ],
)
def test_a_screenplay_with_an_unspoken_line_is_refused_by_the_name_of_its_language(
    text: str, declared: str, named: str
) -> None:
    lines = (Line("S1", "你好" if declared == "en" else text), Line("S1", text))
    with pytest.raises(LanguageNotSpoken) as refused:
        check_spoken(Screenplay("t", "s", "room", (Shot(0.0, 4.0, "wide", lines=lines),), "none", language=declared))
    assert refused.value.language == named
    assert refused.value.spoken == SPOKEN
    assert NAMES.get(named.partition("-")[0], named) in str(refused.value)
    assert "spoken: English (en), Mandarin (zh), Japanese (ja)" in str(refused.value)
