"""No sender takes what all may take together: by address before anybody knows them, by workspace after."""

from typing import Any

import pytest

from rlhfhub.server.environ import client_network
from rlhfhub.server.refusals import Refusal
from rlhfhub.server.spool import Budget


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
    told = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return {"REMOTE_ADDR": address, **told}


def test_a_sender_is_an_address_as_the_trusted_proxies_saw_it() -> None:
    assert client_network(asked("192.0.2.1", "198.51.100.9"), 0) == "192.0.2.1"
    assert client_network(asked("192.0.2.1", "1.1.1.1, 198.51.100.9"), 1) == "198.51.100.9"
    assert client_network(asked("192.0.2.1", "6.6.6.6,198.51.100.9,192.0.2.7"), 2) == "198.51.100.9"
    assert client_network(asked("192.0.2.1", "198.51.100.9"), 3) == "198.51.100.9"
    assert client_network(asked("192.0.2.1"), 1) == "192.0.2.1"
    assert client_network(asked("2001:db8::1"), 0) == client_network(asked("2001:db8::ffff"), 0)
