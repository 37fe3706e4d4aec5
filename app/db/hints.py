"""Hints of statements, which SQLAlchemy writes down for some databases and leaves out for SQLite."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler


def heed(engine: Engine) -> None:
    """Let what `Select.with_hint` says of a table stand behind it on SQLite (sqlite.org/lang_indexedby.html)."""
    if engine.dialect.name == "sqlite":
        engine.dialect.statement_compiler = _Compiler


class _Compiler(SQLiteCompiler):
    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return text
