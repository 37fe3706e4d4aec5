"""How far a push has come: kept beside its file, so that a later one goes on where it broke off."""

import os
import secrets
from collections import Counter
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path

import orjson

from app.cli.remote import CannotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What must stay the same from one attempt to the next, or else the same items would be sent as others."""

    url: str
    source: str | None
    batch: int
    delimiter: str | None
    atomic: bool


@dataclass(slots=True, kw_only=True)
class State:
    """A push of one content of a file: what of it is done."""

    digest: str
    options: Options
    run: str = field(default_factory=lambda: secrets.token_hex(8))
    """Tells it from an earlier push of the same content, which is to count again."""
    line: int = 0
    """The last line that is done."""
    counts: Counter[str] = field(default_factory=Counter)
    failed_bytes: int = 0
    """So long is the file of what failed."""

    def key(self, line: int) -> str:
        """Give the idempotency key of the batch that begins in this line: the same whenever it is sent again."""
        about = orjson.dumps([self.digest, self.options, self.run])
        return f"push-{sha256(about).hexdigest()[:32]}-{line}"


def state_file(path: Path) -> Path:
    """Say where the state of a push of this file is kept."""
    return path.with_name(f"{path.name}.push")


def digest_of(path: Path) -> str:
    """Give what tells one content of a file from another."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def load(path: Path) -> State | None:
    """Read the state of a push that broke off, if one did. Raises `CannotRun` where that is something else."""
    file = state_file(path)
    try:
        kept = orjson.loads(file.read_bytes())
        return State(**{**kept, "options": Options(**kept["options"]), "counts": Counter(kept["counts"])})
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, TypeError, KeyError) as error:
        raise CannotRun(f"{file} does not tell how far a push has come. Give --restart to begin anew.") from error


def save(path: Path, state: State) -> None:
    """Keep a state: the new one or, whatever happens, the one before."""
    file = state_file(path)
    passing = file.with_name(f"{file.name}.new")
    with passing.open("wb") as opened:
        opened.write(orjson.dumps(state))
        opened.flush()
        os.fsync(opened.fileno())
    passing.replace(file)


def forget(path: Path) -> None:
    """Let go of a state: the push is done."""
    state_file(path).unlink(missing_ok=True)
