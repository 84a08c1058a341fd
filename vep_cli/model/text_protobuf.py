"""Protocol Buffers' text format, as far as files of plain values and nested messages need it.

There is no schema here: every field is a list of the values that it was given, in order. Left out
are extensions, `Any` and `[a, b]` lists, which are refused.
"""

import re
from collections.abc import Iterator
from typing import Any

Message = dict[str, list[Any]]
"""Field name to values: messages, or strings, which keep the spelling of numbers, enum names and `true`."""

_TOKEN = re.compile(
    r"""
    (?P<space> \s+ | \#[^\n]* | [,;] )
  | (?P<string> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
  | (?P<word> [-+.\w]+ )
  | (?P<sign> [:{}<>] )
    """,
    re.VERBOSE,
)

_CLOSING = {"{": "}", "<": ">"}

_NAME = re.compile(r"[A-Za-z_]\w*")


def parse_text(text: str) -> Message:
    """Return the message that a text has.

    Raises:
        ValueError: The text is malformed or cut short; the message begins with the line.
    """
    root: Message = {}
    open_messages = [(root, "")]
    tokens = _tokens(text)
    for line, name in tokens:
        message, closing = open_messages[-1]
        if name == closing:
            open_messages.pop()
            continue
        token = _value_token(line, name, tokens)
        value: str | Message = {} if token in _CLOSING else _scalar(token)
        message.setdefault(name, []).append(value)
        if isinstance(value, dict):
            open_messages.append((value, _CLOSING[token]))
    if len(open_messages) > 1:
        raise ValueError(f"line {text.count(chr(10)) + 1}: the text ends before {open_messages[-1][1]!r}")
    return root


def _value_token(line: int, name: str, tokens: Iterator[tuple[int, str]]) -> str:
    """Return what follows a field's name, quotes included, without the colon."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"line {line}: {name!r} where a field's name is due")
    end = (line, "the end")
    line, token = next(tokens, end)
    has_colon = token == ":"
    if has_colon:
        line, token = next(tokens, end)
    if token in ("}", ">", ":", end[1]) or not (has_colon or token in _CLOSING):
        raise ValueError(f"line {line}: {token!r} where a value of {name} is due")
    return token


def _scalar(token: str) -> str:
    if token[0] not in "\"'":
        return token
    body = token[1:-1]
    # Escapes are of bytes, of which several can make one character.
    return body.encode().decode("unicode_escape").encode("latin-1").decode() if "\\" in body else body


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """Yield each token with its 1-based line."""
    line, position = 1, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"line {line}: {text[position]!r} cannot be read")
        if match.lastgroup != "space":
            yield line, match.group()
        line += match.group().count("\n")
        position = match.end()
