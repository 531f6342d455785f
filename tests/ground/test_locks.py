"""One file lists the numbers of all advisory locks."""

import re
from pathlib import Path

from rlhfhub.ground import locks

ROOT = Path(__file__).parents[2]
LOCK = re.compile(r"pg_(?:try_)?advisory_\w+\((?:hashtextextended\(.+?, (.+?)\)|(.+?))\)")
NUMBERS = {name: value for name, value in vars(locks).items() if name.isupper()}


def test_no_two_uses_share_a_number() -> None:
    assert len(set(NUMBERS.values())) == len(NUMBERS)


def test_every_lock_has_its_number_from_there() -> None:
    """Code uses the name of a lock; migrations, which must not change later, write a number that is listed."""
    found = {}
    for domain in ("annotators", "billing", "projects", "rlhfhub"):
        for path in (ROOT / domain).rglob("*.py"):
            for seed, whole in LOCK.findall(path.read_text()):
                found.setdefault("migrations" in path.parts, set()).add(seed or whole)
    assert found[False] == {"%s", "{locks.DESK}"}
    assert {int(number) for number in found[True]} <= set(NUMBERS.values())
