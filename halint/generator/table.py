"""A table of CLUSTER.toml whose keys are taken one by one, each with its type checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NoReturn

from halint.generator.error import GenerateError

_TYPES = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "a table",
}


class Table:
    """One table, with the place where it stands (`nodes[lb1]`) for messages.

    Raises GenerateError for a key that is not among `keys`.
    """

    def __init__(self, file: str, place: str, data: dict[str, Any], keys: Iterable[str]) -> None:
        self.file = file
        self.place = place
        self._data = data
        keys = list(keys)
        for key in data:
            if key not in keys:
                self.fail(key, _unknown(key, keys))

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def fail(self, key: str, text: str) -> NoReturn:
        """Raise GenerateError about `key`."""
        raise GenerateError(f"{self.file}: {self._at(key)}: {text}")

    def text(self, key: str, default: str | None = None) -> str:
        if key not in self._data and default is not None:
            return default
        value: str = self._typed(key, self._required(key), str)
        return value

    def word(self, key: str, pattern: str, meaning: str) -> str:
        """A string that matches `pattern` as a whole; `meaning` says what that is."""
        text = self.text(key)
        if not re.fullmatch(pattern, text):
            self.fail(key, f"{shown(text)} is not {meaning}")
        return text

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        choices = list(choices)
        text = self.text(key, default)
        if text not in choices:
            self.fail(key, f"{shown(text)} is none of {', '.join(choices)}{_nearest(text, choices)}")
        return text

    def integer(self, key: str, low: int, high: int) -> int:
        return self._ranged(key, self._required(key), low, high)

    def integers(self, key: str, low: int, high: int, default: list[int]) -> list[int]:
        if key not in self._data:
            return default
        return [self._ranged(key, item, low, high) for item in self._typed(key, self._data[key], list)]

    def texts(self, key: str) -> list[str]:
        """An array of at least one string, none twice."""
        items: list[str] = [self._typed(key, item, str) for item in self._array(key)]
        for item in items:
            if items.count(item) > 1:
                self.fail(key, f"{shown(item)} stands twice")
        return items

    def tables(self, key: str, keys: Iterable[str]) -> list[Table]:
        """An array of at least one table; each is named by its `name`, or by its number from 1."""
        keys = list(keys)
        found = []
        for number, item in enumerate(self._array(key), 1):
            data: dict[str, Any] = self._typed(key, item, dict)
            name = data.get("name")
            label = name if isinstance(name, str) and re.fullmatch(r"[\w.-]{1,64}", name) else number
            found.append(Table(self.file, f"{self._at(key)}[{label}]", data, keys))
        return found

    def _at(self, key: str) -> str:
        key = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else shown(key)
        return f"{self.place}.{key}" if self.place else key

    def _required(self, key: str) -> object:
        if key not in self._data:
            self.fail(key, "is missing")
        return self._data[key]

    def _array(self, key: str) -> list[Any]:
        items: list[Any] = self._typed(key, self._required(key), list)
        if not items:
            self.fail(key, "is empty")
        return items

    def _typed(self, key: str, value: object, wanted: type) -> Any:
        # bool is a subclass of int, and no port
        if type(value) is not wanted:
            is_ = _TYPES.get(type(value), "a date or time")
            self.fail(key, f"must be {_TYPES[wanted]}, is {is_}")
        return value

    def _ranged(self, key: str, value: object, low: int, high: int) -> int:
        number: int = self._typed(key, value, int)
        if not low <= number <= high:
            self.fail(key, f"must be between {low} and {high}")
        return number


def _unknown(key: str, keys: list[str]) -> str:
    if key == "auth_pass":
        return "a secret does not belong in this file: use auth_pass_file or auth_pass_env"
    return "is no key here" + (_nearest(key, keys) or "; known are " + ", ".join(keys))


def _nearest(text: str, choices: list[str]) -> str:
    import difflib

    nearest = difflib.get_close_matches(text, choices, 1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def shown(text: str) -> str:
    """Text from the file, safe on a terminal and of a bearable length."""
    return ascii(text if len(text) <= 60 else text[:60] + "...")
