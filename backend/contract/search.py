"""Said about search."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from backend.contract.accounts import PERSON, Person
from backend.contract.characters import CHARACTER, Character
from backend.contract.clips import FINISHED, Video
from backend.contract.doc import Doc
from backend.contract.lists import PAGE, list_of, page
from social.search import LENGTH

PersonList = list_of(Person)
CharacterList = list_of(Character)
VideoList = list_of(Video)


class Search(msgspec.Struct, frozen=True):
    """Null: not what was asked for."""

    object: Literal["search"]
    accounts: PersonList | None  # type: ignore[valid-type]  # a type made by a function
    characters: CharacterList | None  # type: ignore[valid-type]  # as above
    videos: VideoList | None  # type: ignore[valid-type]  # as above


DOCS: Final = {
    "search.find": Doc(
        name="search",
        summary="Find people, characters and clips",
        gives=Search,
        example={
            "object": "search",
            "accounts": page(PERSON) | {"last_id": "5d0c2a7be911.4500.01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"},
            "characters": page({name: CHARACTER[name] for name in Character.__struct_fields__[:17]}),
            "videos": page(FINISHED),
        },
        values=PAGE
        | {
            "q": {"minLength": LENGTH[0], "maxLength": LENGTH[1]},
            "type": {"enum": ["accounts", "characters", "videos"]},
        },
        notes="`after` is the `last_id` of the page before, which is no id of an object here.",
    ),
}
