"""Request bodies read strictly: unknown fields are refused by name, and nothing is converted on the way."""

import uuid
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from rlhfhub.ground.refusals import invalid


class Body(serializers.Serializer[Any]):
    """A JSON object with the declared fields and no others."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError({n[:60]: ["unknown field"] for n in unknown[:20]})
        return super().to_internal_value(data)

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """The checked fields of the request's body. Raises ValidationError naming each wrong one."""
        body = cls(data=request.data)
        body.is_valid(raise_exception=True)
        found: dict[str, Any] = body.validated_data
        return found


class NoFields(Body):
    """An empty body."""


def only(request: Request, *names: str) -> dict[str, Any]:
    """The body, when it has no fields but `names`: for the hot path, where a Body's checks cost too much."""
    data = request.data
    if not isinstance(data, dict):
        raise invalid("body", "must be an object")
    for name in data:
        if name not in names:
            raise invalid(str(name)[:60], "unknown field")
    return data


class Integer(serializers.IntegerField):
    """A whole number as JSON has it: not `true`, not `"3"`, not `3.0`."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class Flag(serializers.BooleanField):
    """`true` or `false`, and nothing that is taken for one of them."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=str(data)[:40])
        return data


class Text(serializers.CharField):
    """A string, never a number written as one. Its ends are trimmed."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Id(serializers.UUIDField):
    """An id as text."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of the named words, as text."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:40])
        return super().to_internal_value(data)


class Money(serializers.Serializer[Any]):
    """Whole minor units of a currency: 1250 is 12.50 USD, or 1250 JPY."""

    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()


def money(amount_minor: int, currency: str) -> dict[str, Any]:
    """An amount as answers show it."""
    return {"amount_minor": amount_minor, "currency": currency}
