"""The members of `Ticket`, read as facts in our words. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from app.accounts.identity import Identity, Kind
from app.entrypoints.znuny import words
from app.entrypoints.znuny.members import Members, number
from app.sources.configuration import Configuration
from app.sources.fields import FIELDS, Value, read_mail
from app.sources.rules import StateRule, Status

T = TypeVar("T")

_LAST_MINUTE = 10 * 366 * 24 * 60
_LAST_YEAR = 9999
_BY_MAIL = "people are known by their e-mail addresses here: send the name without ID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a ticket is read with: the configuration, the rule of its source, who sends it, and when."""

    configuration: Configuration
    rule: StateRule
    identity: Identity
    now: datetime


def read(ticket: Members, around: Circumstances, facts: dict[str, Value], required: tuple[str, ...]) -> None:
    """Read the members of a ticket into facts that others have begun. `required` must be there, by name or id."""
    for name in required:
        if not ticket.says(name) and not ticket.says(f"{name}ID"):
            ticket.miss(name)
    _Ticket(ticket, around, facts).read()


@dataclass(frozen=True, slots=True)
class _Ticket:
    """Reads the members one by one."""

    members: Members
    around: Circumstances
    facts: dict[str, Value]

    def read(self) -> None:
        self._keep("title", self.members.read("Title", FIELDS["title"].read))
        self._keep("workspace", self._named_or_numbered("Queue", FIELDS["workspace"].read, self._queue_numbered))
        self._keep("status", self._named_or_numbered("State", FIELDS["status"].read, self._state_numbered))
        self._keep("priority", self._named_or_numbered("Priority", _level_named, _level_numbered))
        self._keep("todoType", self._named_or_numbered("Type", _type_named, _type_numbered))
        self._keep("assignee", self._assignee())
        self._keep("reporter", self.members.read("CustomerUser", self._reporter))
        self._keep("customer", self.members.read("CustomerID", FIELDS["customer"].read))
        self._keep("reminderDate", self.members.read("PendingTime", self._day_of))
        self._check_unlocked()
        self.members.end()

    def _keep(self, name: str, value: Value) -> None:
        if value is not None and self.facts.setdefault(name, value) != value:
            self.members.refuse("PendingTime", f"differs from the dynamic field {name}")

    def _named_or_numbered(self, name: str, named: Callable[[object], T], numbered: Callable[[int], T]) -> T | None:
        """Take a name or an id out; where both are given the id wins, as in the original."""
        if self.members.says(f"{name}ID"):
            self.members.overlook((name,))
            return self.members.read(f"{name}ID", lambda value: numbered(number(value)))
        return self.members.read(name, named)

    def _queue_numbered(self, wanted: int) -> Value:
        workspaces = self.around.configuration.workspaces
        found = next((workspace.key for workspace in workspaces if workspace.id == wanted), None)
        return _known(found, "there is no such queue")

    def _state_numbered(self, wanted: int) -> Value:
        """Give a word for the status with this id: what stands in the facts is read as the sender's word."""
        rule, configuration = self.around.rule, self.around.configuration
        found: Status | None = next((status for status in configuration.statuses if status.id == wanted), None)
        status = _known(found, "there is no such state")
        word = words.state_of(status, rule, configuration)
        if words.status_named(word, rule, configuration) != status:
            raise ValueError(f"{status.name} cannot be set here: the statusMap of the source leaves no word for it")
        return word

    def _assignee(self) -> Value:
        for name in ("OwnerID", "ResponsibleID"):
            if self.members.says(name):
                self.members.refuse(name, _BY_MAIL)
        owner, responsible = (self.members.read(name, read_mail) for name in ("Owner", "Responsible"))
        if None not in {owner, responsible} and owner != responsible:
            self.members.refuse("Responsible", "differs from Owner: a ticket has one assignee here")
        return owner or responsible

    def _reporter(self, value: object) -> Value:
        """Read who reports; customers may give their own login, as they do in the original."""
        identity = self.around.identity
        if identity.kind is Kind.CUSTOMER and value == identity.login:
            return identity.email
        return read_mail(value)

    def _day_of(self, value: object) -> Value:
        """Read a pending time: its day in UTC, or so many minutes from now."""
        if not isinstance(value, Mapping):
            raise ValueError("must be an object with Year, Month, Day, Hour and Minute, or with Diff")
        if "Diff" in value:
            minutes = number(value["Diff"])
            if minutes > _LAST_MINUTE:
                raise ValueError("Diff is in minutes, and ten years at most")
            return (self.around.now + timedelta(minutes=minutes)).date()
        year, month, day, hour, minute = (_part(value, name) for name in ("Year", "Month", "Day", "Hour", "Minute"))
        return datetime(year, month, day, hour, minute, tzinfo=self.around.now.tzinfo).date()

    def _check_unlocked(self) -> None:
        lock = self._named_or_numbered("Lock", lambda word: word == "unlock", lambda wanted: wanted == 1)
        if lock is False:
            self.members.refuse("Lock", "tickets are not locked here: send unlock, or nothing")


def _part(value: Mapping[str, object], name: str) -> int:
    if name not in value:
        raise ValueError(f"{name} is missing")
    part = number(value[name])
    if part > _LAST_YEAR:
        raise ValueError(f"{name} is out of range")
    return part


def _level_named(value: object) -> Value:
    told = ", ".join(word.name for word in words.PRIORITIES)
    return _known(words.level_named(str(value)), f"there is no such priority; there are {told}")


def _level_numbered(wanted: int) -> Value:
    return _known(words.level_numbered(wanted), "must be 1 to 5")


def _type_named(value: object) -> Value:
    if words.folded(str(value)) == words.UNCLASSIFIED:
        return None
    return _known(words.type_named(str(value)), "must be Incident or Task, or Unclassified, which says nothing")


def _type_numbered(wanted: int) -> Value:
    return _known(words.type_numbered(wanted), "must be 1 (Incident) or 2 (Task)")


def _known(found: T | None, problem: str) -> T:
    if found is None:
        raise ValueError(problem)
    return found
