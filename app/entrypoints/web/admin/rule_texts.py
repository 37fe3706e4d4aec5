"""Texts of a rule as a form keeps them: as they are, or else in quotes as JSON writes them. Pure.

Forms lose blanks around a text, control characters and the difference between nothing and an empty text. What would be
lost so stands in quotes: `""` is the empty text, `" a"` begins with a blank.
"""

import json
from collections.abc import Iterable


def written(text: str, *, has_lines: bool = False) -> str:
    """Write a text for a form; one that `has_lines` may stand in several."""
    is_shown_whole = all(character.isprintable() or (has_lines and character == "\n") for character in text)
    # json and not orjson: it writes ASCII alone, so that marks nobody could see are seen.
    return text if text and is_shown_whole and read(text) == text else json.dumps(text)


def read(text: str) -> str:
    """Read what a form sent: browsers send each end of a line as two characters (HTML standard, section 4.10.22)."""
    bare = text.replace("\r\n", "\n").strip()
    try:
        quoted = json.loads(bare) if bare.startswith('"') else None
    except ValueError:
        return bare
    return quoted if isinstance(quoted, str) else bare


def written_lines(texts: Iterable[str]) -> str:
    """Write texts one a line."""
    return "\n".join(map(written, texts))


def read_lines(text: str) -> list[str]:
    """Read texts that stand one a line; blank lines are overlooked."""
    return [read(line) for line in text.splitlines() if line.strip()]
