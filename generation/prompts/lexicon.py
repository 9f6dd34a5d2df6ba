"""The word lists of lexicon.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec


class Lexicon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lower-case words; lexicon.toml says what each list is for."""

    dangling: frozenset[str]
    empty_topics: frozenset[str]
    not_verbs: frozenset[str]
    not_gerunds: frozenset[str]
    plurals: frozenset[str]
    verbs: frozenset[str]
    small: frozenset[str]
    headings: frozenset[str]
    empty_wishes: frozenset[str]
    forbidden: dict[str, str]


LEXICON: Final = msgspec.toml.decode(Path(__file__).with_name("lexicon.toml").read_bytes(), type=Lexicon)
