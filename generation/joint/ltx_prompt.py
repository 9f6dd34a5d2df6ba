"""A screenplay in LTX's prompt language: one paragraph of 150 to 220 words in order of time, without labels.

Each shot names its type, camera and viewpoint; what is said stands in quotes with the voice that says it; sounds stand
where they are heard (Lightricks' prompting guide; GENERATION: the screenplay).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from generation.joint.wording import CAMERAS, FRAMINGS, listed, looks_of, sentence, spoken
from generation.plan import CastMember, Screenplay, Shot

FEWEST, MOST = 150, 220  # words
_TURNS: Final = ("then a hard cut to", "next a hard cut to", "after that a hard cut to", "finally a hard cut to")
_OTHERS: Final = {"fade": "then the picture fades over to", "continued": "without a cut the same picture goes on as"}
_FILLERS: Final = (
    "Faces stay sharp and recognisable in every shot, with natural skin, steady eyes and small living movements",
    "Lips move exactly with the words that are heard, and nobody else's mouth moves meanwhile",
    "Clothes, hair and light stay the same from shot to shot, and the place is plainly one place throughout",
    "The voices are close and clear, in front of everything else that is heard",
    "Between the words people breathe, blink, shift their weight and look at whoever is speaking",
    "Depth of field is shallow where faces are near and deep where the place is shown as a whole",
    "Colours are plain and true, shadows are soft, and nothing flickers",
    "The edges of the picture are quiet, without any writing, logo, border or watermark",
    "Movement is smooth at twenty-four pictures a second, with a natural blur on hands and hair",
)


def paragraph(screenplay: Screenplay, cast: Sequence[CastMember]) -> str:
    """The whole clip. Every line stands in it word for word, whatever that does to the length.

    Stage directions give way where the paragraph would be too long, and general ones fill it where it is too short.
    """
    members = {member.speaker: member for member in cast}
    wanted = _written(screenplay, members, 10_000)
    room = MOST - _count(_written(screenplay, members, 0))
    actions = [len(shot.action.split()) for shot in screenplay.shots]
    text = wanted if _count(wanted) <= MOST else _written(screenplay, members, _share(actions, room))
    for filler in _FILLERS:
        longer = f"{text} {sentence(filler)}"
        if _count(text) >= FEWEST or _count(longer) > MOST:
            break
        text = longer
    return text


def _written(screenplay: Screenplay, members: dict[str, CastMember], action_words: int) -> str:
    known: set[str] = set()
    style = f"{screenplay.style}, " if screenplay.style else ""
    parts = [sentence(f"{style}{screenplay.setting}")]
    for number, shot in enumerate(screenplay.shots):
        parts += _shot(shot, number, len(screenplay.shots), members, known, screenplay.language, action_words)
    if screenplay.sound_bed:
        parts.append(sentence(f"Throughout, {screenplay.sound_bed} is heard softly in the background"))
    return " ".join(part for part in parts if part)


def _shot(
    shot: Shot,
    number: int,
    of: int,
    members: dict[str, CastMember],
    known: set[str],
    language: str,
    action_words: int,
) -> list[str]:
    """Sentences of one shot; `known` are those who have been described already."""
    last = number == of - 1 and of > 2
    turn = "" if number == 0 else _OTHERS.get(shot.cut) or _TURNS[-1 if last else (number - 1) % 3]
    shown = listed([_named(members[who], known) for who in shot.who])
    opening = f"{turn} {FRAMINGS[shot.framing]}{f' of {shown}' if shown else ''}, and {CAMERAS[shot.camera]}"
    action = " ".join(shot.action.split()[:action_words])
    lines = [sentence(spoken(line, members[line.speaker], language)) for line in shot.lines]
    return [sentence(opening), sentence(action), *lines, sentence(f"{shot.sound} is heard" if shot.sound else "")]


def _named(member: CastMember, known: set[str]) -> str:
    """Looks and name at the first mention, the name after that."""
    if member.speaker in known:
        return member.name
    known.add(member.speaker)
    return looks_of(member)


def _share(lengths: Sequence[int], room: int) -> int:
    """The most words an action may have so that all together keep within `room`."""
    return max(
        (most for most in range(max(lengths, default=0) + 1) if sum(min(n, most) for n in lengths) <= room), default=0
    )


def _count(text: str) -> int:
    return len(text.split())
