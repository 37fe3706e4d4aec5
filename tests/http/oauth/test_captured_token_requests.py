"""Token requests as real senders sent them, replayed as recorded; only the passwords and secrets are ours."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from tests.http.oauth.conftest import Provider

PAYLOADS = Path(__file__).parents[2] / "payloads"
PASSWORD = "a long enough p w&ä"
WRITTEN = "a%20long%20enough%20p%20w%26%C3%A4"

_OF_TRANSPORT = frozenset({"host", "content-length", "connection"})


@dataclass(frozen=True)
class Recorded:
    """A request as it was recorded."""

    path: str
    headers: Mapping[str, str]
    body: str

    def replayed(self, provider: Provider, *, client: tuple[str, str] | None = None) -> TestResponse:
        """Send it again, with the client's secret of today in its header, where it was in the header."""
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_TRANSPORT}
        if client is not None:
            headers["Authorization"] = _with_secret(headers["Authorization"], *client)
        return provider.app.test_client().post(self.path, data=self.body, headers=headers)

    def changed(self, old: str, new: str) -> "Recorded":
        """Write another secret into the form."""
        assert old in self.body
        return Recorded(self.path, self.headers, self.body.replace(old, new))


@pytest.fixture(scope="module", autouse=True)
def _known_senders(provider: Provider) -> None:
    for login in ("api", "zbx", "erp"):
        provider.services.users.save_user(login, password=PASSWORD)


def as_text(name: str) -> Recorded:
    """Read a request that was recorded as it went over the wire."""
    head, _, body = (PAYLOADS / name).read_bytes().decode().replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Recorded(first.split(" ")[1], headers, body)


def as_json(name: str) -> Recorded:
    """Read a request that was recorded as JSON."""
    found: dict[str, Any] = orjson.loads((PAYLOADS / name).read_bytes())
    return Recorded(found["path"], dict(found["headers"]), found["body_text"])


def assert_given(provider: Provider, answer: TestResponse, login: str, *, refreshable: bool) -> None:
    assert answer.status_code == 200, answer.text
    told = answer.get_json()
    assert provider.services.authentication.identity_for_token(told["access_token"]).login == login
    assert ("refresh_token" in told) is refreshable


def test_alertmanager_gets_a_token(provider: Provider) -> None:
    grants = ["client_credentials", "password"]
    _, secret = provider.services.clients.create("Alertmanager", login="api", grant_types=grants, client_id="am")
    client = ("amsecret", secret or "")
    own = as_text("alertmanager/am_client_credentials_token_request.http")
    assert_given(provider, own.replayed(provider, client=client), "api", refreshable=False)
    password = as_text("alertmanager/am_password_grant_token_request.http").changed(
        "password=pw&", f"password={WRITTEN}&"
    )
    assert_given(provider, password.replayed(provider, client=client), "api", refreshable=True)


def test_alertmanager_is_refused_with_the_secret_of_the_recording(provider: Provider) -> None:
    answer = as_text("alertmanager/am_client_credentials_token_request.http").replayed(provider)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_zabbix_gets_a_token(provider: Provider) -> None:
    provider.services.clients.create("Zabbix", grant_types=["password"], client_id="zabbix", public=True)
    request = as_json("zabbix/token_request.json").changed("password=p%20w%26%C3%A4&", f"password={WRITTEN}&")
    assert_given(provider, request.replayed(provider), "zbx", refreshable=True)


def test_node_red_gets_a_token(provider: Provider) -> None:
    _, secret = provider.services.clients.create("Node-RED", grant_types=["password"], client_id="nr")
    request = as_json("nodered/token_request.json").changed("password=pw&", f"password={WRITTEN}&")
    answer = request.changed("client_secret=s", f"client_secret={secret}").replayed(provider)
    assert_given(provider, answer, "erp", refreshable=True)


def test_httpie_gets_a_token(provider: Provider) -> None:
    _, secret = provider.services.clients.create("HTTPie", grant_types=["password"], client_id="gw")
    request = as_json("httpie/token_request.json").changed("password=pw", f"password={WRITTEN}")
    assert_given(provider, request.replayed(provider, client=("s3", secret or "")), "api", refreshable=True)


def _with_secret(header: str, old: str, new: str) -> str:
    scheme, _, credentials = header.partition(" ")
    name, colon, secret = base64.b64decode(credentials).decode().partition(":")
    assert secret == old
    return f"{scheme} {base64.b64encode(f'{name}{colon}{new}'.encode()).decode()}"
