"""What this process may use of the machine."""

import os


def available_cores() -> int:
    """Cores this process may use, which a container or `taskset` can make fewer."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
