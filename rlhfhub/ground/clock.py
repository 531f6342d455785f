"""The clock of files is their file system's, never that of one process. (For rows see rlhfhub.tenancy.clock.)"""

import os
import tempfile
from pathlib import Path


def files_now(folder: Path) -> float:
    """Return the current time by the clock of the file system of `folder`, in Unix seconds.

    It is the modification time of a file made for this purpose.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.fstat(file.fileno()).st_mtime
