"""Trying a rule without anybody noticing: on one made-up submission, or on what was sent of late."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from app import errors
from app.accounts.identity import Identity
from app.db.database import Database
from app.errors import Problem
from app.sources import soundness
from app.sources.configuration import Configuration, Source
from app.sources.rule_parsing import parse_rule
from app.sources.rules import StateRule
from app.sources.service import ConfigurationService
from app.todos import remembering, replaying, simulation, steps, store
from app.todos.outcome import Outcome, Replay
from app.todos.remembered import Remembered
from app.todos.replaying import Ending
from app.todos.requests import request_for
from app.todos.simulation import Supposed
from app.todos.store import Wanted
from app.todos.submission import Message

Data = Mapping[str, object]
Progress = Callable[[int], None]
"""Is told, time and again, how many requests have been looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A made-up submission through a source, the todo supposed to hold its reference, and a rule to try, if any."""

    source: str
    message: Message
    existing: Supposed | None = None
    rule: Data | None = None
    now: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """A remembered request that an edited rule would have ended otherwise."""

    past: Remembered
    ending: Ending


@dataclass(frozen=True, slots=True)
class Replayed:
    """What an edited rule makes of remembered requests: how many there were, and which would have ended otherwise."""

    requests: int
    differences: Sequence[Difference]


class Trials:
    """Answers what a rule, stored or edited, would do. Writes nothing, ever."""

    def __init__(self, database: Database, configuration: ConfigurationService) -> None:
        self._database = database
        self._configuration = configuration

    def simulate(self, trial: Trial, identity: Identity) -> Outcome:
        """Take a made-up submission through the operation's own steps, in memory.

        Raises `NotFound` for an unknown source, `Invalid` with pointers below /submission, /existing and /rule, and
        `Misconfigured` where the source is switched off or its rule is broken.
        """
        configuration, unbound = self._edited(trial.source, trial.rule), replace(identity, source=None)
        with _below("/submission"):
            request = request_for(trial.message, trial.source, unbound, configuration, trial.now, door="api")
        supposed = trial.existing
        companies = request.customers | (set() if supposed is None else supposed.companies)
        with self._database.reading() as transaction:
            ledger = store.look(transaction, self._configuration, Wanted(customers=companies))
        if supposed is not None:
            with _below("/existing"):
                simulation.suppose(ledger, supposed, request)
        with _below("/submission"):
            outcome = steps.take(ledger, request)
        if isinstance(outcome, Replay):
            raise AssertionError("a simulation has no idempotency key")
        return replace(outcome, dry_run=True)

    def replay(self, source_name: str, rule: Data, last: int, progress: Progress = lambda _: None) -> Replayed:
        """Decide the last remembered requests of a source again, each by itself, by an edited rule.

        Raises `NotFound` for an unknown source and `Invalid` with pointers below /rule.
        """
        configuration = self._configuration.reload()
        _get(configuration, source_name)
        edited = _parsed(rule, configuration)
        found: list[Difference] = []
        seen = 0
        for pasts in remembering.newest(self._database, source_name, last, remembering.AT_ONCE):
            endings = ((past, replaying.again(past, edited, configuration)) for past in pasts)
            found += (Difference(past, end) for past, end in endings if replaying.ends_otherwise(past, end))
            seen += len(pasts)
            progress(seen)
        return Replayed(seen, found)

    def _edited(self, source_name: str, rule: Data | None) -> Configuration:
        """Give the configuration, in which the source follows the edited rule if there is one."""
        configuration = self._configuration.reload()
        source = _get(configuration, source_name)
        if rule is None:
            return configuration
        edited = replace(source, rule=_parsed(rule, configuration))
        sources = (edited if each is source else each for each in configuration.sources)
        return replace(configuration, sources=tuple(sources))


def _get(configuration: Configuration, name: str) -> Source:
    source = configuration.source_named(name)
    if source is None:
        raise errors.NotFound("There is no such source.")
    return source


def _parsed(rule: Data, configuration: Configuration) -> StateRule:
    """Read a rule to try: only one that could be saved."""
    parsed = parse_rule(rule, configuration)
    soundness.check_rule(parsed, configuration)
    return parsed


@contextmanager
def _below(pointer: str) -> Iterator[None]:
    """Let what is wrong inside a part of the request be pointed at from its whole."""
    try:
        yield
    except errors.Invalid as invalid:
        problems = [Problem(pointer + problem.pointer, problem.detail) for problem in invalid.problems]
        raise errors.Invalid(problems) from invalid
