"""Lines that the prompt gives word for word, and the prose that is left without them.

`Name: text`, `@handle: "text"`, `Name (whispers): text`, `Name says "text"`, `"text," says Name`, bare quotes; straight
and typographic quotation marks, and the corner brackets of Chinese and Japanese.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec

from generation.prompts.lexicon import LEXICON
from generation.prompts.names import Mention, Names
from generation.prompts.words import speakable

_OPEN: Final = '"“”„«「『'
_QUOTE: Final = re.compile(r"[\"“”„]([^\"“”„\n]+)[\"“”]|«([^«»\n]+)»|「([^「」\n]+)」|『([^『』\n]+)』")
_SINGLE: Final = re.compile(r"(?<=[\s:,：，])['‘]((?:[^'’\n]|['’](?=\w))+)['’](?!\w)")
VERB: Final = (
    r"(?:say|says|said|saying|ask|asks|asked|asking|repl(?:y|ies|ied|ying)|answer(?:s|ed|ing)?|shout(?:s|ed|ing)?"
    r"|yell(?:s|ed|ing)?|whisper(?:s|ed|ing)?|scream(?:s|ed|ing)?|exclaim(?:s|ed)?|mutter(?:s|ed)?|murmur(?:s|ed)?"
    r"|announce(?:s|d)?|declare(?:s|d)?|tell(?:s|ing)?(?: \w+)?|told \w+|add(?:s|ed)?|continue(?:s|d)?|cr(?:y|ies|ied)"
    r"|laugh(?:s|ed|ing)?|call(?:s|ed)?(?: out)?|sing(?:s|ing)?|goes|respond(?:s|ed)?|beg(?:s|ged)?|joke(?:s|d)?"
    r"|insist(?:s|ed)?|admit(?:s|ted)?|confess(?:es|ed)?|sigh(?:s|ed)?|smile(?:s|d)?|grin(?:s|ned)?|gasp(?:s|ed)?)\b"
)
_CJK_VERB: Final = r"(?:说道|說道|说|說|道|问道|问|問|回答|答|喊道|喊|叫|は言う|が言う|は言った|が言った|と言う|は|が)"
_MANNER: Final = (
    rf"(?:\s*\((?P<paren>[^()\n]{{0,60}})\)|[,\s]*(?P<verb>(?:\w+ly )?{VERB}(?: \w+ly)?|{_CJK_VERB}|\w+ly))?"
)
_UNKNOWN: Final = re.compile(
    rf"(?:^|\n)[ \-–—*•]*(?P<label>[^\W\d_][\w.' ]{{0,24}}|S\d)[ *]*(?:\((?P<paren>[^()\n]{{0,60}})\))?[ *]*[:：]\s*"
    rf"(?=[{_OPEN}])|(?:^|\n)[ \-–—*•]*"
    r"(?P<letter>[A-D]|(?:Person|Speaker|Character) [A-D1-4]|Narrator|Voice-?over|V\.?O\.?)\s*[:：]\s*",
    re.IGNORECASE,
)
_WRITTEN: Final = re.compile(
    r"\b(?:signs?|banner|poster|label(?:l?ed)?|titled?|called|named|reads?|reading|text|caption|song|movie|film|words?"
    r"|written|book|t-?shirt|shirt|card|game|mug|logo|brand|screen|letters)\W+(?:(?:that|which)\W+)?"
    r"(?:says\W+|saying\W+|reads\W+)?$",
    re.IGNORECASE,
)
_SHOT_MARK: Final = re.compile(r"\[\s*shot|\bshot \d+\s*[:.]", re.IGNORECASE)
_ASIDE: Final = re.compile(r"\(([^()\n]{0,60})\)|\*([^*\n]{1,60})\*|（([^（）\n]{0,60})）")
_OFF: Final = re.compile(r"off[- ]?(?:screen|camera)|\bv\.?o\.?\b|voice-?over|narrat", re.IGNORECASE)
_TOWARDS: Final = re.compile(
    r"\b(?:to|at|with|for|of|near|behind|beside|tells?|asks?|told|and|from|by)\s*$", re.IGNORECASE
)


class Given(msgspec.Struct, frozen=True):
    """One line as the prompt gives it. `speaker` None: nobody is named, the speakers take turns."""

    text: str
    speaker: str | None
    manner: str = ""  # "whispering", "shouts": how it is said
    off_screen: bool = False


class Dialogue(msgspec.Struct, frozen=True):
    """`prose` is the prompt without its lines; `labels` are names of speakers who are not in the cast."""

    lines: tuple[Given, ...]
    prose: str


class _Found(msgspec.Struct, frozen=True):
    start: int  # what is cut out of the prose
    end: int
    text: str
    name: str | None
    manner: str
    instead: str = ""


def read(text: str, names: Names) -> Dialogue:
    """Every line of `text`, in order. A name that is not cast keeps one speaker of the cast throughout."""
    found = _labelled(text, names)
    found += _quoted(text, names, found)
    found.sort(key=lambda each: each.start)
    lines, strangers = [], dict[str, int]()
    for each in found:
        aside = " ".join("".join(groups) for groups in _ASIDE.findall(each.text))
        spoken = names.spelled_out(speakable(_ASIDE.sub(" ", each.text)))
        manner = f"{each.manner} {aside}".strip()
        speaker = each.name
        if speaker is not None and speaker not in names.roles:
            # "A: … B: …" or a stranger's name: the n-th stranger speaks through the n-th of the cast
            place = strangers.setdefault(speaker.casefold(), len(strangers)) % max(len(names.roles), 1)
            manner = f"{manner} {speaker}" if _OFF.search(speaker) else manner
            speaker = list(names.roles)[place] if names.roles else None
        if spoken:
            lines.append(Given(spoken, speaker, manner, bool(_OFF.search(manner))))
    return Dialogue(tuple(lines), _without(text, found))


def _labelled(text: str, names: Names) -> list[_Found]:
    known = re.compile(rf"(?P<name>{names.pattern})[*]*{_MANNER}[*]*\s*[:：]\s*(?!\d\d)", re.IGNORECASE)
    labels: list[tuple[int, int, str | None, str]] = []
    for match in known.finditer(text):
        speaker = names.who(match["name"])[0]
        quoted = text[match.end() : match.end() + 1] in _OPEN
        if not quoted and _TOWARDS.search(text[max(0, match.start() - 12) : match.start()]):
            continue  # "pitches it to Maya: an app for plants"
        labels.append((match.start(), match.end(), speaker, match["paren"] or match["verb"] or ""))
    taken = [(start, end) for start, end, _, _ in labels]
    for match in _UNKNOWN.finditer(text):
        label = (match["label"] or match["letter"]).strip()
        at = match.start("label") if match["label"] else match.start("letter")
        if (
            not any(start < match.end() and at < end for start, end in taken)
            and label.casefold() not in LEXICON.headings
        ):
            labels.append((at, match.end(), label, match["paren"] or ""))
    labels.sort()
    found = []
    for index, (start, begin, name, manner) in enumerate(labels):
        limit = labels[index + 1][0] if index + 1 < len(labels) else len(text)
        # "Close-up of Maya: …" still needs her name when the line is gone
        joined = text[max(0, start - 8) : start].rstrip(" *")[-1:] not in {"", *'.!?\n:;]"”。」-–—'}
        instead = text[start : names.find(text[start:])[0].end + start] if joined and name in names.roles else ""
        if begin < limit and text[begin] in _OPEN and (quote := _QUOTE.match(text, begin, limit)):
            found.append(_Found(start, quote.end(), _inside(quote), name, manner, instead))
            continue
        mark = _SHOT_MARK.search(text, begin, limit)
        newline = text.find("\n", begin, limit)
        end = min(limit, mark.start() if mark else limit, newline if newline >= 0 else limit)
        found.append(_Found(start, end, text[begin:end].strip(' "“”'), name, manner, instead))
    return found


def _quoted(text: str, names: Names, labelled: Sequence[_Found]) -> list[_Found]:
    found: list[_Found] = []
    taken = [(each.start, each.end) for each in labelled]
    matches = sorted([*_QUOTE.finditer(text), *_SINGLE.finditer(text)], key=lambda each: each.start())
    end_of_last, last = 0, None
    mentions = names.find(text)
    for quote in matches:
        inside = next(((start, end) for start, end in taken if start < quote.end() and quote.start() < end), None)
        if inside or quote.start() < end_of_last:
            end_of_last = max(end_of_last, inside[1] if inside else 0)
            last = next((each.name for each in labelled if inside and each.start == inside[0]), last)
            continue
        before = text[max(end_of_last, quote.start() - 120) : quote.start()]
        before = re.split(r"(?<=[.!?。！？\n])\s", before)[-1]
        after = text[quote.end() : quote.end() + 60]
        said_after = re.match(
            rf"(?:\s*,?\s*(?:(?P<v1>{VERB})\s+(?P<n1>{names.pattern})|(?P<n2>{names.pattern}|she|he|they)\s+(?P<v2>{VERB}))"
            r"(?P<adv> \w+ly)?|と(?P<v3>言\w*|答え\w*|聞\w*|叫\w*|いう|いった))[,.。、]?",
            after,
            re.IGNORECASE,
        )
        said_before = re.search(
            rf"(?P<verb>{VERB}|{_CJK_VERB})(?P<adv>(?: \w+){{0,2}}?)\s*[,:：，]?\s*$", before, re.IGNORECASE
        )
        if _WRITTEN.search(before) or not (said_after or said_before or _is_speech(_inside(quote), before)):
            continue
        name, start, end, manner, instead = None, quote.start(), quote.end(), "", ""
        near = _between(mentions, quote.start() - len(before), quote.start())
        if said_after:
            end = quote.end() + said_after.end()
            manner = (said_after["v1"] or said_after["v2"] or said_after["v3"]) + (said_after["adv"] or "")
            named = names.who(said_after["n1"] or said_after["n2"] or "")
            earlier = [m.speaker for m in _between(mentions, quote.start() - 160, quote.start())]
            # "she says" is whoever the sentence before began with
            name = named[0] if named else next(iter(earlier), None)
        elif near:
            subjects = [m for m in near if not _TOWARDS.search(text[max(0, m.start - 12) : m.start])]
            name = (subjects or near)[0].speaker
        elif found and not before.strip(" ,."):
            name = last
        if said_before and not said_after:
            manner = said_before["verb"] + said_before["adv"]
            if re.match(r"(?:say|said|goes|tell|told|add|" + _CJK_VERB + ")", manner, re.IGNORECASE):
                start -= len(before) - said_before.start()
                instead = "speaks" if manner.isascii() else ""
        if found and found[-1].text.endswith(",") and _inside(quote)[:1].islower() and name in {None, found[-1].name}:
            # “Technically,” Leo replies, “it ate me.” is one line
            whole = f"{found[-1].text} {_inside(quote)}"
            found[-1] = msgspec.structs.replace(found[-1], end=end, text=whole)
        else:
            found.append(_Found(start, end, _inside(quote), name, manner, instead))
        end_of_last, last = end, found[-1].name
    return found


def _between(mentions: Sequence[Mention], start: int, end: int) -> Sequence[Mention]:
    def begins(mention: Mention) -> int:
        return mention.start

    return mentions[bisect_left(mentions, start, key=begins) : bisect_left(mentions, end, key=begins)]


def _is_speech(text: str, before: str) -> bool:
    """Whether unattributed quoted words are spoken rather than 'so-called' ones."""
    if re.search(r"[.!?…,。！？]$", text.strip()) or re.search(r"[:：]\s*$", before) or not text.isascii():
        return True
    return text[:1].isupper() or len(text.split()) > 3


def _inside(quote: re.Match[str]) -> str:
    return next(group for group in quote.groups() if group is not None)


def _without(text: str, found: Sequence[_Found]) -> str:
    kept, at = [], 0
    for each in found:
        if each.start >= at:
            kept += [text[at : each.start], each.instead]
            at = each.end
    return re.sub(r"[^\S\n]+", " ", "".join([*kept, text[at:]])).strip()
