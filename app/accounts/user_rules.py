"""What may be said of a user, and what a change of it comes to. Pure: values in, values out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TypedDict

from app import addressing, errors
from app.accounts import password_rules
from app.accounts.identity import Kind
from app.accounts.logins import is_email, is_login
from app.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What an administrator says of a user, besides the login and the password."""

    email: str | None = None
    admin: bool = False
    active: bool = True
    kind: Kind = Kind.AGENT
    customer: str | None = None

    @property
    def is_administrator(self) -> bool:
        """Whether it is somebody who may change all this."""
        return self.admin and self.active


class Facts(TypedDict, total=False):
    """What somebody says of a user; what is not said is not in it."""

    email: str | None
    admin: bool
    active: bool
    kind: Kind
    customer: str | None
    password: str


def check_new(login: str, profile: Profile, facts: Facts) -> None:
    """Check a user that is about to be created. Raises `Invalid` with all that is wrong."""
    problems = [*_login_problems(login), *_password_problems(login, profile, facts), *_profile_problems(profile)]
    _refuse(problems)


def check_change(login: str, before: Profile, after: Profile, facts: Facts) -> None:
    """Check what becomes of a user; what was stored before there was a rule may stay while nobody touches it.

    Raises `Invalid` with all that is wrong, `Conflict` for another kind.
    """
    if after.kind is not before.kind:
        raise errors.Conflict(f"A user stays what it is; {login} is of the kind {before.kind}. Make another user.")
    touched = differences(before, after)
    problems = [problem for problem in _profile_problems(after) if problem.pointer.lstrip("/") in touched]
    _refuse([*_password_problems(login, after, facts), *problems])


def differences(before: Profile | None, after: Profile | None) -> dict[str, tuple[object, object]]:
    """Say which facts differ, as from what to what; all of them where a user comes or goes."""
    pairs = {each.name: (_plain(before, each.name), _plain(after, each.name)) for each in fields(Profile)}
    return {name: (was, is_) for name, (was, is_) in pairs.items() if was != is_}


def profile_facts(facts: Facts) -> Mapping[str, object]:
    """Give what was said besides the password."""
    return {name: value for name, value in facts.items() if name != "password"}


def _login_problems(login: str) -> Iterator[Problem]:
    if not is_login(login):
        yield Problem("/login", "must be 1 to 255 printable characters without a colon")
    elif not addressing.can_stand_in_an_address(login):
        yield Problem("/login", f"must be {addressing.ADDRESSABLE}")


def _password_problems(login: str, profile: Profile, facts: Facts) -> Iterator[Problem]:
    wrong = password_rules.problem_with(facts["password"], login, profile.email) if "password" in facts else None
    if wrong is not None:
        yield Problem("/password", wrong)


def _profile_problems(profile: Profile) -> Iterator[Problem]:
    is_customer = profile.kind is Kind.CUSTOMER
    if profile.email is not None and not is_email(profile.email):
        yield Problem("/email", "must be an e-mail address")
    if profile.admin and is_customer:
        yield Problem("/admin", "must be false for a customer")
    if is_customer and profile.customer is None:
        yield Problem("/customer", "must be the id of the customer (company) that this user belongs to")
    if not is_customer and profile.customer is not None:
        yield Problem("/customer", "must be null for an agent")


def _plain(profile: Profile | None, name: str) -> object:
    value = None if profile is None else getattr(profile, name)
    return value.value if isinstance(value, Kind) else value


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise errors.Invalid(problems)
