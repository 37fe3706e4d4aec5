"""The settings: defaults, every variable, and everything that is refused."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import InvalidSetting, Settings

POSTGRESQL = "postgresql://refgate:hidden-word@db.example.com/refgate"


def read(**variables: str) -> Settings:
    return Settings.from_env({f"REFGATE_{name}": value for name, value in variables.items()})


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    assert read() == Settings(
        database_url=f"sqlite:///{Path.cwd()}/var/refgate.db",
        bind="127.0.0.1:8080",
        public_url="http://127.0.0.1:8080",
        admin_login="admin",
        admin_password=None,
        workers=1,
        threads=32,
        waiting=96,
        token_lifetime=3600,
        max_body_bytes=1_048_576,
        idempotency_lifetime=86400,
        history_retention_days=None,
        request_retention_days=7,
        activity_retention_days=90,
        transaction_pooler=False,
        log_level="INFO",
        password_grant=True,
        gather_limit=256,
        statement_timeout=15,
        lock_timeout=10,
    )


def test_an_empty_variable_counts_as_unset() -> None:
    assert read(BIND="", WORKERS="", ADMIN_PASSWORD="", PASSWORD_GRANT="", LOG_LEVEL="") == read()


def test_variables_without_the_prefix_are_not_read() -> None:
    assert Settings.from_env({"BIND": "0.0.0.0:1", "THREADS": "x"}) == read()


@pytest.mark.parametrize("scheme", ["postgresql://", "postgres://", "postgresql+psycopg://"])
def test_every_spelling_of_postgresql_is_served_by_psycopg(scheme: str) -> None:
    assert read(DATABASE_URL=f"{scheme}u:p@h/d").database_url == "postgresql+psycopg://u:p@h/d"


def test_postgresql_gets_two_workers_and_takes_more() -> None:
    assert read(DATABASE_URL=POSTGRESQL).workers == 2
    assert read(DATABASE_URL=POSTGRESQL, WORKERS="4").workers == 4


def test_only_sqlite_has_a_file() -> None:
    assert read(DATABASE_URL=POSTGRESQL).sqlite_file is None
    assert read(DATABASE_URL="sqlite:////srv/refgate.db").sqlite_file == Path("/srv/refgate.db")
    assert read(DATABASE_URL="sqlite:///here.db?timeout=3").sqlite_file == Path("here.db")


def test_the_public_address_follows_the_bind_address_unless_it_is_set() -> None:
    assert read(BIND="10.0.0.5:9000").public_url == "http://10.0.0.5:9000"
    assert read(BIND="10.0.0.5:9000", PUBLIC_URL="https://x.example/refgate/").public_url == "https://x.example/refgate"


@pytest.mark.parametrize(
    ("bind", "host", "port"),
    [("127.0.0.1:1", "127.0.0.1", 1), ("[::1]:65535", "::1", 65535), ("gateway.local:80", "gateway.local", 80)],
)
def test_the_bind_address_has_a_host_and_a_port(bind: str, host: str, port: int) -> None:
    settings = read(BIND=bind)
    assert (settings.host, settings.port) == (host, port)


def test_every_variable_is_read() -> None:
    settings = read(
        DATABASE_URL=POSTGRESQL,
        BIND="0.0.0.0:80",
        PUBLIC_URL="https://refgate.example.com",
        ADMIN_LOGIN="root",
        ADMIN_PASSWORD="a b",
        WORKERS="3",
        THREADS="8",
        WAITING="0",
        TOKEN_LIFETIME="60",
        REFRESH_LIFETIME="120",
        GRANT_LIFETIME="240",
        SESSION_IDLE="30",
        SESSION_LIFETIME="90",
        PROXIES="2",
        MAX_BODY_BYTES="2048",
        IDEMPOTENCY_LIFETIME="10",
        HISTORY_RETENTION_DAYS="90",
        REQUEST_RETENTION_DAYS="0",
        ACTIVITY_RETENTION_DAYS="30",
        TRANSACTION_POOLER="yes",
        LOG_LEVEL="debug",
        PASSWORD_GRANT="off",
        PUBLIC_CLIENT="off",
        GATHER_LIMIT="64",
        STATEMENT_TIMEOUT="5",
        LOCK_TIMEOUT="4",
    )
    defaults = read()
    same = [f.name for f in dataclasses.fields(Settings) if getattr(settings, f.name) == getattr(defaults, f.name)]
    assert same == []
    assert (settings.history_retention_days, settings.log_level) == (90, "DEBUG")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u@h/d"),
        ("DATABASE_URL", "refgate.db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:///file:x?mode=memory&uri=true"),
        ("BIND", "8080"),
        ("BIND", ":8080"),
        ("BIND", "::1:8080"),
        ("BIND", "localhost:http"),
        ("BIND", "localhost:0"),
        ("BIND", "localhost:65536"),
        ("BIND", "http://localhost:80"),
        ("PUBLIC_URL", "refgate.example.com"),
        ("PUBLIC_URL", "ftp://refgate.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://x.example/?a=b"),
        ("PUBLIC_URL", "https://x.example/#top"),
        ("PUBLIC_URL", "https://user:word@x.example"),
        ("PUBLIC_URL", "https://x.example:http"),
        ("PUBLIC_URL", "https://[::1"),
        ("PUBLIC_URL", "https://x y.example"),
        ("WORKERS", "0"),
        ("WORKERS", "2"),
        ("WORKERS", "many"),
        ("THREADS", "0"),
        ("THREADS", "-1"),
        ("THREADS", "1025"),
        ("THREADS", "³"),
        ("WAITING", "-1"),
        ("WAITING", "4097"),
        ("TOKEN_LIFETIME", "1h"),
        ("TOKEN_LIFETIME", "9" * 5000),
        ("REFRESH_LIFETIME", "2w"),
        ("GRANT_LIFETIME", "0"),
        ("SESSION_IDLE", "0"),
        ("SESSION_LIFETIME", "1 h"),
        ("PROXIES", "17"),
        ("PROXIES", "-1"),
        ("PUBLIC_CLIENT", "perhaps"),
        ("MAX_BODY_BYTES", "1.5"),
        ("IDEMPOTENCY_LIFETIME", "0"),
        ("HISTORY_RETENTION_DAYS", "0"),
        ("REQUEST_RETENTION_DAYS", "36501"),
        ("ACTIVITY_RETENTION_DAYS", "0"),
        ("TRANSACTION_POOLER", "maybe"),
        ("LOG_LEVEL", "LOUD"),
        ("PASSWORD_GRANT", "2"),
        ("GATHER_LIMIT", "10001"),
        ("STATEMENT_TIMEOUT", "0"),
        ("LOCK_TIMEOUT", "soon"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^REFGATE_{name}: must ") as refused:
        read(**{name: value})
    assert refused.value.variable == f"REFGATE_{name}"


def test_no_secret_is_repeated_by_the_settings_or_by_a_refusal() -> None:
    settings = read(DATABASE_URL=POSTGRESQL, ADMIN_PASSWORD="hidden-word")
    assert "hidden-word" not in repr(settings)
    with pytest.raises(InvalidSetting) as refused:
        read(DATABASE_URL=POSTGRESQL.replace("postgresql", "oracle"))
    assert "hidden-word" not in str(refused.value)


@given(st.dictionaries(st.sampled_from([field.name.upper() for field in dataclasses.fields(Settings)]), st.text()))
def test_any_text_gives_settings_or_a_refusal_that_names_a_variable_that_was_set(variables: dict[str, str]) -> None:
    try:
        read(**variables)
    except InvalidSetting as error:
        refused = {error.variable.removeprefix("REFGATE_")}
    else:
        refused = set()
    assert refused <= variables.keys()
