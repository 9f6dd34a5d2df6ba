from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import MalformedBody
from backend.forms import nested


def test_brackets_become_lists_and_objects() -> None:
    assert nested(
        [
            ("prompt", "hello"),
            ("video[id]", "video_1"),
            ("characters[][id]", "a"),
            ("characters[][id]", "b"),
            ("characters[][role]", "lead"),
            ("tags[]", "x"),
            ("tags[]", "y"),
            ("o[k][l]", "v"),
        ]
    ) == {
        "prompt": "hello",
        "video": {"id": "video_1"},
        "characters": [{"id": "a"}, {"id": "b", "role": "lead"}],
        "tags": ["x", "y"],
        "o": {"k": {"l": "v"}},
    }


def test_a_plain_name_given_twice_is_a_list() -> None:
    assert nested([("photos", "a"), ("photos", "b"), ("photos", "c")]) == {"photos": ["a", "b", "c"]}


@pytest.mark.parametrize(
    "items",
    [
        [("a[", "1")],
        [("[a]", "1")],
        [("a]", "1")],
        [("a[b]c", "1")],
        [("a[b][c][d][e][f]", "1")],
        [("a[b]", "1"), ("a[b]", "2")],
        [("a[]", "1"), ("a[b]", "2")],
        [("a[b]", "1"), ("a[]", "2")],
        [("a[b]", "1"), ("a[b][c]", "2")],
    ],
)
def test_what_fits_no_object_is_refused(items: list[tuple[str, str]]) -> None:
    with pytest.raises(MalformedBody):
        nested(items)


NAMES = st.from_regex(r"[a-z]{1,5}", fullmatch=True)


@given(
    st.dictionaries(
        NAMES, st.one_of(st.text(), st.dictionaries(NAMES, st.text(), min_size=1), st.lists(st.text(), min_size=1))
    )
)
def test_any_object_survives_the_way_through_brackets(fields: dict[str, object]) -> None:
    items: list[tuple[str, str]] = []
    for name, value in fields.items():
        match value:
            case dict():
                items += [(f"{name}[{key}]", text) for key, text in value.items()]
            case list():
                items += [(f"{name}[]", text) for text in value]
            case _:
                items.append((name, str(value)))
    assert nested(items) == fields


@given(st.lists(st.tuples(st.text(alphabet="ab[]", max_size=12), st.text(max_size=3)), max_size=6))
def test_no_field_names_break_it(items: list[tuple[str, str]]) -> None:
    try:
        assert isinstance(nested(items), dict)
    except MalformedBody as error:
        assert "field" in str(error)  # noqa: PT017  # refusing is one of the two good outcomes
