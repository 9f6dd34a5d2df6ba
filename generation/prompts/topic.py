"""What a prompt is about, in forms that fit into a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from generation.prompts.lexicon import LEXICON
from generation.prompts.words import capitalised

Kind = Literal["thing", "doing", "do", "claim", "question"]
Infinitive = Literal["no", "maybe", "sure"]

_ARTICLE: Final = re.compile(
    r"(?:an?|the|some|this|that|these|those|my|your|his|her|their|our|its|another|every)\s+", re.IGNORECASE
)
_STOP: Final = re.compile(
    r"\s*(?:[,;:.!?()\n\"“”]|\s[-–—]\s|\b(?:while|but|and then|then|because|until|when|whenever|after|before|as if"
    r"|and \w+s (?:to|the|a|at|it|up|out|in)\b|and (?:the|an?|his|her|their|it|they|he|she|all|every\w*)\b|together"
    r"|dramatically|loudly|quietly|passionately|today|tonight|right now|again|with (?:each other|one another)"
    r"|like (?:an?|it|they)|as (?:a|an|if|they|he|she)\b|in the style|in (?:black|slow)|in \d+ seconds|using|so that"
    r"|who (?=is|has|was)|at (?:night|sunset|dawn|noon|midnight|sunrise)"
    r"|in the (?:morning|evening|afternoon|rain|snow|dark)|in (?:an?|the) (?:funny|silly|dramatic|cinematic)))",
    re.IGNORECASE,
)
_SINGULAR_S: Final = re.compile(
    r"(?:ss|us|is|news|chess|tennis|mathematics|maths|physics|politics|gymnastics|paris|texas|christmas)$",
    re.IGNORECASE,
)
_MAX_WORDS: Final = 7
_FINITE: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|can|won|lost|got|did|does|ate|broke|stole|forgot|loves?|hates?)\b"
)


class Topic(msgspec.Struct, frozen=True):
    """`text` as it stands in the prompt, cut to a phrase; `kind` says where in a sentence it may go."""

    text: str
    kind: Kind
    plural: bool = False


def phrase(text: str, *, infinitive: Infinitive = "no") -> Topic | None:
    """The first phrase of `text` as a topic, None where nothing is left. `infinitive`: does a bare verb begin it?"""
    text = re.sub(r"^(?:that|about|how about)\s+(?=\w+\s+\w)", "", text.strip(), flags=re.IGNORECASE)
    stop = _STOP.search(text, 1)
    text = (text[: stop.start()] if stop else text).strip(" '’\"-–—*_#@/\\")
    words = text.split()[:_MAX_WORDS]
    while words and words[-1].lower() in LEXICON.dangling:
        words.pop()
    text = " ".join(words)
    if not re.fullmatch(r"[\w' ’&.%$€£+-]*[A-Za-zÀ-ÿ]{2}[\w' ’&.%$€£+-]*", text):
        return None
    if words[0].lower() in LEXICON.empty_topics and len(words) == 1:
        return None
    kind = _kind(words, text, infinitive)
    if kind == "do" and words[0].lower() == "to":
        text = " ".join(words[1:])
    return Topic(text, kind, kind == "thing" and _is_plural(text))


def _kind(words: list[str], text: str, infinitive: Infinitive) -> Kind:
    first = words[0].lower()
    if first in {"who", "whose", "what", "which", "where", "when", "why", "how", "whether", "if"}:
        return "question"
    if first == "to" and len(words) > 1:
        return "do"
    if first.endswith("ing") and first not in LEXICON.not_gerunds and len(first) > 4:
        return "doing"
    if first in {"she", "he", "they", "i", "we", "it", "you"} or (_FINITE.search(text) and len(words) > 2):
        return "claim"
    if infinitive == "sure" or (infinitive == "maybe" and first in LEXICON.verbs):
        return "do"
    return "thing"


def predicate(text: str) -> Topic | None:
    """`rides a dragon over Paris` -> doing `riding a dragon over Paris`; None where no verb begins it."""
    found = re.match(
        r"\W*(is |are |was |were )?(?:(?:\w+ly|suddenly|just|then|both) )?([a-z]+)\b(.*)", text.strip(), re.DOTALL
    )
    if not found:
        return None
    copula, verb, rest = found.groups()
    if verb in LEXICON.not_verbs or (copula and not verb.endswith("ing")):
        return None
    if not verb.endswith("ing"):
        verb = _gerund(verb)
    stop = phrase(f"{verb}{rest}")
    # "tells Leo …" without Leo is no act of its own
    whole = stop is not None and (len(stop.text.split()) > 1 or "\n" not in rest)
    return stop if stop and stop.kind == "doing" and whole else None


def slots(topic: Topic | None, *, mine: bool) -> dict[str, str]:
    """Every slot of the repertoire that this topic can fill, for a speaker whose own (`mine`) or other's it is."""
    if topic is None:
        return {}
    text = _flip(topic.text, mine=mine)
    out = {"about": text}
    match topic.kind:
        case "thing":
            definite = re.sub(r"^(?:an?|another|some)\s+", "the ", text, flags=re.IGNORECASE)
            out |= {"topic": definite, "some": text, "bare": _ARTICLE.sub("", text, count=1), "about": definite}
            many = topic.plural
            out |= {"is": "are" if many else "is", "was": "were" if many else "was", "it": "they" if many else "it"}
            out |= {"them": "them" if many else "it", "this": "these" if many else "this"}
        case "doing":
            out |= {"topic": text, "doing": text, "is": "is", "was": "was", "it": "it", "them": "it", "this": "this"}
        case "do":
            out = {"do": text}
            verb, _, rest = text.partition(" ")
            out |= {"doing": f"{_gerund(verb)} {rest}".strip(), "about": f"{_gerund(verb)} {rest}".strip()}
        case "claim":
            out |= {"claim": text}
            del out["about"]
        case "question":
            if (asking := text.partition(" ")[0].lower()) in {"whether", "if"}:
                claim = text.partition(" ")[2]
                out |= {"claim": claim, "about": f"whether {claim}"}
            else:
                out |= {"wh": text} | ({"who": text} if asking == "who" else {})
    return out | {capitalised(name): capitalised(value) for name, value in out.items()}


def _flip(text: str, *, mine: bool) -> str:
    """`her cake` is `my cake` to her and `your cake` to the other; `their rent` is `our rent`."""
    own, subject, be = ("my", "I", "am") if mine else ("your", "you", "are")
    for pattern, said in (
        (r"\b(?:his|her)(?= \w)", own),
        (r"\btheir\b", "our"),
        (r"\b(?:he|she) is\b", f"{subject} {be}"),
        (r"\b(?:he|she) has\b", f"{subject} have"),
        (r"\b(?:he|she) was\b", f"{subject} {'was' if mine else 'were'}"),
        (r"\b(?:he|she)\b", subject),
        (r"\bthey\b", "we"),
        (r"\b(?:himself|herself)\b", "myself" if mine else "yourself"),
    ):
        text = re.sub(pattern, said, text, flags=re.IGNORECASE)
    if subject in text.split():
        text = re.sub(rf"\b{subject} (?!was|is|always|sometimes)(\w+[^\Ws])s\b", rf"{subject} \1", text)
    return text


def _is_plural(text: str) -> bool:
    head = re.split(r"\s(?:of|for|in|with|from|on|at|about|to|that|without|versus|vs)\s", text)[0]
    last = head.split()[-1].lower().strip("'’")
    if re.match(r"(?:an?|this|that|every|another)\s", text, re.IGNORECASE):
        return False
    return " and " in head or last in LEXICON.plurals or (last.endswith("s") and not _SINGULAR_S.search(last))


def _gerund(verb: str) -> str:
    """`rides` and `ride` -> `riding`, `runs` -> `running`, `flies` -> `flying`."""
    base = verb
    if base in {"does", "goes"}:
        base = base[:-2]
    elif base.endswith("ies") and len(base) > 4:
        base = base[:-3] + "y"
    elif re.search(r"(?:ss|sh|ch|x|zz)es$", base):
        base = base[:-2]
    elif base.endswith("s") and not base.endswith("ss"):
        base = base[:-1]
    if base.endswith("ie"):
        return f"{base[:-2]}ying"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")) and len(base) > 2:
        return f"{base[:-1]}ing"
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", base):
        return f"{base}{base[-1]}ing"
    return f"{base}ing"


def first_of(patterns: Sequence[str], text: str, *, infinitive: bool = False) -> Topic | None:
    """The topic that the first matching pattern finds."""
    for pattern in patterns:
        for found in re.finditer(rf"\b{pattern}" if pattern[0] != "\\" else pattern, text, re.IGNORECASE):
            before = text[: found.start(1)]
            bare: Infinitive = "maybe" if infinitive or re.search(r"\bto $", before) else "no"
            if topic := phrase(found[1], infinitive="sure" if re.search(r"\bhow to $", before) else bare):
                return topic
    return None
