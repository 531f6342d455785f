"""What can become of a call: it may have happened, it was refused for good, or Stripe did not work on it now."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import stripe

#: The code of a refusal because Stripe has no such object, or shows it to another account only.
MISSING = "resource_missing"
#: The code of a refusal for which Stripe names none, such as a refund of more than is left.
NO_CODE = "no_code"


class CallFailed(Exception):
    """Base of all failures of a call. The text names Stripe's request, and holds nothing secret."""


class Unknown(CallFailed):
    """The call may have happened. Send it again with the same key and body while the key lasts, else look it up."""


class Unreadable(Unknown):
    """Stripe's answer lacks a field or has an unknown value, so what it says cannot be booked."""


class Busy(CallFailed):
    """Stripe turned the request away before it worked on it. Send it again later, with the same key and body.

    An earlier request with this key may have happened all the same, so this never proves that money did not move.
    """


class NotSetUp(Busy):
    """There is no secret key."""


class Refused(CallFailed):
    """Stripe refused for good: the call did not happen, and never will with this key. `code` is Stripe's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message

    @property
    def is_missing(self) -> bool:
        """Whether Stripe has no such object."""
        return self.code == MISSING


@contextmanager
def translated() -> Iterator[None]:
    """Raise our own errors in place of the SDK's inside the block.

    The SDK has by then retried connection errors, 409, 5xx and whatever Stripe's header `Stripe-Should-Retry` asks for.
    An answer proves something about earlier requests with the same key only if it comes from Stripe's idempotency layer
    or from behind it. Limits and the check of the API key come before that layer; hence:

    | answer | raised |
    |---|---|
    | none (connection, time-out), 5xx, 424, or one that cannot be read | `Unknown` |
    | 409: a request with this key is under way, or the object is in use | `Unknown` |
    | `idempotency_error`: the key was used with another body, for something that may have happened | `Unknown` |
    | 429, and 4xx with `Stripe-Should-Retry: true` | `Busy` |
    | 401 and 403: the API key is wrong, expired or lacks a right | `Busy` |
    | 403 `account_invalid`: the connected account is not ours (any more) | `Refused` |
    | any other 4xx | `Refused` |

    A 5xx with `Stripe-Should-Retry: false` is `Unknown` too: Stripe repeats a stored 500 under its key for a day,
    whatever became of the request.
    """
    import stripe  # imported late: it takes half a second and 30 MB, which most processes need not spend

    try:
        yield
    except stripe.StripeError as error:
        raise _ours(error) from error


def _ours(error: "stripe.StripeError") -> CallFailed:
    # The SDK leaves `code` empty for some statuses.
    status = error.http_status or 0
    code = error.code or getattr(error.error, "code", None) or NO_CODE
    words = f"{str(error)[:500]} (HTTP {status}, {code})"
    if not _is_definitive(error, status):
        return Unknown(words)
    if status == 429 or _is_limited(error) or _may_be_retried(error):
        return Busy(words)
    if status in (401, 403) and code != "account_invalid":
        return Busy(words)
    return Refused(code, str(error)[:500])


def _is_definitive(error: "stripe.StripeError", status: int) -> bool:
    """Return whether the answer says that this request did not happen."""
    import stripe

    if isinstance(error, stripe.IdempotencyError):
        return False
    return 400 <= status < 500 and status not in (408, 409, 424)


def _is_limited(error: "stripe.StripeError") -> bool:
    import stripe

    return isinstance(error, stripe.RateLimitError)


def _may_be_retried(error: "stripe.StripeError") -> bool:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return headers.get("stripe-should-retry") == "true"
