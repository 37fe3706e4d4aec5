"""The senders under docs/senders, run for real: against a gateway, and against servers that are in trouble."""

import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dukpy  # type: ignore[import-untyped]  # ships no types
import orjson
import pytest

from tests.conftest import ADMIN, WORKSPACE
from tests.documents import README, ROOT, blocks, code, table
from tests.gateway import HOST, Gateway, free_port, running, wait_until

SENDERS = ROOT / "docs" / "senders"
NOTIFY = SENDERS / "refgate-notify"
ALERTS = ROOT / "tests" / "payloads" / "alertmanager"
AWKWARD = 'DISK "97%" \\ used\ngröße ⚠ 😀\tC:\\temp\\n $HOME `id` \x1b[1m'

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="the script is written for curl")


@dataclass(frozen=True)
class Notifier:
    """The script with its environment; `pauses` is where its pauses are written instead of waited for."""

    environment: Mapping[str, str]
    pauses: Path

    def __call__(self, *arguments: str | bytes, **variables: str) -> "subprocess.CompletedProcess[str]":
        environment = {**self.environment, **variables}
        return subprocess.run([NOTIFY, *arguments], env=environment, capture_output=True, text=True, check=False)

    def at(self, url: str) -> "Notifier":
        return Notifier({**self.environment, "REFGATE_URL": url}, self.pauses)


@dataclass
class Troubled:
    """A server that gives prepared answers, one after the other, and keeps what it was sent."""

    answers: list[tuple[int, bytes]]
    keys: list[str | None] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    directory = tmp_path_factory.mktemp("senders")
    with running(f"sqlite:///{directory}/refgate.db", directory) as started:
        yield started


@pytest.fixture
def notify(gateway: Gateway, tmp_path: Path) -> Notifier:
    config, pauses, sleep = tmp_path / "notify.curl", tmp_path / "pauses", tmp_path / "bin" / "sleep"
    config.write_text(f'user = "{ADMIN[0]}:{ADMIN[1]}"\n')
    pauses.touch()
    sleep.parent.mkdir()
    sleep.write_text(f'#!/bin/sh\necho "$1" >> {pauses}\n')
    sleep.chmod(0o755)
    variables = {
        "PATH": f"{sleep.parent}{os.pathsep}{os.environ['PATH']}",
        "REFGATE_URL": f"http://{HOST}:{gateway.port}",
        "REFGATE_CURL_CONFIG": str(config),
        "REFGATE_WORKSPACE": WORKSPACE,
    }
    return Notifier(variables, pauses)


@needs_curl
def test_a_problem_its_repeat_and_its_recovery_are_one_todo(notify: Notifier, gateway: Gateway) -> None:
    assert notify("db01", "disk", "CRITICAL", AWKWARD).returncode == 0
    opened = _todo(gateway, "db01!disk")
    assert (opened["title"], opened["status"], opened["priority"]) == ("disk on db01", "In Progress", "HIGH")
    assert opened["description"] == f"CRITICAL: {AWKWARD}"

    assert notify("db01", "disk", "CRITICAL", AWKWARD).returncode == 0
    assert _todo(gateway, "db01!disk") == {
        **opened,
        "occurrences": 2,
        "lastSeenAt": _todo(gateway, "db01!disk")["lastSeenAt"],
    }

    assert notify("db01", "disk", "OK", 'DISK "fine"').returncode == 0
    closed = _todo(gateway, "db01!disk")
    assert (closed["key"], closed["status"], closed["occurrences"]) == (opened["key"], "Done", 3)
    assert closed["description"] == 'OK: DISK "fine"'


@needs_curl
@pytest.mark.parametrize(
    ("state", "status", "priority"),
    [
        ("DOWN", "In Progress", "HIGH"),
        ("UNREACHABLE", "In Progress", "HIGH"),
        ("WARNING", "In Progress", "MEDIUM"),
        ("UNKNOWN", "In Progress", "MEDIUM"),
        ("UP", "Done", None),
    ],
)
def test_the_state_of_a_host_becomes_status_and_priority(
    state: str, status: str, priority: str | None, notify: Notifier, gateway: Gateway
) -> None:
    assert notify(f"host-{state}", "", state, "PING").returncode == 0
    found = _todo(gateway, f"host-{state}")
    assert (found["status"], found["priority"], found["title"]) == (status, priority, f"host-{state}")


@needs_curl
def test_everything_can_come_from_the_environment(notify: Notifier, gateway: Gateway) -> None:
    told = notify(
        NOTIFY_HOST="db02",
        NOTIFY_SERVICE="load",
        NOTIFY_STATE="WARNING",
        NOTIFY_OUTPUT="-d @/etc/passwd",
        NOTIFY_REFERENCE="mine",
    )
    assert told.returncode == 0, told.stderr
    assert _todo(gateway, "mine")["description"] == "WARNING: -d @/etc/passwd"


@needs_curl
def test_output_that_is_not_utf_8_or_too_long_is_sent_all_the_same(notify: Notifier, gateway: Gateway) -> None:
    output = b"gr\xf6\xdfe \xc3\xa4 \xed\xa0\x80 \xc0\x80 " + "ü".encode() * 62_000
    assert notify("h" * 200, "s" * 200, "WARNING", output, "long").returncode == 0
    found = _todo(gateway, "long")
    assert found["description"].startswith("WARNING: gr\ufffd\ufffde ä \ufffd\ufffd\ufffd \ufffd\ufffd üüü")
    assert found["title"] == ("s" * 200 + " on " + "h" * 200)[:250]
    assert notify("h", "s", "WARNING", "x" * 70_000, "longer").returncode == 0
    assert len(_todo(gateway, "longer")["description"]) == 65_536


@needs_curl
def test_what_is_refused_is_told_and_not_tried_again(notify: Notifier) -> None:
    told = notify("db03", "disk", "WARNING", "x", REFGATE_SOURCE="nobody")
    assert told.returncode == 1
    assert "there is no source 'nobody'" in told.stderr
    assert not notify.pauses.read_text()


@needs_curl
def test_a_server_in_trouble_is_tried_again_under_the_same_key(notify: Notifier) -> None:
    in_flight = b'{"type":"urn:refgate:problem:in-flight"}'
    with _troubled([(503, b""), (500, b"oops"), (409, in_flight), (200, b"{}")]) as (url, server):
        assert notify.at(url)("db01", "disk", "WARNING", "x").returncode == 0
    assert len(set(server.keys)) == 1
    assert len(server.keys) == 4
    assert notify.pauses.read_text().split() == ["1", "2", "4"]
    assert len({orjson.dumps(body) for body in server.bodies}) == 1


@needs_curl
def test_each_notification_has_a_key_of_its_own(notify: Notifier) -> None:
    with _troubled([(200, b"{}")] * 2) as (url, server):
        notify.at(url)("db01", "disk", "WARNING", "x")
        notify.at(url)("db01", "disk", "WARNING", "x")
    assert len(set(server.keys)) == 2


@needs_curl
def test_a_refusal_by_the_rule_is_not_tried_again(notify: Notifier) -> None:
    with _troubled([(409, b'{"type":"urn:refgate:problem:rejected"}')]) as (url, _):
        assert notify.at(url)("db01", "disk", "WARNING", "x").returncode == 1


@needs_curl
def test_nobody_there_is_told_by_the_exit_status(notify: Notifier) -> None:
    told = notify.at(f"http://{HOST}:{free_port()}")("db01", "disk", "WARNING", "x", REFGATE_ATTEMPTS="2")
    assert told.returncode == 75
    assert "gave up after 2 attempts" in told.stderr
    assert notify.pauses.read_text().split() == ["1"]


def test_a_call_without_a_host_or_a_login_is_told_by_the_exit_status(notify: Notifier) -> None:
    assert notify().returncode == 64
    assert notify("db01", "disk", "OK", "x", REFGATE_CURL_CONFIG="/nowhere").returncode == 64


@needs_curl
def test_icinga_sets_the_variables_that_the_script_reads(notify: Notifier, gateway: Gateway) -> None:
    [snippet] = [block.text for block in blocks(README.read_text()) if block.kind == "icinga"]
    macros = {
        "host.name": "web01",
        "service.name": "http",
        "service.state": "CRITICAL",
        "service.output": AWKWARD,
        "host.state": "DOWN",
        "host.output": "no ping",
    }
    service, host = (_variables(command, macros) for command in snippet.split("object NotificationCommand")[1:])
    ours = ("REFGATE_URL", "REFGATE_SOURCE")
    service = {name: value for name, value in service.items() if name not in ours}
    assert notify(**service).returncode == 0
    assert _todo(gateway, "web01!http")["description"] == f"CRITICAL: {AWKWARD}"
    assert notify(**{**service, **host}).returncode == 0
    assert _todo(gateway, "web01")["description"] == "DOWN: no ping"


@needs_curl
def test_nagios_gives_the_arguments_that_the_script_takes(notify: Notifier, gateway: Gateway) -> None:
    [snippet] = [block.text for block in blocks(README.read_text()) if block.kind == "nagios"]
    macros = {"HOSTNAME": "n1", "SERVICEDESC": "swap", "SERVICESTATE": "WARNING", "SERVICEOUTPUT": "low"}
    macros |= {"HOSTSTATE": "DOWN", "HOSTOUTPUT": "gone"}
    for line in re.findall(r"command_line +(.*)", snippet):
        filled = re.sub(r"\$(\w+)\$", lambda found: macros[found[1]], line)
        script = filled.replace("/usr/local/bin/refgate-notify", str(NOTIFY))
        assert subprocess.run(["sh", "-c", script], env=dict(notify.environment), check=False).returncode == 0
    assert _todo(gateway, "n1!swap")["description"] == "WARNING: low"
    assert _todo(gateway, "n1")["description"] == "DOWN: gone"


def test_the_relay_hands_on_what_alertmanager_sends(gateway: Gateway) -> None:
    _monitoring(gateway)
    with _relay(f"http://{HOST}:{gateway.port}") as post:
        alert = orjson.loads((ALERTS / "am_1_firing.json").read_bytes())["alerts"][0]
        assert post((ALERTS / "am_1_firing.json").read_bytes()) == 200
        assert post((ALERTS / "am_2_repeated.json").read_bytes()) == 200
        found = _todo(gateway, alert["fingerprint"], "monitoring")
        assert (found["status"], found["priority"], found["occurrences"]) == ("In Progress", "HIGH", 2)
        assert (found["title"], found["description"]) == (
            alert["annotations"]["summary"],
            alert["annotations"]["description"],
        )
        assert post((ALERTS / "am_3_resolved.json").read_bytes()) == 200
        assert _todo(gateway, alert["fingerprint"], "monitoring")["status"] == "Done"
        assert post(b'{"alerts": 1}') == 400


def test_the_relay_answers_503_where_refgate_is_away_so_that_alertmanager_tries_again() -> None:
    with _relay(f"http://{HOST}:{free_port()}") as post:
        assert post((ALERTS / "am_1_firing.json").read_bytes()) == 503
    with _troubled([(503, b"")]) as (url, _), _relay(url) as post:
        assert post((ALERTS / "am_1_firing.json").read_bytes()) == 503
    with _troubled([(422, b"")]) as (url, _), _relay(url) as post:
        assert post((ALERTS / "am_1_firing.json").read_bytes()) == 422


def test_the_zabbix_script_opens_updates_and_closes_a_todo(gateway: Gateway) -> None:
    _monitoring(gateway)
    parameters = {
        "url": f"http://{HOST}:{gateway.port}",
        "key": _key(gateway),
        "source": "monitoring",
        "trigger_id": "4711",
        "event_name": AWKWARD,
        "event_value": "1",
        "severity": "4",
        "message": "97% of / used",
    }
    assert set(parameters) == {code(row["parameter"])[0] for row in table(README, "parameter", "value")}
    tags = _zabbix(parameters)["tags"]
    found = _todo(gateway, "trigger 4711", "monitoring")
    assert tags == {"refgate_key": found["key"], "refgate_url": found["url"]}
    assert (found["title"], found["status"], found["priority"]) == (AWKWARD, "In Progress", "HIGH")
    _zabbix({**parameters, "event_value": "0", "message": "fine"})
    assert _todo(gateway, "trigger 4711", "monitoring")["status"] == "Done"


def test_the_zabbix_script_fails_where_refgate_refuses(gateway: Gateway) -> None:
    parameters = {"url": f"http://{HOST}:{gateway.port}", "trigger_id": "1", "event_name": "x", "event_value": "1"}
    with pytest.raises(dukpy.JSRuntimeError, match="Refgate answered 401"):
        _zabbix({**parameters, "key": "rgk_unknown", "source": "default", "message": "", "severity": "0"})


def _key(gateway: Gateway) -> str:
    key: str = gateway.send("POST", "/api/v1/api-keys", {"login": ADMIN[0], "name": "a sender"}).json["key"]
    return key


def _todo(gateway: Gateway, reference: str, source: str = "default") -> dict[str, Any]:
    answer = gateway.send("GET", f"/api/v1/external-reference?source={source}&reference={quote(reference)}")
    found: dict[str, Any] = answer.json["todo"]
    return found


def _monitoring(gateway: Gateway) -> None:
    """Give the gateway the README's source for monitoring, once."""
    if gateway.send("GET", "/api/v1/external-reference?source=monitoring&reference=x").status == 404:
        return
    typed = "refgate config apply --yes docs/examples/monitoring.yaml"
    assert typed in README.read_text()
    command = f'refgate() {{ {sys.executable} -c "from app.cli.command import main; main()" "$@"; }}\n{typed}'
    subprocess.run(["sh", "-eu", "-c", command], cwd=ROOT, env=gateway.environment, check=True)
    wait_until(lambda: gateway.send("GET", "/api/v1/external-reference?source=monitoring&reference=x").status == 404)


def _variables(command: str, macros: Mapping[str, str]) -> dict[str, str]:
    """Read the environment that a NotificationCommand of Icinga sets, its macros filled in."""
    pairs = re.findall(r'^ *(?:env\.)?([A-Z_]+) = "(.*)"$', command, re.MULTILINE)
    return {name: re.sub(r"\$([a-z.]+)\$", lambda found: macros[found[1]], value) for name, value in pairs}


@contextmanager
def _troubled(answers: list[tuple[int, bytes]]) -> Iterator[tuple[str, Troubled]]:
    told = Troubled(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.keys.append(self.headers["Idempotency-Key"])
            told.bodies.append(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status, body = told.answers.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}", told
        server.shutdown()


@contextmanager
def _relay(url: str) -> Iterator[Callable[[bytes], int]]:
    """Run the relay, and give what posts to it as Alertmanager does and gives the status of the answer."""
    port = free_port()
    variables = {
        "REFGATE_URL": url,
        "REFGATE_SOURCE": "monitoring",
        "REFGATE_LOGIN": ADMIN[0],
        "REFGATE_PASSWORD": ADMIN[1],
        "REFGATE_RELAY_BIND": f"{HOST}:{port}",
    }
    relay = Gateway({}, port, Path(os.devnull))  # only its way of sending
    with subprocess.Popen([sys.executable, SENDERS / "alertmanager-relay"], env={**os.environ, **variables}) as process:
        try:
            wait_until(lambda: _listens(relay))
            yield lambda content: relay.send("POST", "/", orjson.Fragment(content)).status
        finally:
            process.terminate()


def _listens(relay: Gateway) -> bool:
    try:
        return relay.send("GET", "/").status == 501
    except OSError:
        return False


def _zabbix(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Run the script as Zabbix does: as the body of a function of `value`, beside an HttpRequest."""
    interpreter = dukpy.JSInterpreter()
    interpreter.export_function("post", _post)
    script = (SENDERS / "zabbix-webhook.js").read_text()
    program = f"{_HTTP_REQUEST}(function (value) {{ {script} }})(dukpy.value)"
    tags: dict[str, Any] = orjson.loads(interpreter.evaljs(program, value=orjson.dumps(parameters).decode()))
    return tags


_HTTP_REQUEST = """
function HttpRequest() { this.headers = []; }
HttpRequest.prototype.addHeader = function (header) { this.headers.push(header); };
HttpRequest.prototype.getStatus = function () { return this.status; };
HttpRequest.prototype.post = function (url, body) {
    var answer = call_python('post', url, this.headers, body);
    this.status = answer[0];
    return answer[1];
};
"""


def _post(url: str, headers: list[str], body: str) -> tuple[int, str]:
    sent = dict(header.split(": ", 1) for header in headers)
    request = urllib.request.Request(url, body.encode(), sent)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
