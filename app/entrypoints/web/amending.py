"""What the pages change in a todo: what a form says, a note, a tag; never over what others have changed meanwhile."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from app import errors
from app.accounts.identity import Kind
from app.entrypoints import guards
from app.entrypoints.web import field_texts, seen
from app.entrypoints.web.forms import Form
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.seen import Seen
from app.entrypoints.web.services import Services
from app.errors import Problem
from app.sources import fields
from app.sources.fields import Value
from app.todos.amendment import amendment_for
from app.todos.history import Entry
from app.todos.submission import Message
from app.todos.todo import Todo

Words = tuple[str, ...]

_ATTEMPTS = 5


class Amending:
    """Changes todos for the reader of this request."""

    def __init__(self, services: Services) -> None:
        self._queries = services.queries
        self._amendments = services.amendments
        self._configuration = services.configuration

    def apply(self, key: str, form: Form) -> Notice:
        """Change what the form has changed. Raises what `Amendments.amend` raises."""
        texts = altered(form)
        if not texts:
            return Notice.UNCHANGED
        version = seen.read(form.seen).version
        return self._amend(key, field_texts.message(texts), version, texts.get(field_texts.SOURCE) or None)

    def note(self, key: str, form: Form) -> Notice:
        """Add a note: agents say for whom it is, those of customers are for everybody.

        Raises what `Amendments.note` raises, and `Invalid`.
        """
        identity = guards.identity()
        text = _text(field_texts.line_ends(form.value("text")))
        internal = form.is_on("internal") if identity.kind is Kind.AGENT else None
        self._amendments.note(key, text, identity, datetime.now(UTC), internal=internal)
        return Notice.NOTED

    def add_tag(self, key: str, form: Form) -> Notice:
        """Add a tag to those that are there. Raises what `Amendments.amend` raises."""
        word = _tag(form.value("tag").strip())
        return self._retag(key, lambda words: _with(word, words))

    def remove_tag(self, key: str, form: Form) -> Notice:
        """Take a tag away from those that are there. Raises what `Amendments.amend` raises."""
        word = field_texts.line_ends(form.value("tag"))
        return self._retag(key, lambda words: tuple(kept for kept in words if field_texts.line_ends(kept) != word))

    def _retag(self, key: str, change: Callable[[Words], Words]) -> Notice:
        """Change the tags as they are now: whatever else somebody has changed meanwhile is not in the way."""
        for _ in range(_ATTEMPTS):
            todo = self._queries.get_todo(key, guards.identity())
            before = tuple(tag.text for tag in todo.tags)
            after = change(before)
            if after == before:
                return Notice.UNCHANGED
            with suppress(errors.PreconditionFailed):
                return self._amend(key, Message(facts={"tags": after}, needs_reference=False), todo.version)
        raise errors.Conflict("The tags are being changed by others all the time; try again in a moment.")

    def _amend(self, key: str, message: Message, version: int, source: str | None = None) -> Notice:
        make = partial(
            amendment_for,
            key,
            message,
            source,
            guards.identity(),
            versions=frozenset({version}),
            now=datetime.now(UTC),
        )
        after = self._amendments.amend(self._configuration.resolve(make))
        return Notice.UNCHANGED if after.version == version else Notice.SAVED


def opened(todo: Todo, names: Iterable[str], entries: Sequence[Entry]) -> Form:
    """Give the form for these inputs of a todo, which knows what it showed; the history's newest entry first."""
    texts = field_texts.written(todo, names)
    newest = next((entry.id for entry in entries if entry.id is not None), 0)
    showed = Seen(version=todo.version, entry=newest).showing(texts)
    return Form(values={name: (text,) for name, text in texts.items()}, seen=showed.written())


def completed(form: Form, todo: Todo, names: Iterable[str]) -> Form:
    """Give a form as it was sent, with what the todo holds in those of these inputs that were not sent."""
    texts = field_texts.written(todo, [name for name in names if name not in form.values])
    values = {name: (text,) for name, text in texts.items()}
    return replace(form, values={**values, **form.values}, seen=seen.read(form.seen).showing(texts).written())


def altered(form: Form) -> Mapping[str, str]:
    """Give what the form was sent with where that is not what it showed; a source matters with a reference alone."""
    showed = seen.read(form.seen)
    sent = {name: field_texts.as_sent(name, form.value(name)) for name in form.values if field_texts.is_known(name)}
    texts = {name: text for name, text in sent.items() if showed.differs(name, text)}
    if not texts.get(field_texts.REFERENCE):
        texts.pop(field_texts.SOURCE, None)
    return texts


def _with(word: str, words: Words) -> Words:
    if word in words:
        return words
    if len(words) >= fields.MOST_ITEMS:
        raise errors.Invalid([Problem("/tag", f"would be one too many: there are {len(words)} tags")])
    return (*words, word)


def _tag(text: str) -> str:
    found = _read("tag", text, fields.read_list)
    if not isinstance(found, tuple) or not found:
        raise errors.Invalid([Problem("/tag", "must not be empty")])
    return found[0]


def _text(text: str) -> str:
    found = _read("text", text, fields.read_text())
    if not isinstance(found, str) or not found.strip():
        raise errors.Invalid([Problem("/text", "must not be empty")])
    return found


def _read(name: str, text: str, read: Callable[[object], Value]) -> Value:
    try:
        return read(text)
    except ValueError as error:
        raise errors.Invalid([Problem(f"/{name}", str(error))]) from None
