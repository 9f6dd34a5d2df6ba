"""Every leaf of every error tree is told to clients on purpose."""

from __future__ import annotations

import pytest

from backend import errors as backend_errors
from backend.problems import STATUS, code_of
from character_store import errors as character_errors
from generation import errors as generation_errors
from social import errors as social_errors
from social import graph_errors, sharing_errors

BASES = (
    backend_errors.BackendError,
    character_errors.CharacterStoreError,
    generation_errors.GenerationError,
    social_errors.SocialError,
)


def leaves(kind: type[Exception]) -> list[type[Exception]]:
    below = kind.__subclasses__()
    return [leaf for one in below for leaf in leaves(one)] if below else [kind]


@pytest.mark.parametrize("leaf", [leaf for base in BASES for leaf in leaves(base)], ids=lambda leaf: leaf.__name__)
def test_every_leaf_has_a_status(leaf: type[Exception]) -> None:
    assert leaf in STATUS
    assert 400 <= STATUS[leaf] < 600


def test_codes_are_words_and_no_two_errors_share_one() -> None:
    codes = [code_of(kind) for kind in STATUS]
    assert len(set(codes)) == len(codes)
    assert all(code.replace("_", "").isalpha() and code.islower() for code in codes)
    assert code_of(character_errors.CastRefused) == "cameo_permission_denied"


@pytest.mark.parametrize(
    "module", [backend_errors, character_errors, generation_errors, social_errors, sharing_errors, graph_errors]
)
def test_the_drawn_tree_names_every_class(module: object) -> None:
    drawn = str(module.__doc__)
    for name, kind in vars(module).items():
        if (
            isinstance(kind, type)
            and issubclass(kind, Exception)
            and kind.__module__ == getattr(module, "__name__", "")
        ):
            assert name in drawn, f"{name} is missing in the tree of {kind.__module__}"
