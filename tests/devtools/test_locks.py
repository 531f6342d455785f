"""The locks serve every machine, not only the one that compiled them."""

import re
from pathlib import Path

import pytest

from rlhfhub.devtools import locks

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("lock", [*locks.LOCKS, "uv.txt"])
def test_a_lock_names_the_files_of_every_machine(lock: str) -> None:
    """One hash alone is the wheel of one folder: another Python or processor would find nothing that fits."""
    entries = re.split(r"^(?=\w)", (CHECKOUT / lock).read_text(), flags=re.MULTILINE)
    alone = [entry.split()[0] for entry in entries if entry.count("--hash") == 1]
    assert alone == []


def test_folders_of_wheels_are_not_read() -> None:
    folders = {"UV_FIND_LINKS": "/wheels", "UV_INDEX": "file:///wheels/simple /wheels/more"}
    assert locks.without_folders({"HOME": "/root"} | folders) == {"HOME": "/root"}
    mixed = {"UV_INDEX": "file:///wheels/simple https://mirror.example/simple"}
    assert locks.without_folders(mixed) == {"UV_INDEX": "https://mirror.example/simple"}
