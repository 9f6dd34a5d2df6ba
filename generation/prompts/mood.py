"""What a line feels like, from its words, its punctuation and how the prompt says it is said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from generation.plan import Emotion
from generation.prompts.scenery import SCENERY

_MANNERS: Final[tuple[tuple[str, Emotion, float], ...]] = (
    (r"whisper|murmur|mutter|quiet|softly|hushed|低声|小声|囁", "tender", 0.2),
    (r"shout|yell|scream|bellow|angr|furious|annoy|snap|喊|叫|怒|生气", "angry", 0.9),
    (r"excite|cheer|exclaim|thrill|enthusias|call out", "excited", 0.8),
    (r"laugh|giggl|happ|smil|grin|chuckl|jok|beam|笑", "happy", 0.65),
    (r"cry|cries|cried|sob|sad|sigh|weep|tear|哭", "sad", 0.4),
    (r"nervous|afraid|scare|trembl|fear|panic|terrif", "afraid", 0.55),
    (r"gasp|surpris|shock|stun|amaz|disbelie|惊", "surprised", 0.7),
    (r"gentl|tender|lov|warm|kind", "tender", 0.4),
    (r"calm|flat|deadpan|dry|bored|monoton", "neutral", 0.3),
)
_WORDS: Final[tuple[tuple[str, Emotion], ...]] = (
    (r"\b(?:sorry|sad|miss you|cry(?:ing)?|alone|lost|goodbye|unfortunately|heartbroken)\b|对不起|ごめん|悲", "sad"),
    (
        r"\b(?:love you|darling|sweetheart|dear|thank you|thanks|grateful|beautiful)\b|爱你|谢谢|ありがとう|大好き",
        "tender",
    ),
    (
        r"\b(?:hate|angry|furious|stupid|ridiculous|how dare|you (?:never|always)|enough|never again)\b|讨厌|滚|許さ",
        "angry",
    ),
    (r"\b(?:help|run|scared|afraid|careful|watch out|behind you|monster|ghost)\b|救命|怖|助けて", "afraid"),
    (r"\b(?:what\?|wow|really\?|no way|seriously|unbelievable|oh my|wait,? what)|天哪|まさか|えっ", "surprised"),
    (
        r"\b(?:great|wonderful|happy|good morning|welcome|lovely|nice|haha|yay|perfect)\b|太好了|早上好|おはよう|嬉し",
        "happy",
    ),
)


def feeling(text: str, manner: str = "") -> tuple[Emotion, float]:
    """Emotion and energy 0..1 of one line."""
    loud = min(0.3, 0.12 * len(re.findall("[!！]", text))) + (0.15 if _capitals(text) else 0.0)
    for pattern, emotion, energy in _MANNERS:
        if manner and re.search(pattern, manner, re.IGNORECASE):
            return emotion, round(min(1.0, energy + loud / 2), 2)
    hits = [
        (found.start(), emotion) for pattern, emotion in _WORDS if (found := re.search(pattern, text, re.IGNORECASE))
    ]
    emotion = min(hits)[1] if hits else "neutral"
    if re.search(r"\?!|!\?|？！|！？", text):
        emotion = "surprised"
    elif emotion == "neutral" and loud:
        emotion = "excited"
    base = {"sad": 0.35, "tender": 0.4, "neutral": 0.45}.get(emotion, 0.55)
    return emotion, round(min(1.0, base + loud), 2)


_TONES: Final[dict[Emotion, str]] = {
    "happy": "joyful",
    "excited": "joyful",
    "sad": "sad",
    "angry": "silly",
    "afraid": "tense",
    "surprised": "silly",
    "tender": "warm",
    "neutral": "calm",
}


def mood(prose: str, emotions: Sequence[Emotion]) -> str:
    """One word for the whole clip: joyful, warm, tense, sad, angry, calm, epic or silly."""
    for pattern, word in SCENERY.moods:
        if re.search(pattern, prose, re.IGNORECASE):
            return word
    felt = [emotion for emotion in emotions if emotion != "neutral"]
    return _TONES[Counter(felt).most_common(1)[0][0]] if felt else "calm"


DELIVERY: Final[dict[Emotion, tuple[str, ...]]] = {
    "neutral": ("speaks plainly, with a steady look", "talks, head tilted a little"),
    "happy": ("smiles while talking", "speaks with a broad grin"),
    "excited": ("leans in, eyes bright", "talks fast, hands in the air"),
    "sad": ("looks down, then up again", "speaks slowly, shoulders low"),
    "angry": ("frowns and leans in", "raises a finger, jaw set"),
    "afraid": ("glances over one shoulder", "speaks with wide eyes"),
    "surprised": ("raises both eyebrows", "stares, mouth open for a moment"),
    "tender": ("speaks softly, with a warm look", "smiles gently"),
}


def _capitals(text: str) -> bool:
    return bool(re.search(r"\b[A-Z]{4,}\b", text))
