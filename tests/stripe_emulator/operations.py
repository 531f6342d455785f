"""The operations that the emulator has, by their name in the SDK's schema: "POST /v1/transfers"."""

from collections.abc import Callable

from tests.stripe_emulator.errors import not_implemented
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.world import Call, Handler

OPERATIONS: dict[str, Handler] = {}
PAGED = ("limit", "starting_after", "ending_before", "created")


def operation(name: str, *takes: str) -> Callable[[Handler], Handler]:
    """Register a function as an operation, with the parameters that it takes besides `expand`.

    A parameter that Stripe takes and the emulator does not would be ignored silently, so it is a fault.
    """
    known = {*takes, "expand"}

    def register(function: Handler) -> Handler:
        def checked(call: Call) -> Object:
            if ignored := call.parameters.keys() - known:
                raise not_implemented(f"{name} with {', '.join(sorted(ignored))}")
            return function(call)

        OPERATIONS[name] = checked
        return function

    return register
