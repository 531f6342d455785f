"""Worker settings whose storage can be full, or hang, while an export is written.

`<storage>/fault` says which: with `full` a write fails with ENOSPC, with `hang` it waits for ever. The real kernel
does both: the file is /dev/full, or a pipe that nobody reads.
"""

import os
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

from tests.faults.worker_settings import *  # noqa: F403
from tests.faults.worker_settings import STORAGE_DIR


@worker_process_init.connect
def fail(**_: Any) -> None:
    """Make writing fail in the worker process. Each block is written at once, while the database is still read."""
    from projects.formats.writing import shards

    shards._BLOCK = 1
    real = Path.open

    def opened(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        fault = STORAGE_DIR / "fault"
        if self.name != "train.jsonl" or mode != "wb" or not fault.exists():
            return real(self, mode, *rest, **more)
        if fault.read_text() == "full":
            return real(Path("/dev/full"), "wb", buffering=0)
        os.mkfifo(self)
        return real(self, "wb")

    Path.open = opened  # type: ignore[method-assign]
