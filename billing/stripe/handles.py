"""Which rooms act on which events: each registers its functions when the apps are ready."""

from collections.abc import Callable

from billing.stripe.events import Event

Handler = Callable[[Event], None]
_handlers: dict[str, list[Handler]] = {}


def handle(type: str, handler: Handler) -> None:
    """Call `handler` for each event of this type, at least once and in no particular order.

    It is called outside any transaction and may take minutes (rlhfhub.queues.STRIPE). It fetches the object that the
    event names and opens transactions of its own. If it raises, the event is tried again, with all its handlers.
    """
    known = _handlers.setdefault(type, [])
    if handler not in known:
        known.append(handler)


def handlers_of(type: str) -> tuple[Handler, ...]:
    """Return the functions that are called for events of this type."""
    return tuple(_handlers.get(type, ()))
