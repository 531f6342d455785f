"""Finds how many processors this process may use."""

import contextlib
import math
import os
from pathlib import Path


def usable_cores() -> int:
    """Return the number of processors this process may use, also under a container's quota."""
    allowed = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        if quota != "max":
            allowed = min(allowed, math.ceil(int(quota) / int(period)))
    return max(allowed, 1)
