"""The sound of another clip: whose voices are in it, when they say what, and the file that a worker hears it from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import asyncpg
import msgspec

from backend.ids import public
from backend.media import Media
from character_store import uses
from character_store.uses import Use
from generation.captions_file import Caption, parsed
from generation.errors import GivenRefused
from generation.plan import Screenplay
from generation.recorded import Borrowed, Spoken, TimedWord, plain
from social import sounds
from social.clips import Clip
from social.remix_errors import SoundMissing

SHORTEST_S: Final = 0.05  # of a word


async def opened(pool: asyncpg.Pool, media: Media, clip: Clip) -> Borrowed | None:
    """For a worker: the file, and who of the clip's cast says which of its words; None where nothing is to be spoken.

    What is continued has its sound already. Raises GivenRefused.
    """
    if clip.sound_of is None or clip.continues is not None:
        return None
    async with pool.acquire() as conn:
        source = await sounds.still_there(conn, clip.sound_of, clip.account)
        cast = (await uses.of_clips(conn, [clip.sound_of]))[clip.sound_of]
    if source is None or not source.media:
        raise GivenRefused("sound_gone", "the video whose sound this one uses is not there any more")
    try:
        spoken = await spoken_in(media, source, cast)
        content = await media.get(source.media["video"].key) if spoken else b""
    except (SoundMissing, FileNotFoundError):
        raise GivenRefused("sound_gone", "the sound that this video uses is not there any more") from None
    return Borrowed(content, as_cast(spoken)) if spoken else None


def as_cast(spoken: Sequence[Spoken]) -> tuple[Spoken, ...]:
    """Said by S1, S2, … of another cast, in order of first word."""
    return tuple(Spoken(f"S{number}", one.words) for number, one in enumerate(spoken, 1))


async def spoken_in(media: Media, source: Clip, cast: Sequence[Use]) -> tuple[Spoken, ...]:
    """By the source's speakers, in order of first word; none where nobody speaks. Raises SoundMissing."""
    files = source.media or {}
    if "video" not in files or "captions" not in files:
        raise SoundMissing(public("video", source.id), "its files are gone")
    try:
        captions = parsed((await media.get(files["captions"].key)).decode("utf-8"))
    except FileNotFoundError:
        raise SoundMissing(public("video", source.id), "its files are gone") from None
    speaking = _speaking(source)
    names = {" ".join(use.name.split()): use.speaker for use in reversed(cast) if use.speaker in speaking}
    words: dict[str, list[TimedWord]] = {}
    for caption in captions:
        speaker = names.get(caption.speaker)
        if speaker is None:
            raise SoundMissing(public("video", source.id), f"{caption.speaker!r} in it is nobody of its cast")
        words.setdefault(speaker, []).extend(_timed(caption))
    return tuple(Spoken(speaker, tuple(said)) for speaker, said in words.items() if said)


def _speaking(source: Clip) -> tuple[str, ...]:
    return () if source.screenplay is None else msgspec.convert(source.screenplay, Screenplay).speakers


def _timed(caption: Caption) -> Iterator[TimedWord]:
    """A caption's words share its time by their letters."""
    words = [word for word in caption.text.split() if plain(word)]
    letters = sum(map(len, words))
    at = caption.start_s
    seconds = max(caption.end_s - caption.start_s, SHORTEST_S * len(words))
    for word in words:
        end = at + seconds * len(word) / letters
        yield TimedWord(word, round(at, 3), round(end, 3))
        at = end
