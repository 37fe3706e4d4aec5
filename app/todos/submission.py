"""What came in, in our words, whatever door it came through.

A door hands over a `Message`: every value well-formed by itself, names not yet looked up. `interpret` looks them up
in the configuration and gives the `Submission` that the operation works on.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from app.errors import Invalid, Misconfigured, Missing, Problem
from app.sources import fields
from app.sources.configuration import CUSTOM, Configuration, Source, Vocabulary, Workspace
from app.sources.fields import NEVER_CLEARED, Facts, Value
from app.sources.rules import StateRule, Status, StatusType, reference_key

_LONGEST_REFERENCE = 255
_CONTROL, _SURROGATE = re.compile("[\x00-\x1f\x7f-\x9f]"), re.compile("[\ud800-\udfff]")
_CLOCK_TOLERANCE = timedelta(days=1)


class Expectation(Enum):
    """What the sender said must happen, or else nothing: HTTP's `If-None-Match: *` and `If-Match: *`."""

    ANYTHING = "anything"
    CREATE = "create"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a sender said. `facts` holds only what was sent; its status and workspace are still the sender's words."""

    facts: Facts
    custom: Mapping[str, object] = field(default_factory=dict)
    reference: str | None = None
    domain: str | None = None
    domain_workspace: str | None = None
    comment: str | None = None
    internal: bool = False
    """Whether the comment is kept from customers."""
    opening: Facts = field(default_factory=dict)
    """What only a new todo gets, where `facts` are silent: before the source's defaults."""
    status_types: tuple[StatusType, ...] = ()
    """What the sender's word for the status means in its dialect, where neither the rule nor a status's name says."""
    occurred_at: datetime | None = None
    expectation: Expectation = Expectation.ANYTHING
    needs_reference: bool = True
    """Whether the door refuses a message without a reference; other doors then always create."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A message whose names are looked up: ready to be decided on."""

    facts: Facts
    status: Status | None = None
    status_word: str | None = None
    """The sender's own word for the status; the status's name where only the sender's dialect gave it a meaning."""
    workspace: Workspace | None = None
    reference: str | None = None
    reference_key: str | None = None
    comment: str | None = None
    internal: bool = False
    opening: Facts = field(default_factory=dict)
    occurred_at: datetime | None = None
    expectation: Expectation = Expectation.ANYTHING

    @property
    def closes(self) -> bool:
        """Whether the submission itself says that the todo is closed."""
        return self.status is not None and self.status.type is StatusType.CLOSED


def interpret(message: Message, source: Source, configuration: Configuration, now: datetime) -> Submission:
    """Look up every name in a message.

    Raises `Invalid` with all that is wrong, and `Misconfigured` for a source that cannot be used.
    """
    rule = usable_rule(source)
    reading = _Reading(configuration, rule)
    facts = dict(message.facts)
    status, status_word = reading.status(message, facts)
    workspace = reading.workspace(message, facts)
    facts |= reading.custom(message.custom)
    reference = reading.reference(message, source)
    reading.cleared(facts)
    reading.in_time(message.occurred_at, now)
    if reading.problems:
        raise Invalid(reading.problems)
    return Submission(
        facts=facts,
        status=status,
        status_word=status_word,
        workspace=workspace,
        reference=reference,
        reference_key=None if reference is None else reference_key(rule.match, reference),
        comment=message.comment or None,
        internal=message.internal,
        opening=message.opening,
        occurred_at=message.occurred_at,
        expectation=message.expectation,
    )


def usable_rule(source: Source) -> StateRule:
    """Give the source's rule, or raise `Misconfigured`: a missing, broken or switched-off rule fails closed."""
    if not source.enabled:
        raise Misconfigured(f"Source {source.name} is switched off; an administrator can enable it.")
    if source.rule is None:
        raise Misconfigured(f"The state rule of source {source.name} is broken; an administrator has to mend it.")
    return source.rule


def meant_status(word: str, rule: StateRule, vocabulary: Vocabulary) -> Status | None:
    """Find the status that a sender's word means: by the rule's map, else as the name of one."""
    return vocabulary.status_named(rule.mapped_status(word) or word)


def status_of_types(types: Sequence[StatusType], vocabulary: Vocabulary) -> Status | None:
    """Find the first status of the first of these types that has any."""
    return next((status for wanted in types for status in vocabulary.statuses if status.type is wanted), None)


def reference_problems(reference: str, rule: StateRule, pointer: str) -> Iterator[Problem]:
    """Say what is wrong with a reference: its length, control characters, or that the rule forbids it."""
    if len(reference) > _LONGEST_REFERENCE:
        yield Problem(pointer, f"must be at most {_LONGEST_REFERENCE} characters, not {len(reference)}")
    elif _CONTROL.search(reference):
        yield Problem(pointer, "must not contain control characters")
    elif _SURROGATE.search(reference):
        yield Problem(pointer, "must not contain half a surrogate pair")
    elif not reference.strip() or rule.is_forbidden(reference):
        yield Problem(pointer, f"{reference!r} says nothing: the source forbids it as a reference")


class _Reading:
    """Collects the problems while the names of one message are looked up."""

    def __init__(self, configuration: Configuration, rule: StateRule) -> None:
        self.configuration = configuration
        self.rule = rule
        self.problems: list[Problem] = []

    def status(self, message: Message, facts: dict[str, Value]) -> tuple[Status | None, str | None]:
        """Look a status up, and give a word by which it is found again without the sender's dialect."""
        word = facts.get("status")
        if not isinstance(word, str):
            return None, None
        known = meant_status(word, self.rule, self.configuration)
        found = known or status_of_types(message.status_types, self.configuration)
        if found is None:
            names = ", ".join(status.name for status in self.configuration.statuses)
            self._wrong("/status", f"{word!r} is no status; there are {names}")
            return None, None
        facts["status"] = found.name
        return found, found.name if known is None else word

    def workspace(self, message: Message, facts: dict[str, Value]) -> Workspace | None:
        pointer, found = self._named_workspace(message, facts)
        if found is not None:
            facts["workspace"] = found.key
        elif pointer:
            self._wrong(pointer, "there is no such workspace")
        return found

    def custom(self, sent: Mapping[str, object]) -> dict[str, Value]:
        read: dict[str, Value] = {}
        for name, value in sent.items():
            pointer = "/fields/" + name.replace("~", "~0").replace("/", "~1")  # RFC 6901, section 3
            definition = self.configuration.field_named(name)
            if definition is None:
                self._wrong(pointer, "no such field is defined")
                continue
            try:
                read[CUSTOM + name] = None if value is None else fields.read_custom(definition, value)
            except ValueError as error:
                self._wrong(pointer, str(error))
        return read

    def reference(self, message: Message, source: Source) -> str | None:
        pointer, reference = "/externalReference", message.reference
        if reference is None and self.rule.reference_from != "externalReference":
            pointer, reference = self._reference_elsewhere(message)
        if reference is None:
            if message.needs_reference:
                detail = f"is required: source {source.name} reads the reference from it"
                self.problems.append(Missing(pointer, detail))
            return None
        self.problems += reference_problems(reference, self.rule, pointer)
        return reference

    def cleared(self, facts: Facts) -> None:
        for name in sorted(NEVER_CLEARED & facts.keys()):
            if facts[name] is None:
                self._wrong(f"/{name}", "cannot be cleared")

    def in_time(self, occurred_at: datetime | None, now: datetime) -> None:
        if occurred_at is not None and occurred_at > now + _CLOCK_TOLERANCE:
            self._wrong("/occurredAt", "lies more than a day in the future; later facts would be ignored")

    def _named_workspace(self, message: Message, facts: Facts) -> tuple[str, Workspace | None]:
        word = facts.get("workspace")
        if message.domain_workspace is not None:
            return "/domainWorkSpace", self.configuration.workspace_named(message.domain_workspace)
        if message.domain is not None and isinstance(word, str):
            return "/workspace", self.configuration.workspace_in(message.domain, word)
        if isinstance(word, str):
            return "/workspace", self.configuration.workspace_named(word)
        if message.domain is not None:
            return "/domain", self.configuration.workspace_named(message.domain)
        return "", None

    def _reference_elsewhere(self, message: Message) -> tuple[str, str | None]:
        name = self.rule.reference_from
        pointer = "/" + name.replace(".", "/")
        value = message.custom.get(name.removeprefix(CUSTOM)) if name.startswith(CUSTOM) else message.facts.get(name)
        if isinstance(value, tuple) and len(value) > 1:
            self._wrong(pointer, "carries the reference of this source and must be exactly one")
            return pointer, value[0]
        if isinstance(value, tuple):
            return pointer, value[0] if value else None
        return pointer, str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None

    def _wrong(self, pointer: str, detail: str) -> None:
        self.problems.append(Problem(pointer, detail))
