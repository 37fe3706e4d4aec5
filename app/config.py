"""The settings: read once from the environment, checked at once, and never changed afterwards."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

PREFIX = "REFGATE_"

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

_LOG_LEVELS: Mapping[str, LogLevel] = {"DEBUG": "DEBUG", "INFO": "INFO", "WARNING": "WARNING", "ERROR": "ERROR"}
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:/@\[\]]+):(?P<port>[0-9]{1,5})")
_A_CENTURY = 36_500
_POSTGRESQL = ("postgresql://", "postgres://", "postgresql+psycopg://")
_SQLITE = ("sqlite:///", "sqlite+pysqlite:///")


class InvalidSetting(ValueError):
    """An environment variable holds what cannot be meant; says which one and what would be right."""

    def __init__(self, name: str, wanted: str) -> None:
        self.variable = PREFIX + name
        super().__init__(f"{self.variable}: {wanted}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set from outside. Time spans are in seconds unless their name says otherwise."""

    database_url: str = field(repr=False)
    bind: str = "127.0.0.1:8080"
    public_url: str = "http://127.0.0.1:8080"
    admin_login: str = "admin"
    admin_password: str | None = field(default=None, repr=False)
    workers: int = 1
    threads: int = 32
    waiting: int = 96
    token_lifetime: int = 3600
    refresh_lifetime: int = 14 * 86400
    grant_lifetime: int = 90 * 86400
    session_idle: int = 7200
    session_lifetime: int = 16 * 3600
    proxies: int = 0
    max_body_bytes: int = 1024 * 1024
    idempotency_lifetime: int = 86400
    history_retention_days: int | None = None
    request_retention_days: int = 7
    activity_retention_days: int = 90
    transaction_pooler: bool = False
    log_level: LogLevel = "INFO"
    password_grant: bool = True
    public_client: bool = True
    gather_limit: int = 256
    statement_timeout: int = 15
    lock_timeout: int = 10

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables `REFGATE_*`; raises `InvalidSetting` on the first that makes no sense."""
        read = _Reader(environ)
        bind = read.bind("BIND", cls.bind)
        database_url = read.database_url("DATABASE_URL")
        return cls(
            database_url=database_url,
            bind=bind,
            public_url=read.web_address("PUBLIC_URL", f"http://{bind}"),
            admin_login=read.text("ADMIN_LOGIN") or cls.admin_login,
            admin_password=read.text("ADMIN_PASSWORD"),
            workers=read.workers("WORKERS", database_url),
            threads=read.number("THREADS", cls.threads, most=1024),
            waiting=read.number("WAITING", cls.waiting, least=0, most=4096),
            token_lifetime=read.number("TOKEN_LIFETIME", cls.token_lifetime),
            refresh_lifetime=read.number("REFRESH_LIFETIME", cls.refresh_lifetime),
            grant_lifetime=read.number("GRANT_LIFETIME", cls.grant_lifetime),
            session_idle=read.number("SESSION_IDLE", cls.session_idle),
            session_lifetime=read.number("SESSION_LIFETIME", cls.session_lifetime),
            proxies=read.number("PROXIES", cls.proxies, least=0, most=16),
            max_body_bytes=read.number("MAX_BODY_BYTES", cls.max_body_bytes),
            idempotency_lifetime=read.number("IDEMPOTENCY_LIFETIME", cls.idempotency_lifetime),
            history_retention_days=read.optional_number("HISTORY_RETENTION_DAYS", most=_A_CENTURY),
            request_retention_days=read.number(
                "REQUEST_RETENTION_DAYS", cls.request_retention_days, least=0, most=_A_CENTURY
            ),
            activity_retention_days=read.number(
                "ACTIVITY_RETENTION_DAYS", cls.activity_retention_days, most=_A_CENTURY
            ),
            transaction_pooler=read.switch("TRANSACTION_POOLER", default=cls.transaction_pooler),
            log_level=read.log_level("LOG_LEVEL", cls.log_level),
            password_grant=read.switch("PASSWORD_GRANT", default=cls.password_grant),
            public_client=read.switch("PUBLIC_CLIENT", default=cls.public_client),
            gather_limit=read.number("GATHER_LIMIT", cls.gather_limit, most=10_000),
            statement_timeout=read.number("STATEMENT_TIMEOUT", cls.statement_timeout),
            lock_timeout=read.number("LOCK_TIMEOUT", cls.lock_timeout),
        )

    @property
    def host(self) -> str:
        """The address part of `bind`, without the brackets of IPv6."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port part of `bind`."""
        return int(self.bind.rpartition(":")[2])

    @property
    def sqlite_file(self) -> Path | None:
        """The database file where the database is SQLite, else nothing."""
        return Path(self.database_url.partition(":///")[2].partition("?")[0]) if _is_sqlite(self.database_url) else None


class _Reader:
    """The variables, one reader for each kind of value. An empty variable counts as unset."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str | None:
        return self._environ.get(PREFIX + name) or None

    def number(self, name: str, default: int, *, least: int = 1, most: int = 2**31 - 1) -> int:
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= most):
            raise InvalidSetting(name, f"must be a whole number from {least} to {most}")
        return int(text)

    def optional_number(self, name: str, *, most: int) -> int | None:
        return None if self.text(name) is None else self.number(name, 1, most=most)

    def switch(self, name: str, *, default: bool) -> bool:
        text = self.text(name)
        if text is None:
            return default
        if text.lower() not in _SWITCH:
            raise InvalidSetting(name, "must be true or false")
        return _SWITCH[text.lower()]

    def log_level(self, name: str, default: LogLevel) -> LogLevel:
        text = self.text(name)
        if text is None:
            return default
        if text.upper() not in _LOG_LEVELS:
            raise InvalidSetting(name, f"must be one of {', '.join(_LOG_LEVELS)}")
        return _LOG_LEVELS[text.upper()]

    def bind(self, name: str, default: str) -> str:
        text = self.text(name) or default
        match = _ADDRESS.fullmatch(text)
        if match is None or not 1 <= int(match["port"]) <= 65535:
            raise InvalidSetting(name, "must be ADDRESS:PORT, as in 127.0.0.1:8080 or [::1]:8080")
        return text

    def web_address(self, name: str, default: str) -> str:
        text = (self.text(name) or default).rstrip("/")
        wrong = InvalidSetting(name, "must be a web address without query, as in https://refgate.example.com")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise wrong from None
        plain = text.isprintable() and not set(text) & set(" ?#\\") and "@" not in parts.netloc
        if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or not plain:
            raise wrong
        return text

    def database_url(self, name: str) -> str:
        text = self.text(name) or f"sqlite:///{Path.cwd()}/var/refgate.db"
        for scheme in _POSTGRESQL:
            if text.startswith(scheme):
                return "postgresql+psycopg://" + text.removeprefix(scheme)
        if not _is_sqlite(text):
            raise InvalidSetting(name, "must begin with postgresql:// or sqlite:///")
        path = text.partition(":///")[2].partition("?")[0]
        if not path or path.startswith((":memory:", "file:")):
            raise InvalidSetting(name, "must name an SQLite file, as in sqlite:////srv/refgate/refgate.db")
        return text

    def workers(self, name: str, database_url: str) -> int:
        if not _is_sqlite(database_url):
            return self.number(name, 2, most=256)
        if self.number(name, 1, most=256) > 1:
            raise InvalidSetting(name, "must be 1 on SQLite, whose writers starve each other; use PostgreSQL for more")
        return 1


def _is_sqlite(url: str) -> bool:
    return url.startswith(_SQLITE)
