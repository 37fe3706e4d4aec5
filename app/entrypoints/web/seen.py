"""What a form showed of a todo when it was opened, short enough to stand in the form. Pure.

So it can be told what somebody has changed in the form, and what others have changed in the todo meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

import orjson

_MARK_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The version of a todo, the newest entry of its history, and a mark of each field's text."""

    version: int = 0
    entry: int = 0
    marks: Mapping[str, str] = field(default_factory=dict)

    def differs(self, name: str, text: str) -> bool:
        """Say whether a text is another one than the form showed, or one that it did not show."""
        return self.marks.get(name) != _mark(text)

    def showing(self, texts: Mapping[str, str]) -> "Seen":
        """Give what a form showed that now shows these fields, too."""
        return replace(self, marks={name: _mark(text) for name, text in texts.items()} | dict(self.marks))

    def written(self) -> str:
        """Write it for the form."""
        return orjson.dumps([self.version, self.entry, self.marks], option=orjson.OPT_SORT_KEYS).decode()


def read(text: str) -> Seen:
    """Read what a form was sent with; what nobody has written showed nothing of any version."""
    try:
        match orjson.loads(text):
            case [int(version), int(entry), dict(marks)]:
                return Seen(version=version, entry=entry, marks=marks)
    except ValueError:
        pass
    return Seen()


def _mark(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:_MARK_LENGTH]
