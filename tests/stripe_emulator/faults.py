"""Faults that tests ask for: a lost connection, an error or a refusal, before or after an operation took effect."""

from dataclasses import dataclass, field
from random import Random

KINDS = (
    "drop_before",  # the connection is closed, and nothing happened
    "drop_after",  # it is closed, and the operation has taken effect
    "error_before",  # 500, and nothing happened
    "error_after",  # 500, and the operation has taken effect
    "timeout_before",  # no answer for `seconds`, then the connection is closed; nothing happened
    "timeout_after",  # the same, and the operation has taken effect
    "rate_limit",  # 429
    "conflict",  # 409, as when another request holds a lock
    "slow",  # the operation begins, and takes effect `seconds` later
)


@dataclass
class Plan:
    """Which requests get which fault: so many of an operation ("POST /v1/transfers" or "*"), or each by chance."""

    operation: str
    fault: str
    count: int | None = None
    probability: float = 1.0
    seconds: float = 30.0
    seed: int = 0
    dice: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.fault not in KINDS:
            raise ValueError(f"unknown fault {self.fault}: it is one of {', '.join(KINDS)}")
        self.dice = Random(self.seed)

    def hits(self, operation: str) -> bool:
        """If the next request of an operation gets the fault. Counts it."""
        if self.operation not in (operation, "*") or self.count == 0:
            return False
        if self.dice.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        return True


class Faults:
    """The plans in force, in the order they were made."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []

    def next(self, operation: str) -> Plan | None:
        """Return the fault that a request of an operation gets, if any."""
        return next((plan for plan in self.plans if plan.hits(operation)), None)
