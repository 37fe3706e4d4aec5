"""What processes use: a server with all its children, counted together."""

from collections.abc import Iterator

import psutil


def processor_seconds(pid: int | None) -> float:
    """Say how much processor time a process and all below it have used, those that have ended included."""
    return sum(_seconds(process) for process in family(pid))


def family(pid: int | None) -> Iterator[psutil.Process]:
    """Give a process and all below it."""
    if pid is None:
        return
    root = psutil.Process(pid)
    yield root
    yield from root.children(recursive=True)


def resident_mb(pid: int) -> float:
    """Say how much memory a process has in use, in MiB."""
    size: int = psutil.Process(pid).memory_info().rss
    return size / 2**20


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # it has ended meanwhile: its parent will count it
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
