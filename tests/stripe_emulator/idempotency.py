"""Idempotency keys, as v1 and v2 treat them.

v1 stores the answer of the first request that began to execute, errors included, and repeats it for 24 hours; after
that the key is new. v2 stores answers of success only: a request that failed runs again, until it succeeds.
"""

import hashlib
from typing import Any

import orjson

from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.wire import Answer
from tests.stripe_emulator.world import World


def fingerprint(operation: str, path: str, parameters: dict[str, Any]) -> str:
    """Return what must be the same when a key is used again."""
    content = orjson.dumps([operation, path, parameters], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()


class Keys:
    """The keys of all accounts: stored answers, and the requests that are being executed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._in_use: set[tuple[str, str]] = set()

    def begin(self, account: str, key: str, mark: str) -> Answer | None:
        """Take a key for a request. Returns the answer to repeat, if there is one.

        Raises: Refusal if the key was used with other parameters, or by a request that has not ended.
        """
        if len(key) > 255:
            raise Refusal("Idempotency keys can have up to 255 characters.", executed=False)
        if (account, key) in self._in_use:
            raise Refusal(
                f"There is currently another in-progress request using this Idempotent Key ({key}).",
                status=409,
                type="idempotency_error",
                code="idempotency_key_in_use",
                executed=False,
            )
        stored = self._stored(account, key)
        if stored is None:
            self._in_use.add((account, key))
            return None
        if stored["fingerprint"] != mark:
            raise Refusal(
                "Keys for idempotent requests can only be used with the same parameters they were first used with."
                f" Try using a key other than '{key}' if you meant to execute a different request.",
                type="idempotency_error",
                executed=False,
            )
        headers = {"Idempotent-Replayed": "true", "Original-Request": stored["request"]}
        return Answer(stored["status"], stored["body"], headers)

    def _stored(self, account: str, key: str) -> Any:
        found = self._world.store.rows(
            "SELECT * FROM keys WHERE account = ? AND key = ? AND created > ?",
            account,
            key,
            self._world.now - DAY,
        )
        return found[0] if found else None

    def end(self, account: str, key: str) -> None:
        """Give a key back, whether an answer was stored or not."""
        self._in_use.discard((account, key))

    def store(self, account: str, key: str, mark: str, answer: Answer, request: str) -> None:
        """Store the answer of a request, in the transaction of its effects."""
        self._world.store.database.execute(
            "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)",
            (account, key, self._world.now, mark, answer.status, answer.body, request),
        )
