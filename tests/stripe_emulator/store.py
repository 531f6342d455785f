"""The emulator's memory: one SQLite database, in a file or in memory.

Each request is one transaction, which is committed before its answer is sent: what was answered survives `kill -9`.
Objects are stored as JSON, under their id; fields whose name begins with an underscore are the emulator's own.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from tests.stripe_emulator.clock import DAY

Object = dict[str, Any]

FILTERS = (
    "charge", "currency", "customer", "destination", "invoice", "payment_intent", "source", "status",
    "transfer_group", "type",
)  # fmt: skip
# Lists are filtered by these often and among many. An index on a field costs at each write, so the others have none.
INDEXED = ("source", "transfer_group")
TABLES = """
    CREATE TABLE IF NOT EXISTS objects (
        seq INTEGER PRIMARY KEY, id TEXT UNIQUE, account TEXT, kind TEXT, created INTEGER, body TEXT);
    CREATE INDEX IF NOT EXISTS objects_of_account ON objects (account, kind, seq);
    CREATE TABLE IF NOT EXISTS balances (
        account TEXT, currency TEXT, pending INTEGER, available INTEGER, PRIMARY KEY (account, currency));
    CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, due INTEGER, name TEXT, arguments TEXT);
    CREATE INDEX IF NOT EXISTS jobs_by_due ON jobs (due, id);
    CREATE TABLE IF NOT EXISTS keys (
        account TEXT, key TEXT, created INTEGER, fingerprint TEXT, status INTEGER, body BLOB, request TEXT,
        PRIMARY KEY (account, key));
    CREATE TABLE IF NOT EXISTS deliveries (
        id INTEGER PRIMARY KEY, event TEXT, endpoint TEXT, due INTEGER, attempts INTEGER, state TEXT, status INTEGER,
        body BLOB);
    CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries (state, due);
    CREATE INDEX IF NOT EXISTS deliveries_of_event ON deliveries (event);
    CREATE TABLE IF NOT EXISTS requests (
        seq INTEGER PRIMARY KEY, at INTEGER, id TEXT, operation TEXT, path TEXT, account TEXT, idempotency_key TEXT,
        status INTEGER, replayed INTEGER, fault TEXT);
    CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT);
"""
NAMES = ("objects", "balances", "jobs", "keys", "deliveries", "requests", "settings")


class Store:
    """Objects, balances, jobs and logs of all accounts."""

    def __init__(self, path: str = ":memory:") -> None:
        self.database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.database.row_factory = sqlite3.Row
        # Without waiting for the disk: the file must survive the death of this process, not of the machine.
        self.database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;" + TABLES)
        for name in INDEXED:
            self.database.execute(
                f"CREATE INDEX IF NOT EXISTS objects_by_{name} ON objects (account, kind, body ->> '{name}', seq)"
                f" WHERE body ->> '{name}' IS NOT NULL"
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block writes, or nothing of it if it raises. Blocks may be nested."""
        nested = self.database.in_transaction
        begin, commit, undo = (
            ("SAVEPOINT s", "RELEASE s", "ROLLBACK TO s")
            if nested
            else ("BEGIN", "COMMIT", "ROLLBACK")
        )
        self.database.execute(begin)
        try:
            yield
        except BaseException:
            self.database.execute(undo)
            if nested:
                self.database.execute(commit)
            raise
        self.database.execute(commit)

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Run a statement and return its rows."""
        return self.database.execute(statement, values).fetchall()

    def clear(self) -> None:
        """Forget everything."""
        for name in NAMES:
            self.database.execute(f"DELETE FROM {name}")

    def add(self, account: str, body: Object, created: int) -> Object:
        """Store a new object of an account."""
        self.database.execute(
            "INSERT INTO objects (id, account, kind, created, body) VALUES (?, ?, ?, ?, ?)",
            (body["id"], account, body["object"], created, orjson.dumps(body).decode()),
        )
        return body

    def save(self, body: Object) -> Object:
        """Store a changed object."""
        self.database.execute(
            "UPDATE objects SET body = ? WHERE id = ?", (orjson.dumps(body).decode(), body["id"])
        )
        return body

    def get(self, identifier: str) -> Object | None:
        """Return the object with an id, of whatever account."""
        found = self.database.execute(
            "SELECT body FROM objects WHERE id = ?", (identifier,)
        ).fetchone()
        return orjson.loads(found["body"]) if found else None

    def owner(self, identifier: str) -> str | None:
        """Return the account that an object belongs to."""
        found = self.database.execute(
            "SELECT account FROM objects WHERE id = ?", (identifier,)
        ).fetchone()
        return found["account"] if found else None

    def seq(self, identifier: str) -> int | None:
        """Return the position of an object in the order of creation."""
        found = self.database.execute(
            "SELECT seq FROM objects WHERE id = ?", (identifier,)
        ).fetchone()
        return found["seq"] if found else None

    def remove(self, identifier: str) -> None:
        """Delete an object."""
        self.database.execute("DELETE FROM objects WHERE id = ?", (identifier,))

    def select(
        self,
        account: str,
        kind: str,
        where: str = "",
        *values: Any,
        order: str = "DESC",
        limit: int = -1,
    ) -> list[Object]:
        """Return the objects of a kind, newest first, under a condition on the columns (`body ->> 'field'`)."""
        condition = f" AND {where}" if where else ""
        rows = self.database.execute(
            f"SELECT body FROM objects WHERE account = ? AND kind = ?{condition} ORDER BY seq {order} LIMIT ?",
            (account, kind, *values, limit),
        )
        return [orjson.loads(row["body"]) for row in rows]

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a value of the emulator's own, as its clock or what webhooks are done to."""
        found = self.database.execute(
            "SELECT value FROM settings WHERE name = ?", (name,)
        ).fetchone()
        return orjson.loads(found["value"]) if found else default

    def set(self, name: str, value: Any) -> None:
        """Store a value of the emulator's own."""
        self.database.execute(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, orjson.dumps(value).decode()),
        )

    def forget_old(self, now: int) -> None:
        """Delete idempotency keys older than a day, and all but the newest 10,000 lines of the log."""
        self.database.execute("DELETE FROM keys WHERE created <= ?", (now - DAY,))
        newest = self.database.execute("SELECT max(seq) FROM requests").fetchone()[0] or 0
        self.database.execute("DELETE FROM requests WHERE seq <= ?", (newest - 10_000,))


def new_id(prefix: str, length: int = 24) -> str:
    """Return an id as Stripe's: a prefix and random letters and digits."""
    return f"{prefix}_{secrets.token_hex(length // 2)}"
