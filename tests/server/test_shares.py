"""No sender may use up the memory for all: it is shared by address before authentication, and by workspace after."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rlhfhub.server.environ import client_network
from rlhfhub.server.limits import BLOCK_BYTES, MIB
from rlhfhub.server.refusals import Refusal
from rlhfhub.server.spool import Budget, Spool

pytestmark = pytest.mark.slow


def test_one_senders_share_leaves_room_for_others() -> None:
    budget = Budget(100, 40)
    budget.take(40, "greedy")
    with pytest.raises(Refusal, match="Too much"):
        budget.take(1, "greedy")
    budget.take(40, "another")
    with pytest.raises(Refusal):
        budget.take(30, "third")
    budget.give_back(40, "greedy")
    budget.take(30, "greedy")


def asked(address: str, forwarded: str | None = None) -> dict[str, Any]:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return {"REMOTE_ADDR": address, **headers}


def test_a_sender_is_an_address_as_the_trusted_proxies_saw_it() -> None:
    assert client_network(asked("192.0.2.1", "198.51.100.9"), 0) == "192.0.2.1"
    assert client_network(asked("192.0.2.1", "1.1.1.1, 198.51.100.9"), 1) == "198.51.100.9"
    assert client_network(asked("192.0.2.1", "6.6.6.6,198.51.100.9,192.0.2.7"), 2) == "198.51.100.9"
    assert client_network(asked("192.0.2.1", "198.51.100.9"), 3) == "198.51.100.9"
    assert client_network(asked("192.0.2.1"), 1) == "192.0.2.1"
    assert client_network(asked("2001:db8::1"), 0) == client_network(asked("2001:db8::ffff"), 0)


def test_a_body_that_cannot_be_written_down_finds_no_room(tmp_path: Path) -> None:
    async def add() -> None:
        with ThreadPoolExecutor(1) as writer:
            gone = tmp_path / "gone"
            with Spool(gone, Budget(MIB, MIB), writer, most=MIB, sender="a") as spool:
                await spool.add(b"x" * BLOCK_BYTES)

    # A thread of its own: a browser of an earlier test keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread, pytest.raises(Refusal) as refused:
        thread.submit(lambda: asyncio.run(add())).result()
    assert (refused.value.status, refused.value.code) == (503, "no_room")
