"""Reads the fields of Stripe's objects strictly: what is missing or strange raises, and is never guessed."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from billing.stripe.errors import Unreadable

_Value = TypeVar("_Value")
#: Stripe's smallest unit of these is not ours, which is ISO 4217's: amounts would be wrong by a factor of 100.
OTHER_UNITS = frozenset({"ISK", "MGA", "UGX"})


class Fields:
    """The fields of one object. Every reader raises Unreadable, which names the object and the field."""

    def __init__(self, values: Any, where: str = "") -> None:
        if not isinstance(values, Mapping):
            raise Unreadable(f"{where or 'the answer'} is no object")
        self._values = values
        self._where = where or f"{values.get('object', 'object')} {values.get('id', '')}".strip()

    def _read(self, name: str, kind: type[_Value]) -> _Value:
        value = self._values.get(name)
        # In Python True is an int.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            what = "is missing" if value is None else f"is no {kind.__name__}"
            raise Unreadable(f"{self._where}: {name} {what}")
        return value

    def has(self, name: str) -> bool:
        """Return whether the field is there and not null."""
        return self._values.get(name) is not None

    def text(self, name: str) -> str:
        """Return a text."""
        return self._read(name, str)

    def text_or_empty(self, name: str) -> str:
        """Return a text, "" if there is none."""
        return self._read(name, str) if self.has(name) else ""

    def one_of(self, name: str, known: Collection[str]) -> str:
        """Return a text that must be one of the known ones."""
        value = self._read(name, str)
        if value not in known:
            raise Unreadable(f"{self._where}: {name} has the unknown value {value[:60]!r}")
        return value

    def integer(self, name: str) -> int:
        """Return an integer."""
        return self._read(name, int)

    def flag(self, name: str) -> bool:
        """Return true or false."""
        return self._read(name, bool)

    def currency(self, name: str = "currency") -> str:
        """Return the currency of the object's amounts in upper case. One that Stripe counts in another unit raises."""
        currency = self._read(name, str).upper()
        if currency in OTHER_UNITS:
            raise Unreadable(f"{self._where}: amounts in {currency} are in another unit than ours")
        return currency

    def moment(self, name: str) -> datetime:
        """Return a time in UTC: v1 writes seconds since 1970, v2 writes ISO 8601."""
        value = self._values.get(name)
        try:
            if isinstance(value, str):
                return datetime.fromisoformat(value).astimezone(UTC)
            return datetime.fromtimestamp(self._read(name, int), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise Unreadable(f"{self._where}: {name} is no time") from error

    def moment_or_none(self, name: str) -> datetime | None:
        """Return a time in UTC, None if there is none."""
        return self.moment(name) if self.has(name) else None

    def id_of(self, name: str) -> str:
        """Return the id of a linked object, which may be written out; "" if there is none."""
        if isinstance(self._values.get(name), Mapping):
            return self.part(name).text("id")
        return self.text_or_empty(name)

    def part(self, name: str) -> "Fields":
        """Return the fields of an inner object."""
        return Fields(self._values.get(name), self._inner(name))

    def part_or_none(self, name: str) -> "Fields | None":
        """Return the fields of an inner object, None if there is none."""
        return self.part(name) if self.has(name) else None

    def parts(self, name: str) -> Iterator["Fields"]:
        """Yield the fields of each object of an inner list; nothing if there is no list."""
        if self.has(name):
            for value in self._read(name, list):
                yield Fields(value, self._inner(name))

    def metadata(self) -> dict[str, str]:
        """Return our own labels; empty if there are none."""
        part = self.part_or_none("metadata")
        return {name: part.text(name) for name in part._values} if part else {}

    def _inner(self, name: str) -> str:
        return f"{self._where}, {name}"
