"""The same application under gunicorn, which is no part of Refgate: it is installed for the comparison alone."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import Settings
from benchmarks import callers, servers
from benchmarks.servers import Server

_SPARE_THREADS = 8
"""As many as `refgate serve` has beyond those that may work and those that may wait."""


def install(directory: Path) -> None:
    """Install gunicorn into a directory."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--target", str(directory), "gunicorn"], check=True)


@contextmanager
def gunicorn(url: str, log: Path, installed: Path) -> Iterator[Server]:
    """Serve a prepared database by gunicorn's threads, as many and in as many processes as `refgate serve` has."""
    port = servers.free_port()
    env = servers.environment(url, port)
    settings = Settings.from_env(env)
    counted = log.parent / "counted"
    counted.mkdir()
    options = {
        "--bind": f"{callers.HOST}:{port}",
        "--workers": settings.workers,
        "--worker-class": "gthread",
        "--threads": settings.threads + settings.waiting + _SPARE_THREADS,
        "--keep-alive": 75,
        "--graceful-timeout": 30,
    }
    words = [str(word) for option in options.items() for word in option]
    env |= {"PYTHONPATH": f"{env['PYTHONPATH']}:{installed}", "PROMETHEUS_MULTIPROC_DIR": str(counted)}
    command = [sys.executable, "-m", "gunicorn", *words, "wsgi:app"]
    with servers.running(command, env, port, log, ready="/readyz", directory=log.parent) as process:
        yield Server(port, process.pid, callers.token(port), log)
