"""What a worker opens before it makes a clip: the cast's references, what the maker gave, the screenplay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from backend import borrowing, given
from backend.given import Sent
from backend.media import Media
from backend.planning import written
from character_store import characters, vault
from character_store.errors import KeyDestroyed
from character_store.restrictions import broken
from character_store.uses import Use
from character_store.vault import Vault
from generation.captions_file import parsed
from generation.engine import NOTHING, Given
from generation.errors import GivenRefused, PromptTooWordy
from generation.joining import Original
from generation.perception.references import References
from generation.plan import CastMember, Role, Screenplay
from generation.prompts import performed
from generation.recorded import Spoken
from social import clips
from social.clips import Clip
from social.safety import known, opinions, rules
from social.safety.errors import SENTENCE
from social.safety.rules import Finding

Attend = Callable[[Sent, tuple[CastMember, ...], dict[str, References], float], Given]
"""What was given, decoded and looked at, for a clip of so many seconds; the references are those of the vouchers, by
name of the performance. Blocks; raises GivenRefused. Called in a thread."""


async def attended(
    pool: asyncpg.Pool,
    media: Media,
    safe: Vault,
    clip: Clip,
    cast_uses: Sequence[Use],
    members: tuple[CastMember, ...],
    attend: Attend,
) -> Given:
    """What the maker gave, opened and looked at. Raises GivenRefused."""
    try:
        sent = await given.opened(pool, media, safe, clip.id)
        sent = msgspec.structs.replace(sent, borrowed=await borrowing.opened(pool, media, clip))
        if sent == given.NOTHING_SENT:
            return NOTHING
        vouchers: dict[str, References] = {}
        for driven, _ in sent.performances:
            if driven.vouched_by is not None:
                vouchers[driven.name] = await _vouched(pool, media, safe, clip, driven.vouched_by)
    except KeyDestroyed:
        gone = "the consent behind a voice or recording in it does not hold any more"
        raise GivenRefused("consent_withdrawn", gone) from None
    beside = await asyncio.to_thread(attend, sent, members, vouchers, float(clip.seconds))
    async with pool.acquire() as conn:
        for look in beside.looks:
            if await known.looks_known(conn, look):
                raise GivenRefused("moderation_blocked", f"what was given with it: {known.LIKE}")
    return beside if sent.borrowed is not None else _reworded(beside, clip.prompt, cast_uses)


def _reworded(beside: Given, prompt: str, cast_uses: Sequence[Use]) -> Given:
    """A line that the prompt gives too is spelled as there."""
    recorded = tuple(
        msgspec.structs.replace(
            one, words=performed.reworded(prompt, Spoken(one.speaker, one.words), _roles(cast_uses)).words
        )
        for one in beside.recorded
    )
    return msgspec.structs.replace(beside, recorded=recorded)


def _roles(cast_uses: Sequence[Use]) -> list[Role]:
    return [Role(use.speaker, use.name, use.handle, use.preferences, use.restrictions) for use in cast_uses]


async def _vouched(pool: asyncpg.Pool, media: Media, safe: Vault, clip: Clip, character: UUID) -> References:
    """The stored voice that an own voice is compared with, if it may still be used. Raises KeyDestroyed."""
    async with pool.acquire() as conn, conn.transaction():
        found = await characters.by_id(conn, character)
        if found is None or found.state != "ready":
            raise KeyDestroyed(str(character), 0)
        key = await vault.open_key(
            conn, safe, character, found.version, purpose="clip", actor=clip.account, clip=clip.id
        )
        places = await vault.objects(conn, character, found.version)
    plain = vault.unseal(key, await media.get(places["references"]), character, found.version, "references")
    return msgspec.msgpack.decode(plain, type=References)


async def screenplay(pool: asyncpg.Pool, clip: Clip, cast_uses: Sequence[Use], beside: Given) -> Screenplay:
    """The stored one, so that a retry resumes; else a new one, stored. Raises ScreenplayError or GivenRefused."""
    if clip.screenplay is not None:
        return msgspec.convert(clip.screenplay, Screenplay)
    spoken = [Spoken(one.speaker, one.words) for one in beside.recorded if one.words]
    for use in cast_uses:
        if use.owner != clip.account and (rule := broken(use.restrictions, " ".join(one.text for one in spoken))):
            raise GivenRefused("cameo_permission_denied", f"the recording says what @{use.handle} forbids: {rule!r}")
    said = " ".join(one.text for one in spoken)
    if (finding := await unfit(said, strict=bool(cast_uses))) is not None:
        raise GivenRefused("moderation_blocked", f"in the recording: {SENTENCE[finding.category]}")
    try:
        screenplay = written(clip.prompt, _roles(cast_uses), float(clip.seconds), clip.seed, spoken)
    except PromptTooWordy as wordy:
        if spoken:
            raise GivenRefused("performance_too_wordy", f"{wordy}: say less, or ask for more seconds") from None
        raise
    async with pool.acquire() as conn:
        await clips.keep_screenplay(conn, clip.id, msgspec.to_builtins(screenplay))
    return screenplay


async def unfit(heard: str, *, strict: bool) -> Finding | None:
    """What is heard in a recording or a finished take, by the same rules as a prompt."""
    found = rules.met(heard, "clip", person=strict, young=strict)
    return found or await opinions.of(heard, "clip", strict=strict)


async def cast(
    pool: asyncpg.Pool, media: Media, safe: Vault, maker: UUID, clip: UUID, cast_uses: Sequence[Use]
) -> tuple[CastMember, ...]:
    """Everyone's references out of the vault; every opening is on record."""
    members = []
    for use in cast_uses:
        async with pool.acquire() as conn, conn.transaction():
            key = await vault.open_key(conn, safe, use.character, use.version, purpose="clip", actor=maker, clip=clip)
            places = await vault.objects(conn, use.character, use.version)
        sealed = await media.get(places["references"])
        plain = vault.unseal(key, sealed, use.character, use.version, "references")
        members.append(
            CastMember(
                speaker=use.speaker,
                name=use.name,
                key=f"{use.character.hex}:{use.version}",
                references=msgspec.msgpack.decode(plain, type=References),
                height_cm=use.height_cm,
                build=use.build,
            )
        )
    return tuple(members)


async def original(media: Media, clip: Clip, members: Sequence[CastMember], folder: Path) -> Original | None:
    """The files that the clip goes on from, in `folder`; None for one that begins by itself.

    Raises GivenRefused where they are gone: their clip was deleted or made anew.
    """
    if clip.continues is None:
        return None
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    try:
        video = await media.get(clip.continues.video.key)
        captions = b"" if clip.continues.captions is None else await media.get(clip.continues.captions.key)
    except FileNotFoundError:
        raise GivenRefused("source_gone", "the video that this one extends is not there any more") from None
    file = folder / "original.mp4"
    await asyncio.to_thread(file.write_bytes, video)
    speakers = {" ".join(member.name.split()): member.speaker for member in members}
    heard = (
        msgspec.structs.replace(one, speaker=speakers.get(one.speaker, one.speaker))
        for one in parsed(captions.decode("utf-8"))
    )
    return Original(file, clip.continues.at_s, tuple(heard))


async def parents(
    pool: asyncpg.Pool, media: Media, clip: Clip, begun: Original | None, folder: Path
) -> tuple[Path, ...]:
    """The signed files that the clip is made from, in `folder`; what is gone by now is left out."""
    if begun is not None:
        return (begun.video,)
    if clip.remixed_from is None:
        return ()
    async with pool.acquire() as conn:
        key = await clips.video_key(conn, clip.remixed_from)
    if key is None:
        return ()
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    file = folder / "parent.mp4"
    try:
        await asyncio.to_thread(file.write_bytes, await media.get(key))
    except FileNotFoundError:
        return ()
    return (file,)
