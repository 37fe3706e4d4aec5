"""The commands for API keys and OAuth clients, as they are typed."""

import pytest

from tests.integration.conftest import Run


@pytest.fixture
def ready_with_ann(ready: Run) -> Run:
    """Give a function that runs a command, where there is an agent ann."""
    assert ready("user add ann --generate").exit_code == 0
    return ready


def rows(run: Run, line: str) -> list[list[str]]:
    return [row.split() for row in run(line).stdout.splitlines()[1:]]


def test_a_key_is_added_listed_and_deleted(ready_with_ann: Run) -> None:
    run = ready_with_ann
    secret = run("key add ann monitoring --source default --expires 90d")
    assert secret.exit_code == 0
    assert secret.stdout.startswith("rgk_")
    assert len(secret.stdout.splitlines()) == 1
    [[number, name, login, source, *_]] = rows(run, "key list")
    assert (name, login, source) == ("monitoring", "ann", "default")
    assert secret.stdout.strip() not in run("key list").stdout
    assert run(f"key delete {number}").stdout == f"Key {number} is deleted.\n"
    assert rows(run, "key list") == []
    assert run(f"key delete {number}").exit_code == 1


@pytest.mark.parametrize("expiry", ["2999-01-31", "2999-01-31T10:00:00Z", "2999-01-31T10:00:00+02:00", "P30D", "36h"])
def test_an_expiry_is_a_day_an_instant_or_a_duration(ready_with_ann: Run, expiry: str) -> None:
    assert ready_with_ann(f"key add ann monitoring --expires {expiry}").exit_code == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("key add nobody monitoring", "must be the login of an agent"),
        ("key add ann ''", "/name"),
        ("key add ann monitoring --source nowhere", "There is no source nowhere."),
        ("key add ann monitoring --expires 2020-01-01", "must be in the future"),
        ("key add ann monitoring --expires soon", "must be a day such as"),
        ("key delete 99", "There is no such key."),
        ("client add Alertmanager", "/login"),
        ("client add Alertmanager --login ann --id refgate", "/clientId"),
        ("client add Alertmanager --login ann --grant magic", "magic"),
        ("client delete nobody", "There is no such client."),
        ("client delete refgate", "There is no such client."),
    ],
)
def test_what_cannot_be_is_refused_in_words(ready_with_ann: Run, line: str, words: str) -> None:
    told = ready_with_ann(line)
    assert told.exit_code != 0
    assert words in told.stderr


def test_a_client_is_added_listed_and_deleted(ready_with_ann: Run) -> None:
    run = ready_with_ann
    made = run("client add Alertmanager --login ann --id am --grant client_credentials --grant password")
    assert made.exit_code == 0
    name, secret = made.stdout.splitlines()
    assert name == "client_id: am"
    assert secret.startswith("client_secret: rgc_")
    [[client_id, _, login, *grants]] = rows(run, "client list")
    assert (client_id, login) == ("am", "ann")
    assert grants[:4] == ["client_credentials,", "password,", "refresh_token", "no"]
    assert run("client add Other --login ann --id am").exit_code == 1
    assert run("client delete am").stdout == "am is deleted.\n"
    assert rows(run, "client list") == []


def test_a_public_client_has_no_secret_to_print(ready_with_ann: Run) -> None:
    made = ready_with_ann("client add Zabbix --id zabbix --grant password --public")
    assert made.stdout == "client_id: zabbix\n"


def test_a_key_is_changed_by_what_the_options_name(ready_with_ann: Run) -> None:
    run = ready_with_ann
    run("key add ann monitoring --source default --expires 90d")
    [[number, *_]] = rows(run, "key list")
    assert run(f"key set {number} --name mon02 --any-source --never-expires").stdout == f"Key {number} is changed.\n"
    [[_, name, login, *_]] = rows(run, "key list")
    assert (name, login) == ("mon02", "ann")
    assert "default" not in run("key list").stdout
    assert run(f"key set {number} --source default --expires 2999-01-31").exit_code == 0
    assert {"default", "2999-01-31"} <= set(run("key list").stdout.split())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("key set 1 --source default --any-source", "not both"),
        ("key set 1 --expires 1d --never-expires", "not both"),
        ("key set 1 --source nowhere", "There is no source nowhere."),
        ("key set 1 --name x", "There is no such key."),
        ("client set nobody --name x", "There is no such client."),
    ],
)
def test_a_change_that_makes_no_sense_is_told_so(ready: Run, line: str, words: str) -> None:
    told = ready(line)
    assert told.exit_code != 0
    assert words in told.stderr


def test_a_client_is_changed_by_what_the_options_name(ready_with_ann: Run) -> None:
    run = ready_with_ann
    run("client add Alertmanager --login ann --id am")
    assert run("user add bob --generate").exit_code == 0
    assert run("client set am --name Berlin --login bob --grant password").stdout == "am is changed.\n"
    [row] = rows(run, "client list")
    assert row[:5] == ["am", "Berlin", "bob", "password,", "refresh_token"]
