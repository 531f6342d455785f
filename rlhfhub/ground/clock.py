"""The clock of files. A row's is the database's (rlhfhub.tenancy.clock); neither is that of one process."""

import os
import tempfile
from pathlib import Path


def files_now(folder: Path) -> float:
    """The present time as the file system of `folder` stamps it, in Unix seconds: the time of a file made just now."""
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.fstat(file.fileno()).st_mtime
