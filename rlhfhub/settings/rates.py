"""allauth's limits by address and account. Each process applies lower ones while the shared cache is away."""

import re
from collections.abc import Iterator, Mapping

from rlhfhub.shared_cache import process_share

_AMOUNT = re.compile(r"(?<![^,])\d+(?=/)")


class Rates(Mapping[str, str]):
    """ACCOUNT_RATE_LIMITS. allauth reads the setting at each request; `20/m/ip,5/m/key` is its format."""

    def __init__(self, rates: dict[str, str]) -> None:
        self._rates = rates

    def __getitem__(self, action: str) -> str:
        return _AMOUNT.sub(lambda amount: str(process_share(int(amount[0]))), self._rates[action])

    def __iter__(self) -> Iterator[str]:
        return iter(self._rates)

    def __len__(self) -> int:
        return len(self._rates)
