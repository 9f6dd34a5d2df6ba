"""A request for a clip: read, checked, and refused by name where it asks for what is not there yet."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec

from backend import forms, ids, sniff
from backend.errors import NotSupportedYet
from backend.sniff import Upload
from backend.studio import ClipOrder
from character_store.characters import MENTION
from generation.plan import MAX_CAST, Screenplay
from generation.shapes import SECONDS, SIZES
from social.clips import PROMPT_MAX
from social.errors import InvalidValue

UNKNOWN_YET: Final = ("file_id", "performance", "engine", "audience")


class _Member(msgspec.Struct, frozen=True):
    id: str


class _Sent(msgspec.Struct, frozen=True):
    """POST /videos as sent. Values are checked by hand: an error names what is allowed."""

    prompt: str
    model: str = "castmate-1"
    seconds: str | int | float = "10"  # a number is refused by hand, with what is allowed
    size: str = "720x1280"
    seed: int | None = None
    characters: tuple[_Member, ...] = ()
    screenplay: Screenplay | None = None


async def read(fields: forms.Fields, *, multipart: bool) -> ClipOrder:
    """The order in a body's fields. Raises InvalidValue, NotSupportedYet, BadUpload leaves or ValidationError."""
    await _refuse_what_is_not_there_yet(fields)
    if isinstance(given := fields.get("screenplay"), str):
        fields = fields | {"screenplay": _object_in(given)}
    return _checked(msgspec.convert(fields, _Sent, strict=not multipart))


async def _refuse_what_is_not_there_yet(fields: forms.Fields) -> None:
    """A file is looked at first: what is wrong with it matters more than that it cannot be used yet."""
    reference = fields.get("input_reference")
    if isinstance(reference, Upload):
        await sniff.picture("input_reference", reference)
    if reference is not None:
        raise NotSupportedYet("input_reference", "a picture", "no input_reference")
    for name in UNKNOWN_YET:
        if fields.get(name) is not None:
            raise NotSupportedYet(name, fields[name], f"no {name}")


def _object_in(text: str) -> dict[str, Any]:
    """A form has no objects: a screenplay comes as JSON in a field. Raises InvalidValue."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidValue("screenplay", text, f"a JSON object ({error})") from None
    if not isinstance(found, dict):
        raise InvalidValue("screenplay", text, "a JSON object")
    return found


def _checked(sent: _Sent) -> ClipOrder:
    """Raises InvalidValue."""
    if not sent.prompt.strip() or len(sent.prompt) > PROMPT_MAX:
        raise InvalidValue("prompt", f"{len(sent.prompt)} characters", f"1 to {PROMPT_MAX} characters")
    if sent.seconds not in SECONDS:
        raise InvalidValue("seconds", sent.seconds, ", ".join(f'"{one}"' for one in SECONDS))
    if sent.size not in SIZES:
        raise InvalidValue("size", sent.size, ", ".join(SIZES))
    if not 1 <= len(sent.model) <= 100:
        raise InvalidValue("model", sent.model, "a name of 1 to 100 characters")
    if sent.seed is not None and not 0 <= sent.seed < 2**31:
        raise InvalidValue("seed", sent.seed, "0 to 2147483647")
    if len(sent.characters) > MAX_CAST:
        raise InvalidValue("characters", f"a cast of {len(sent.characters)}", f"at most {MAX_CAST}")
    cast: list[UUID | str] = []
    for number, member in enumerate(sent.characters):
        key = ids.parse("char", member.id)
        if key is None and not member.id.startswith("@"):
            raise InvalidValue(f"characters[{number}].id", member.id, "the id or @handle of a character")
        cast.append(member.id[1:].lower() if key is None else key)
    return ClipOrder(
        prompt=sent.prompt,
        model=sent.model,
        seconds=sent.seconds,
        size=sent.size,
        seed=sent.seed,
        characters=tuple(cast),
        screenplay=sent.screenplay,
        mentions=tuple(dict.fromkeys(handle.lower() for handle in MENTION.findall(sent.prompt))),
    )
