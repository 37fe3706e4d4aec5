"""Alerta beside Refgate: new and repeated alerts a second on one PostgreSQL, by turns."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.progress import Progress
from rich.table import Table

from benchmarks import callers, databases, report, servers, workloads, wrk
from benchmarks.callers import HOST, Way
from benchmarks.databases import Databases
from benchmarks.servers import Server
from benchmarks.workloads import CREATE, REPEAT
from benchmarks.wrk import Load, Requests

ALERTA, REFGATE = "Alerta", "Refgate"
NEW, REPEATED = "new", "repeated"
CONNECTIONS = (8, 64)
LEAST = 20.0
"""So many times as fast as Alerta Refgate is to be."""

_PACKAGES = ("alerta-server", "psycopg2-binary", "gunicorn", "setuptools<81")
_WORKERS = "4"
_ADMIN = "admin@example.com"
_KEY = "benchmark-key-benchmark-key-benchmark-ke"
_REFERENCES = 1000
_ALERT: Mapping[str, object] = {
    "environment": "Production",
    "event": "NodeDown",
    "severity": "major",
    "service": ["Platform"],
    "group": "Network",
    "value": "down",
    "text": "Operation started without proper approvals",
    "tags": ["night shift", "ORDER 777"],
    "attributes": {"customs": "yes"},
    "origin": "benchmark",
    "type": "alert",
}


@dataclass(frozen=True)
class Compared:
    """One kind of alert over so many connections: what each of the two did, a load a round."""

    kind: str
    connections: int
    alerta: Sequence[Load]
    refgate: Sequence[Load]

    @property
    def ratio(self) -> float:
        """Refgate's rate by Alerta's, in the median of the rounds."""
        pairs = zip(self.refgate, self.alerta, strict=True)
        return statistics.median(ours.per_second / (theirs.per_second or 1) for ours, theirs in pairs)


@click.command()
@click.option("--quick", is_flag=True, help="Only see that it works: one round of two seconds each.")
@click.option("--seconds", default=8, show_default=True, help="So long is each measured.")
@click.option("--rounds", default=3, show_default=True, help="So often.")
@click.option(
    "--environment",
    type=click.Path(file_okay=False, path_type=Path),
    help="Install Alerta here, or use what is installed here; else into a passing directory.",
)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(seconds: int, rounds: int, environment: Path | None, json_file: Path | None, *, quick: bool) -> None:
    """Compare Refgate with Alerta."""
    wrk.check()
    seconds, rounds = (2, 1) if quick else (seconds, rounds)
    console = report.console()
    with tempfile.TemporaryDirectory(prefix="refgate-alerta-") as passing, Progress(console=console) as progress:
        python = _installed(environment or Path(passing, "environment"))
        with databases.opened("postgresql", Path(passing, "database")) as places:
            compared = _compared(places, Path(passing), python, (seconds, rounds), progress)
        version = _version(python)
    console.print(_table(compared, version))
    if json_file is not None:
        options = {"seconds": seconds, "rounds": rounds, "alerta": version, "workers": _WORKERS}
        report.write(json_file, options, compared=[{"ratio": each.ratio, **asdict(each)} for each in compared])


def _installed(environment: Path) -> Path:
    """Install Alerta into an environment of its own, where it is not there already, and give its Python."""
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *_PACKAGES], check=True)
    return python


def _version(python: Path) -> str:
    told = [str(python), "-c", "from importlib.metadata import version; print(version('alerta-server'))"]
    return subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()


def _compared(
    places: Databases, directory: Path, python: Path, span: tuple[int, int], progress: Progress
) -> list[Compared]:
    seconds, rounds = span
    with (
        servers.gateway(places.fresh("refgate"), directory / "refgate.log") as gateway,
        _alerta(places.fresh("alerta"), directory, python) as alerta,
    ):
        workloads.seed(gateway, _REFERENCES)
        requests = {REFGATE: _ours(gateway), ALERTA: _theirs(alerta)}
        ports = {REFGATE: gateway.port, ALERTA: alerta.port}
        cells = [(kind, connections) for connections in CONNECTIONS for kind in (NEW, REPEATED)]
        task = progress.add_task("Measuring", total=rounds * len(cells))
        loads: dict[tuple[str, str, int], list[Load]] = {}
        for _ in range(rounds):
            for kind, connections in cells:
                for name, kinds in requests.items():
                    wrk.drive(ports[name], kinds[kind], connections, wrk.WARM_UP * seconds)
                    load = wrk.drive(ports[name], kinds[kind], connections, seconds)
                    loads.setdefault((name, kind, connections), []).append(load)
                progress.update(task, advance=1, description=f"{kind}, {connections} connections")
    return [
        Compared(kind, connections, loads[ALERTA, kind, connections], loads[REFGATE, kind, connections])
        for kind, connections in cells
    ]


@contextmanager
def _alerta(url: str, directory: Path, python: Path) -> Iterator[Server]:
    """Serve Alerta as its documentation says, with authentication on. Raises `RuntimeError` where that is off."""
    port, log = servers.free_port(), directory / "alerta.log"
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "DATABASE_NAME": "alerta",
        "SECRET_KEY": "benchmark-secret-benchmark-secret",
        "AUTH_REQUIRED": "True",
        "ADMIN_USERS": _ADMIN,
    }
    made = [str(python.with_name("alertad")), "key", "--username", _ADMIN, "--key", _KEY]
    with log.open("ab") as output:
        subprocess.run(made, env=env, stdout=output, stderr=output, check=True)
    command = [str(python), "-m", "gunicorn", "-w", _WORKERS, "-b", f"{HOST}:{port}", "alerta:create_app()"]
    with servers.running(command, env, port, log, ready="/", directory=directory) as process:
        headers = {**callers.JSON, "Authorization": f"Key {_KEY}"}
        _check_key(port, headers)
        yield Server(port, process.pid, headers, log)


def _check_key(port: int, headers: Mapping[str, str]) -> None:
    body = {**_ALERT, "resource": "first"}
    callers.ask(port, "POST", "/alert", body, headers)
    try:
        callers.ask(port, "POST", "/alert", body, callers.JSON)
    except RuntimeError as error:
        if ": 401 " in str(error):
            return
        raise
    raise RuntimeError("Alerta takes alerts without a key: this is not the server that was meant.")


def _ours(server: Server) -> dict[str, Requests]:
    way = Way(server.headers)
    return {NEW: CREATE.requests(way, _REFERENCES), REPEATED: REPEAT.requests(way, _REFERENCES)}


def _theirs(server: Server) -> dict[str, Requests]:
    resources = {NEW: ["new-@@"], REPEATED: [f"same-{number}" for number in range(_REFERENCES)]}
    return {
        kind: Requests(server.headers, [wrk.request("POST", "/alert", {**_ALERT, "resource": each}) for each in names])
        for kind, names in resources.items()
    }


def _table(compared: Sequence[Compared], version: str) -> Table:
    headings = ("alerts", "conns", "Alerta /s", "p99 ms", "errors", "Refgate /s", "p99 ms", "errors", "ratio", "met")
    shown = report.table(headings, title=f"Alerta {version}, {_WORKERS} workers of gunicorn, beside Refgate")
    for each in compared:
        sides = [figure for loads in (each.alerta, each.refgate) for figure in _figures(loads)]
        met = "yes" if each.ratio >= LEAST else "[bold]no[/bold]"
        shown.add_row(each.kind, str(each.connections), *sides, f"{each.ratio:.1f}", met)
    return shown


def _figures(loads: Sequence[Load]) -> tuple[str, str, str]:
    errors: dict[str, int] = {}
    for load in loads:
        errors |= {name: errors.get(name, 0) + count for name, count in load.errors.items()}
    per_second = statistics.median(load.per_second for load in loads)
    return f"{per_second:,.0f}", f"{statistics.median(load.p99_ms for load in loads):.0f}", report.listed(errors)


if __name__ == "__main__":
    main()
