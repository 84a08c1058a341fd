import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.model.text_protobuf import Message, parse_text

NAMES = st.from_regex(r"[a-z_]{1,6}", fullmatch=True)
STRINGS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=8)
MESSAGES = st.recursive(
    st.dictionaries(NAMES, st.lists(STRINGS, min_size=1, max_size=2), max_size=3),
    lambda inner: st.dictionaries(NAMES, st.lists(inner | STRINGS, min_size=1, max_size=2), max_size=3),
    max_leaves=6,
)


def render(message: Message) -> str:
    fields = ((name, value) for name, values in message.items() for value in values)
    return " ".join(f"{name} {_rendered(value)}" for name, value in fields)


def _rendered(value: str | Message) -> str:
    if isinstance(value, dict):
        return "{" + render(value) + "}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f': "{escaped}"'


@given(MESSAGES)
def test_what_was_written_is_read(message: Message) -> None:
    assert parse_text(render(message)) == message


def test_every_form_by_hand() -> None:
    text = """
    # a comment with { and "
    a: 1, a: -2.5e-3; b { c: TRUE_NAME }
    b: < c: 'it''s' >
    """.replace("''", "\\'")
    assert parse_text(text) == {"a": ["1", "-2.5e-3"], "b": [{"c": ["TRUE_NAME"]}, {"c": ["it's"]}]}


def test_escapes_are_of_bytes() -> None:
    # 0302 0265 are the two bytes of the micro sign.
    assert parse_text(r'a: "5\302\265m\t\"\\"') == {"a": ['5\u00b5m\t"\\']}


def test_an_empty_text_is_an_empty_message() -> None:
    assert parse_text("") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {\n b: 1\n", "line 3: the text ends before '}'"),
        ("a: 1\n}", "line 2: '}' where a field's name is due"),
        ("a < b: 1 }", "line 1: '}' where a field's name is due"),
        ("a: 1\nb", "line 2: 'the end' where a value of b is due"),
        ("a:", "line 1: 'the end' where a value of a is due"),
        ("a 1", "line 1: '1' where a value of a is due"),
        ("a: }", "line 1: '}' where a value of a is due"),
        ("a: : 1", "line 1: ':' where a value of a is due"),
        ("1: a", "line 1: '1' where a field's name is due"),
        ('"a": 1', "line 1: '\"a\"' where a field's name is due"),
        ('a: 1\n b: "open', "line 2: '\"' cannot be read"),
        ("a: [1, 2]", "line 1: '[' cannot be read"),
    ],
)
def test_malformed_text_names_the_line(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared whole
        parse_text(text)
    assert str(caught.value) == message


def test_deep_nesting_is_no_recursion() -> None:
    depth = 100_000
    assert "a" in parse_text("a{" * depth + "}" * depth)
