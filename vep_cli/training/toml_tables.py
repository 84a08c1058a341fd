"""Tables of a TOML file to frozen dataclasses; a key that is missing, unknown or of another type is named."""

import dataclasses
import enum
import pathlib
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from vep_cli.errors import UsageError

Record = TypeVar("Record")


def read_record(kind: type[Record], table: object, where: str, folder: pathlib.Path) -> Record:
    """Return a table as a dataclass, whose fields are the table's keys.

    Args:
        kind: A dataclass; its fields are of str, bool, int, float, Path, a StrEnum, a tuple of those, or a
            mapping from text to one of those. Keys whose fields have defaults may be left out.
        table: From the TOML file.
        where: Name of the table, for messages, for instance '[data.copies]'.
        folder: What relative paths are relative to.

    Raises:
        UsageError: A key is missing or unknown, a value is of another type, or the dataclass rejects them.
    """
    if not isinstance(table, Mapping):
        raise UsageError(f"{where} is {table!r}, not a table", remedy=f"write it as {where} and lines below")
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, kind))}
    _check_keys(table, fields, where)
    hints = typing.get_type_hints(kind)
    values = {key: _converted(table[key], hints[key], f"{where} {key}", folder) for key in table}
    try:
        return kind(**values)
    except ValueError as error:
        raise UsageError(f"{where}: {error}", remedy="change the value") from error


def tables_of(table: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    """Return an array of tables, such as the `[[data.piece]]`s, empty where there is none.

    Raises:
        UsageError: The key holds something else.
    """
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise UsageError(f"{where} is not an array of tables", remedy=f"begin each with [{where}]")
    return found


def _check_keys(table: Mapping[str, Any], fields: Mapping[str, Any], where: str) -> None:
    for key in table:
        if key not in fields:
            raise UsageError(
                f"{where} has the unknown key {key!r}", remedy=f"the keys are {', '.join(sorted(fields))}"
            )
    for key, field in fields.items():
        is_needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if is_needed and key not in table:
            raise UsageError(f"{where} lacks {key!r}", remedy=f"add {key} = ... to {where}")


def _converted(value: object, hint: object, where: str, folder: pathlib.Path) -> object:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):  # T | None: TOML cannot say None
        return _converted(value, arguments[0], where, folder)
    if origin is tuple and isinstance(value, list):
        return tuple(_converted(item, arguments[0], where, folder) for item in value)
    if origin is not None and origin is not tuple and isinstance(value, Mapping):
        return {key: _converted(item, arguments[1], f"{where}.{key}", folder) for key, item in value.items()}
    if origin is None:
        return _plain(value, typing.cast(type, hint), where, folder)
    raise _wrong(value, where, "a list" if origin is tuple else "a table")


def _plain(value: object, kind: type, where: str, folder: pathlib.Path) -> object:
    if kind is pathlib.Path and isinstance(value, str):
        return folder / pathlib.Path(value).expanduser()
    if kind is float and type(value) is int:
        return float(value)
    if issubclass(kind, enum.StrEnum):
        for member in kind:
            if member.value == value:
                return member
        raise _wrong(value, where, f"one of {', '.join(kind)}")
    if type(value) is not kind:
        raise _wrong(value, where, _NAMES.get(kind, kind.__name__))
    return value


_NAMES = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    pathlib.Path: "a path in quotes",
}


def _wrong(value: object, where: str, expected: str) -> UsageError:
    return UsageError(f"{where} is {value!r}", remedy=f"it has to be {expected}")
