"""A request for a clip: read, checked, and refused by name where it asks for what is not there yet."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec

from backend import forms, ids
from backend.config import Config
from backend.errors import NotSupportedYet
from backend.planning import ClipOrder
from backend.routes import beside
from backend.routes.beside import Beside
from character_store.characters import MENTION
from generation.options import abilities_of
from generation.plan import MAX_CAST, Screenplay
from generation.shapes import SECONDS, SIZES, Size
from social.clips import PROMPT_MAX
from social.errors import InvalidValue

UNKNOWN_YET: Final = ("file_id", "engine", "audience")


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


class Order(msgspec.Struct, frozen=True):
    """What was asked for, and the files beside it."""

    clip: ClipOrder
    beside: Beside


async def read(fields: forms.Fields, config: Config, *, multipart: bool) -> Order:
    """The order in a body's fields.

    Raises InvalidValue, NotSupportedYet, PictureNotFetched, BadUpload leaves or ValidationError. The text is checked
    first: nothing is fetched for an order that is refused.
    """
    order = for_engine(text_of(fields, multipart=multipart), config)
    beside.check_taken(fields, config.engine_options)
    found = await beside.read(fields, config.image_hosts)
    return Order(msgspec.structs.replace(order, given=found.wanted), found)


def for_engine(order: ClipOrder, config: Config) -> ClipOrder:
    """With the languages that the engine of this instance speaks."""
    return msgspec.structs.replace(order, spoken=abilities_of(config.engine_options).languages)


def text_of(fields: forms.Fields, *, multipart: bool) -> ClipOrder:
    """What was asked for, without what comes beside it. Raises InvalidValue, NotSupportedYet or ValidationError."""
    for name in UNKNOWN_YET:
        if fields.get(name) is not None:
            raise NotSupportedYet(name, fields[name], f"no {name}")
    texts = {name: value for name, value in fields.items() if name not in beside.NAMES}
    if isinstance(own := texts.get("screenplay"), str):
        texts = texts | {"screenplay": _object_in(own)}
    return _checked(msgspec.convert(texts, _Sent, strict=not multipart))


def size_of(text: str) -> Size:
    """Raises InvalidValue."""
    if text not in SIZES:
        raise InvalidValue("size", text, ", ".join(SIZES))
    return text


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
        size=size_of(sent.size),
        seed=sent.seed,
        characters=tuple(cast),
        screenplay=sent.screenplay,
        mentions=tuple(dict.fromkeys(handle.lower() for handle in MENTION.findall(sent.prompt))),
    )
