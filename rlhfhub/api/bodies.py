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
    """Return the body, which may have the fields `names` only. For hot paths, where a Body's checks cost too much.

    Raises: Refused for any other field, and for a body that is no object.
    """
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
    """JSON's `true` or `false`: not `1`, `"yes"` or another value that DRF would convert."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=str(data)[:40])
        return data


class Text(serializers.CharField):
    """A JSON string; a number is refused. Leading and trailing blanks are removed."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Id(serializers.UUIDField):
    """A UUID as a JSON string."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of the declared choices, as a JSON string."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:40])
        return super().to_internal_value(data)


class Money(serializers.Serializer[Any]):
    """Whole minor units of a currency: 1250 is 12.50 USD, or 1250 JPY."""

    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()


def money(amount_minor: int, currency: str) -> dict[str, Any]:
    """Return an amount as responses show it: minor units and currency."""
    return {"amount_minor": amount_minor, "currency": currency}
