"""One request to the operation: a submission with who sends it, through which source, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app import errors
from app.accounts.identity import Identity
from app.errors import Problem
from app.sources.configuration import DEFAULT_SOURCE, Configuration, Source
from app.sources.rules import StateRule
from app.todos.ledger import Key, Place
from app.todos.outcome import Outcome
from app.todos.submission import Message, Submission, interpret, usable_rule


@dataclass(frozen=True, slots=True)
class Idempotency:
    """An Idempotency-Key: whose, the fingerprint of the request, and how its door writes the answer down."""

    key: Key
    fingerprint: str
    write: Callable[[Outcome], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A submission, and all it is decided with: one version of the configuration throughout."""

    message: Message
    source_name: str | None
    """As the sender named it, if it did."""
    submission: Submission
    source: Source
    rule: StateRule
    configuration: Configuration
    identity: Identity
    now: datetime
    door: str
    """The package of entrypoints it came in by, for the metrics."""
    idempotency: Idempotency | None = None
    mark: str | None = None
    """What tells it from any other, where it may be known to change nothing when it comes again: see `echoes`."""

    @property
    def place(self) -> Place | None:
        """Where the reference is unique, or None where none was sent."""
        key = self.submission.reference_key
        return None if key is None else Place(self.source.scope, key)

    def renewed(self, configuration: Configuration) -> "Request":
        """Give the same request as another configuration reads it, without its mark, which is that of the old one.

        Raises what `request_for` raises.
        """
        return request_for(
            self.message,
            self.source_name,
            self.identity,
            configuration,
            self.now,
            door=self.door,
            idempotency=self.idempotency,
        )

    @property
    def customers(self) -> frozenset[str]:
        """The companies it may be about, which must exist and stay until it is done."""
        named = self.submission.facts.get("customer"), self.rule.defaults.get("customer"), self.identity.customer
        return frozenset(name for name in named if isinstance(name, str))


def request_for(
    message: Message,
    source_name: str | None,
    identity: Identity,
    configuration: Configuration,
    now: datetime,
    *,
    door: str,
    idempotency: Idempotency | None = None,
    mark: str | None = None,
) -> Request:
    """Make a request of what a door has read: find its source and look up every name in it.

    Raises `Invalid` with all that is wrong, `Forbidden` where the credentials are bound to another source, and
    `Misconfigured` where the source is switched off or its rule broken.
    """
    source = source_for(source_name, identity, configuration)
    rule = usable_rule(source)
    return Request(
        message=message,
        source_name=source_name,
        submission=interpret(message, source, configuration, now),
        source=source,
        rule=rule,
        configuration=configuration,
        identity=identity,
        now=now,
        door=door,
        idempotency=idempotency,
        mark=mark,
    )


def source_for(name: str | None, identity: Identity, configuration: Configuration) -> Source:
    """Get the source somebody speaks for: the one named, else the one the credentials are bound to, else `default`."""
    if identity.source is not None and name not in {None, identity.source}:
        raise errors.Forbidden(f"These credentials are bound to source {identity.source}.")
    source = configuration.source_named(name or identity.source or DEFAULT_SOURCE)
    if source is None:
        raise errors.Invalid([Problem("/source", f"there is no source {name!r}")])
    return source
