"""A screenplay laid around lines that were really spoken: their length is given, and shots make room for it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

import msgspec

from generation.errors import GivenRefused
from generation.plan import MIN_SHOT_S, Line, Role, Screenplay, Shot, shots_allowed, spoken_s
from generation.prompts import dialogue
from generation.prompts.names import Names
from generation.prompts.pace import SILENT_SHOT_S, divide, easy_s, least_s
from generation.recorded import Piece, Spoken, TimedWord, pieces, plain, span
from generation.shapes import on_frame

LEAD_S, TAIL_S = 0.05, 0.15  # of a shot around a recorded line
SAME_LINE: Final = 0.6  # likeness of a prompt's line and what was heard, by words: it is the same one


class _Block(msgspec.Struct):
    """Shots that stay together, since one performance runs through them; or one shot without any."""

    shots: list[Shot]
    whose: int | None = None  # index into the performances
    speaker: str = ""
    pieces: list[Piece] = msgspec.field(default_factory=list)  # one a shot


def reworded(prompt: str, spoken: Spoken, cast: Sequence[Role]) -> Spoken:
    """With the prompt's own spelling where it gives the same line: a recogniser mishears names.

    Words that were not heard share the time between their neighbours.
    """
    said = [plain(word.text) for word in spoken.words]
    for line in dialogue.read(prompt, Names(cast)).lines:
        written = [word for word in line.text.split() if plain(word)]
        match = SequenceMatcher(None, [plain(word) for word in written], said, autojunk=False)
        if line.speaker in {None, spoken.speaker} and written and match.ratio() >= SAME_LINE:
            return msgspec.structs.replace(spoken, words=_aligned(written, spoken.words, match))
    return spoken


def _aligned(written: Sequence[str], heard: Sequence[TimedWord], match: SequenceMatcher[str]) -> tuple[TimedWord, ...]:
    words: list[TimedWord] = []
    for _, first, last, begin, end in match.get_opcodes():
        if first == last:
            continue
        if last - first == end - begin:
            times = [(word.start_s, word.end_s) for word in heard[begin:end]]
        else:
            start = heard[begin].start_s if begin < end else heard[begin - 1].end_s if begin else 0.0
            stop = heard[end - 1].end_s if begin < end else heard[end].start_s if end < len(heard) else start + 0.1
            step = (stop - start) / (last - first)
            times = [(start + step * i, start + step * (i + 1)) for i in range(last - first)]
        words += [TimedWord(text, *time) for text, time in zip(written[first:last], times, strict=True)]
    return tuple(words)


def joined(prompt: str, spoken: Sequence[Spoken], cast: Sequence[Role]) -> str:
    """The prompt with every spoken line in it: before its own, unless it gives them itself."""
    handles = {role.speaker: role.handle for role in cast}
    own = {
        " ".join(map(plain, line.text.split())) for line in (dialogue.read(prompt, Names(cast)).lines if spoken else ())
    }
    lines = [
        f'@{handles[one.speaker]}: "{one.text.translate(_UNQUOTED)}"'
        for one in spoken
        if " ".join(map(plain, one.text.split())) not in own
    ]
    return "\n".join([*lines, prompt])


def laid_out(play: Screenplay, spoken: Sequence[Spoken]) -> Screenplay:
    """`play` with each spoken line at its own length, as near to its own moment as the shots before it leave.

    Raises GivenRefused where it does not fit.
    """
    if not spoken:
        return play
    seconds = play.seconds
    blocks = _blocks(play, spoken)
    fewest, most = shots_allowed(seconds)
    while True:
        count = sum(len(block.shots) for block in blocks)
        needs = [_need(block, spoken) for block in blocks]
        wants = [_want(block, need) for block, need in zip(blocks, needs, strict=True)]
        lengths = divide(seconds, needs, wants)
        silent = [i for i, block in enumerate(blocks) if not any(shot.lines for shot in block.shots)]
        if lengths is not None and fewest <= count <= most:
            break
        if lengths is not None and count < fewest:
            if not _split_longest(blocks, spoken):
                blocks.append(_Block([_watching(blocks[-1].shots[-1])]))
        elif silent and count > fewest:
            del blocks[silent[-1]]
        elif not (silent and _split_longest(blocks, spoken)):
            raise GivenRefused(
                "performance_too_wordy",
                f"the recorded lines and the others need {sum(needs):.1f} s, the clip has {seconds:g} s: "
                f"say less, or ask for more seconds (spoken words: at most 3 a second)",
            )
    shots: list[Shot] = []
    border = 0.0
    for block, length in zip(blocks, lengths, strict=True):
        end = on_frame(border + length)
        shots += _placed(block, spoken, border, end)
        border = end
    return msgspec.structs.replace(play, shots=tuple(shots))


_UNQUOTED: Final = str.maketrans(dict.fromkeys('"“”„«»', ""))


def _blocks(play: Screenplay, spoken: Sequence[Spoken]) -> list[_Block]:
    """Shots in order; those without a line that would fall into a performance, or before the first, come last."""
    found: dict[tuple[int, int], tuple[int, Piece]] = {}
    for number_of, one in enumerate(spoken):
        own = [
            (number, place)
            for number, shot in enumerate(play.shots)
            for place, line in enumerate(shot.lines)
            if line.speaker == one.speaker
        ]
        texts = [play.shots[number].lines[place].text for number, place in own]
        for at, piece in zip(own, pieces(one.words, texts), strict=True):
            if piece is not None:
                found[at] = number_of, piece
        if max((piece.last for each, piece in found.values() if each == number_of), default=0) != len(one.words):
            raise GivenRefused(
                "performance_no_place", f"the prompt leaves no place for the recorded words {one.text[:80]!r}"
            )
    blocks: list[_Block] = []
    later: list[_Block] = []
    talked = False
    running: int | None = None
    for number, shot in enumerate(play.shots):
        if not shot.lines:
            (later if not talked or _unfinished(blocks[-1], spoken) else blocks).append(_Block([shot]))
            continue
        for part, whose, piece in _parts(shot, number, found):
            if whose is not None and whose == running and blocks[-1].whose == whose and piece is not None:
                blocks[-1].shots.append(part)
                blocks[-1].pieces.append(piece)
            else:
                speaker = "" if whose is None else spoken[whose].speaker
                blocks.append(_Block([part], whose, speaker, [piece] if piece is not None else []))
            running = whose if whose is not None else running
            talked = True
    for block in blocks:
        _merge_hurried(block, spoken)
    return blocks + later


def _unfinished(block: _Block, spoken: Sequence[Spoken]) -> bool:
    return block.whose is not None and block.pieces[-1].last < len(spoken[block.whose].words)


def _parts(
    shot: Shot, number: int, found: dict[tuple[int, int], tuple[int, Piece]]
) -> list[tuple[Shot, int | None, Piece | None]]:
    """The shot, in as many parts that each holds at most one performance."""
    parts: list[tuple[list[Line], int | None, Piece | None]] = [([], None, None)]
    for place, line in enumerate(shot.lines):
        lines, there, held = parts[-1]
        whose, piece = found.get((number, place), (None, None))
        if whose is None or there is None:
            parts[-1] = [*lines, line], whose if whose is not None else there, piece or held
        elif whose == there and held is not None and piece is not None:
            whole = msgspec.structs.replace(lines[-1], text=f"{lines[-1].text} {line.text}")
            parts[-1] = [*lines[:-1], whole], there, Piece(held.first, piece.last)
        else:
            parts.append(([line], whose, piece))
    return [(msgspec.structs.replace(shot, lines=tuple(lines)), whose, piece) for lines, whose, piece in parts]


def _merge_hurried(block: _Block, spoken: Sequence[Spoken]) -> None:
    """Shots of one performance that are too short for a shot, or for their words, join the one before."""
    at = 1
    while block.whose is not None and at < len(block.shots):
        words = spoken[block.whose].words
        before, after = block.pieces[at - 1], block.pieces[at]
        begin, end = span(words, before)
        tail = span(words, after)
        hurried = end - begin < max(MIN_SHOT_S, spoken_s(_line(block, at - 1).text)) + 0.1
        if not hurried and tail[1] - tail[0] >= MIN_SHOT_S:
            at += 1
            continue
        whole = msgspec.structs.replace(
            _line(block, at - 1), text=f"{_line(block, at - 1).text} {_line(block, at).text}"
        )
        others = [line for line in block.shots[at].lines if line is not _line(block, at)]
        lines = tuple(whole if line is _line(block, at - 1) else line for line in block.shots[at - 1].lines)
        block.shots[at - 1 : at + 1] = [msgspec.structs.replace(block.shots[at - 1], lines=(*lines, *others))]
        block.pieces[at - 1 : at + 1] = [Piece(before.first, after.last)]


def _watching(shot: Shot) -> Shot:
    """The same people when nobody speaks any more."""
    framing = "medium" if shot.framing == "close_up" else "close_up"
    return msgspec.structs.replace(shot, lines=(), framing=framing, action="", sound="", cut="cut")


def _split_longest(blocks: list[_Block], spoken: Sequence[Spoken]) -> bool:
    """Two shots of the longest single-shot performance, cut where its speaker paused, so that a silent one may go."""
    for block in sorted(blocks, key=lambda one: -_need(one, spoken)):
        if block.whose is None or len(block.shots) > 1 or len(block.shots[0].lines) > 1:
            continue
        words, piece = spoken[block.whose].words, block.pieces[0]
        begin, end = span(words, piece)
        texts = [word.text for word in words]
        cuts = [
            at
            for at in range(piece.first + 1, piece.last)
            if span(words, Piece(piece.first, at))[1] - begin
            >= max(MIN_SHOT_S, spoken_s(" ".join(texts[piece.first : at]))) + 0.1
            and end - span(words, Piece(at, piece.last))[0] >= MIN_SHOT_S
        ]
        if not cuts:
            continue
        best = max(cuts, key=lambda at: words[at].start_s - words[at - 1].end_s - 0.02 * abs(2 * at - piece.last))
        line, shot = _line(block, 0), block.shots[0]
        halves = [
            msgspec.structs.replace(line, text=" ".join(texts[a:b]))
            for a, b in ((piece.first, best), (best, piece.last))
        ]
        closer = "close_up" if shot.framing != "close_up" else "medium"
        block.shots = [
            msgspec.structs.replace(shot, lines=(halves[0],)),
            msgspec.structs.replace(
                shot, lines=(halves[1],), who=(line.speaker,), framing=closer, sound="", camera="static", cut="cut"
            ),
        ]
        block.pieces = [Piece(piece.first, best), Piece(best, piece.last)]
        return True
    return False


def _line(block: _Block, at: int) -> Line:
    """The recorded line of a shot of the block: the one with the piece's first word."""
    wanted = block.pieces[at].last - block.pieces[at].first
    for line in block.shots[at].lines:
        if sum(bool(plain(word)) for word in line.text.split()) == wanted and line.speaker == block.speaker:
            return line
    raise GivenRefused("performance_no_place", "the recorded words stand in no line of the screenplay")


def _around(block: _Block, at: int) -> tuple[float, float]:
    """Seconds that other lines of the shot need before and after its recorded one."""
    line = _line(block, at)
    place = block.shots[at].lines.index(line)
    before, after = block.shots[at].lines[:place], block.shots[at].lines[place + 1 :]
    return sum(easy_s(one.text) for one in before), sum(easy_s(one.text) for one in after)


def _need(block: _Block, spoken: Sequence[Spoken]) -> float:
    if block.whose is None:
        return least_s([line.text for line in block.shots[0].lines])
    words = spoken[block.whose].words
    begin, end = span(words, Piece(block.pieces[0].first, block.pieces[-1].last))
    last = span(words, block.pieces[-1])[0]
    before, after = _around(block, 0)[0], _around(block, len(block.shots) - 1)[1]
    said = max(end - begin, last - begin + spoken_s(_line(block, len(block.shots) - 1).text))
    words_s = sum(spoken_s(line.text) for line in block.shots[-1].lines)
    least = max(MIN_SHOT_S, words_s) + (last - begin if len(block.shots) > 1 else 0.0)
    return max(LEAD_S + before + said + after + TAIL_S, least + LEAD_S)


def _want(block: _Block, need: float) -> float:
    texts = [line.text for shot in block.shots for line in shot.lines]
    if block.whose is not None:
        return need + 0.2
    return max(need, sum(map(easy_s, texts)) if texts else SILENT_SHOT_S)


def _placed(block: _Block, spoken: Sequence[Spoken], start_s: float, end_s: float) -> list[Shot]:
    if block.whose is None:
        return [msgspec.structs.replace(block.shots[0], start_s=start_s, end_s=end_s)]
    words = spoken[block.whose].words
    begin = span(words, block.pieces[0])[0]
    slack = end_s - start_s - _need(block, spoken)
    earliest = start_s + LEAD_S + _around(block, 0)[0] - begin
    offset = min(max(0.0, earliest), earliest + max(0.0, slack))  # of the recording's clock on the clip's
    shots, border = [], start_s
    for at, shot in enumerate(block.shots):
        line, piece = _line(block, at), block.pieces[at]
        first, last = span(words, piece)
        until = end_s if at + 1 == len(block.shots) else on_frame(offset + last)
        timed = msgspec.structs.replace(line, start_s=round(max(border, offset + first), 3))
        lines = tuple(timed if one is line else one for one in shot.lines)
        shots.append(msgspec.structs.replace(shot, start_s=border, end_s=until, lines=lines))
        border = until
    return shots
