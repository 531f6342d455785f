"""Checks of a journey's results: that the ledger balances, and that the exported dataset is what it promises."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from django.core.management import call_command, get_commands
from django.db import connection

_LOAD = """
import json, sys
from datasets import load_dataset
data = load_dataset(sys.argv[1], cache_dir=sys.argv[2])
print(json.dumps({name: [dict(row) for row in split] for name, split in data.items()}))
"""
_UNBALANCED = """
SELECT journal_id::text, currency, sum(amount_minor) FROM billing_ledger_posting
GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0
UNION ALL
SELECT a.id::text, a.kind, a.balance_minor - coalesce(sum(p.amount_minor), 0) FROM billing_ledger_account a
LEFT JOIN billing_ledger_posting p ON p.account_id = a.id
GROUP BY a.id HAVING a.balance_minor <> coalesce(sum(p.amount_minor), 0)
"""


def assert_books_balance() -> None:
    """Assert that journals sum to zero, that balances are the sums of their postings, and all invariants."""
    with connection.cursor() as cursor:
        cursor.execute(_UNBALANCED)
        assert cursor.fetchall() == []
    if "verify_invariants" in get_commands():
        call_command("verify_invariants", verbosity=0)


def total(kind: str, **owner: Any) -> int:
    """Return the balance of all accounts of a kind (and owner), in minor units."""
    where = " AND ".join([f"a.{name} = %({name})s" for name in owner] or ["true"])
    query = f"""SELECT coalesce(sum(p.amount_minor), 0) FROM billing_ledger_posting p
        JOIN billing_ledger_account a ON a.id = p.account_id WHERE a.kind = %(kind)s AND {where}"""
    with connection.cursor() as cursor:
        cursor.execute(query, {"kind": kind, **owner})
        return int(cursor.fetchone()[0])


def unpack(archive: bytes, target: Path) -> Path:
    """Unpack an export's zip. Returns the one folder in it."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        assert file.testzip() is None
        file.extractall(target)
    (folder,) = target.iterdir()
    return folder


def rows_as_promised(folder: Path, cache: Path) -> list[dict[str, Any]]:
    """Load the rows with `datasets`, offline, and check them and every file against the manifest. Returns the rows."""
    manifest = json.loads((folder / ".rlhfhub/manifest.json").read_text())
    for file in manifest["files"]:
        content = (folder / file["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            file["bytes"],
            file["sha256"],
        ), file["path"]
    rows = _load(folder, cache)
    assert len(rows) == manifest["rows"] == manifest["counts"]["rows"]
    assert all(set(row) == set(manifest["columns"]) for row in rows)
    return rows


def _load(folder: Path, cache: Path) -> list[dict[str, Any]]:
    """Load in a new process, because the library reads at import whether it is offline."""
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HOME": str(cache / "home"),
    }
    command = [sys.executable, "-c", _LOAD, str(folder), str(cache)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    splits = json.loads(done.stdout.splitlines()[-1])
    assert set(splits) == {"train"}
    return list(splits["train"])
