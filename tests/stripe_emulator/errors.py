"""The errors that the emulator answers with, in Stripe's form."""

from typing import Any


class Refusal(Exception):
    """A request that is answered with an error.

    `executed` says that the operation had begun: v1 then stores the answer under the idempotency key. `keep` says that
    what was written stands, as the failed charge of a declined card does.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = True,
        keep: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.executed, self.keep = status, executed, keep
        fields = {"code": code, "message": message, "param": param, "type": type, **more}
        self.body = {"error": {name: value for name, value in fields.items() if value is not None}}


class Fault(Exception):
    """A fault of the emulator itself, such as a response that does not fit the SDK's schema. Tests must fail on it."""


def not_implemented(what: str) -> Fault:
    """Return the fault of a request that Stripe takes and the emulator does not: the answer to it would be a guess."""
    return Fault(f"NOT IMPLEMENTED: {what}")


def check_known(given: dict[str, Any], where: str, *names: str) -> None:
    """Raise Fault if parameters inside another one are not among those that the emulator knows."""
    if unknown := given.keys() - set(names):
        raise not_implemented(f"{where} with {', '.join(sorted(unknown))}")


def parameter_missing(param: str) -> Refusal:
    """Return the refusal of a request without a parameter that it needs."""
    message = f"Missing required param: {param}."
    return Refusal(message, code="parameter_missing", param=param, executed=False)


def missing(kind: str, identifier: str, param: str = "id") -> Refusal:
    """Return the 404 for an object that this account does not have, whether or not another one does."""
    return Refusal(
        f"No such {kind}: '{identifier}'", status=404, code="resource_missing", param=param
    )


def unknown_parameter(param: str) -> Refusal:
    """Return a parameter that the operation does not have."""
    return Refusal(
        f"Received unknown parameter: {param}",
        code="parameter_unknown",
        param=param,
        executed=False,
    )
