"""The demo's file with addresses, ids, logins and keys. Only the user who ran the demo can read it."""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings


def default_path() -> Path:
    """Return the path of `demo.json` in the state directory."""
    return Path(settings.STATE_DIR) / "demo.json"


class DemoFile:
    """A JSON object in a file of mode 0600. Each change rewrites the whole file."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        self.data: dict[str, Any] = {}
        if self.path.exists():
            self.data = json.loads(self.path.read_text())

    def keep(self, **values: Any) -> None:
        """Set these values and write the file, so that a run after an interruption continues from here."""
        self.data.update(values)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(self.data, file, indent=1)
            file.write("\n")
        draft.replace(self.path)
