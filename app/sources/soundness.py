"""Whether what is configured makes sense as a whole: rules that can do something, scopes that compare alike. Pure."""

from app.errors import Conflict, Invalid, Problem
from app.sources import checks
from app.sources.configuration import Configuration, Source, Vocabulary
from app.sources.rules import OnClosed, OnNone, OnOpen, StateRule


def check_rule(rule: StateRule, vocabulary: Vocabulary) -> None:
    """Refuse a rule that can never do what it says. Raises `Invalid`."""
    problems = _problems(rule, vocabulary)
    if problems:
        raise Invalid(problems)


def check(before: Configuration, after: Configuration) -> None:
    """Refuse a change after which a source that worked would not, or two of one scope would not agree.

    Raises `Conflict`, `Invalid`.
    """
    did_not = {source.name for source in before.sources if not _works(source, before)}
    broken = [source.name for source in after.sources if source.name not in did_not and not _works(source, after)]
    if broken:
        raise Conflict(f"The rule of source {', '.join(broken)} relies on this as it is; change the rule first.")
    for source in after.sources:
        _check_scope(source, after)


def _works(source: Source, vocabulary: Vocabulary) -> bool:
    return source.rule is not None and not _problems(source.rule, vocabulary)


def _problems(rule: StateRule, vocabulary: Vocabulary) -> list[Problem]:
    problems = []
    if not any(rule.is_open(status) for status in vocabulary.statuses):
        problems.append(
            Problem("/rule/openStates", "no status counts as open: no todo would ever be updated, only made again")
        )
    closed = [status for status in vocabulary.statuses if not rule.is_open(status)]
    if rule.on_closed is OnClosed.REOPEN and closed and all(map(rule.is_closed_for_good, closed)):
        problems.append(Problem("/rule/neverReopen", "names every status that is not open: nothing could be reopened"))
    if _does_nothing(rule):
        problems.append(Problem("/rule/onNone", "with onOpen and onClosed as they are, nothing could ever happen"))
    return problems


def _does_nothing(rule: StateRule) -> bool:
    is_idle = rule.on_none is not OnNone.CREATE and rule.on_open is OnOpen.REJECT
    return is_idle and rule.max_open_age is None and rule.on_closed in (OnClosed.IGNORE, OnClosed.REJECT)


def _check_scope(source: Source, configuration: Configuration) -> None:
    """Sources that share a scope must compare references alike, or a reference would get two claims in it."""
    for other in configuration.sources:
        if other.scope == source.scope and source.rule and other.rule and other.rule.match is not source.rule.match:
            detail = f"must be the same in {source.name} and {other.name}: they share the scope {source.scope}"
            checks.refuse("/rule/match", detail)
