"""Sessions: opened by a password, ended by sign-out, by idleness, and at the latest after their whole lifetime."""

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from app import errors
from app.accounts import tokens
from app.accounts.authentication import Authentication
from app.accounts.directory import Directory, utc_now
from app.accounts.identity import Credential, Identity, Way
from app.accounts.models import login_session
from app.accounts.tokens import Prefix
from app.db.database import Database

PRUNED_AT_ONCE = 1000

_LONGEST_USER_AGENT = 250


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as its owner gets it, this once. It ends at `ends_at` at the latest, earlier where nobody uses it."""

    session_id: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session as its owner sees it in the list."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    address: str
    user_agent: str
    is_present: bool
    """Whether it is the one that the owner is looking by."""


class Sessions:
    """Opens, lists and ends sessions."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        authentication: Authentication,
        *,
        lifetime: timedelta,
        idle: timedelta,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._directory = directory
        self._authentication = authentication
        self._lifetime = lifetime
        self._idle = idle
        self._now = now

    def open(self, identity: Identity, user_agent: str) -> Opened:
        """Open a session for somebody who has just given a password, always under a new id.

        Raises `Forbidden` for who came by another way: a session must not outlive the token or key it was opened with.
        Raises `Unauthenticated` for a user who was shut out meanwhile.
        """
        credential = _credential_of(identity, Way.PASSWORD, "A session is opened with a login and a password.")
        session_id, session_hash = tokens.new_token(Prefix.SESSION)
        now = self._now()
        row = {
            "session_hash": session_hash,
            "account_id": identity.user_id,
            "created_at": now,
            "last_seen_at": now,
            "ends_at": now + self._lifetime,
            "address": credential.address,
            "user_agent": user_agent[:_LONGEST_USER_AGENT],
        }
        with self._authentication.issuing(identity) as transaction:
            transaction.sql.execute(sa.insert(login_session).values(row))
        return Opened(session_id, now + self._lifetime)

    def get_present(self, identity: Identity) -> Session:
        """Give the session that somebody came by. Raises `Forbidden` for who came by another way."""
        _credential_of(identity, Way.SESSION, "You did not come by a session.")
        return next(session for session in self.sessions_of(identity) if session.is_present)

    def sessions_of(self, identity: Identity) -> tuple[Session, ...]:
        """List the sessions of somebody that have not ended, the one last used first."""
        now = self._now()
        mine = sa.select(login_session).where(login_session.c.account_id == identity.user_id)
        good = mine.where(login_session.c.ends_at > now, login_session.c.last_seen_at > now - self._idle)
        with self._database.reading() as transaction:
            rows = transaction.sql.execute(good.order_by(login_session.c.last_seen_at.desc())).all()
        mark = identity.credential.mark if identity.credential else None
        return tuple(
            Session(
                id=row.id,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                ends_at=row.ends_at,
                address=row.address,
                user_agent=row.user_agent,
                is_present=row.session_hash == mark,
            )
            for row in rows
        )

    def end_present(self, identity: Identity) -> None:
        """End the session that somebody came by, for every copy of its id. Raises `Forbidden` for another way."""
        credential = _credential_of(identity, Way.SESSION, "You did not come by a session.")
        self._end(login_session.c.session_hash == credential.mark)

    def end(self, session: int, identity: Identity) -> None:
        """End one of somebody's own sessions. Raises `NotFound`."""
        if not self._end(sa.and_(login_session.c.id == session, login_session.c.account_id == identity.user_id)):
            raise errors.NotFound("You have no such session.")

    def end_all(self, identity: Identity) -> None:
        """End all sessions of somebody."""
        self._end(login_session.c.account_id == identity.user_id)

    def end_others(self, identity: Identity) -> None:
        """End all sessions of somebody but the one that they came by, if it is one."""
        mine = login_session.c.account_id == identity.user_id
        mark = identity.credential.mark if identity.credential else ""
        self._end(sa.and_(mine, login_session.c.session_hash != mark))

    def prune(self) -> int:
        """Delete some of the sessions that have ended; gives how many, 0 where none is left."""
        now = self._now()
        ended = sa.or_(login_session.c.ends_at <= now, login_session.c.last_seen_at <= now - self._idle)
        some = sa.select(login_session.c.id).where(ended).limit(PRUNED_AT_ONCE)
        with self._database.transaction() as transaction:
            return transaction.sql.execute(sa.delete(login_session).where(login_session.c.id.in_(some))).rowcount

    def _end(self, condition: sa.ColumnElement[bool]) -> int:
        with self._directory.changing() as transaction:
            return transaction.sql.execute(sa.delete(login_session).where(condition)).rowcount


def csrf_token(session_id: str) -> str:
    """Give what a page proves itself with that sends the cookie of a session: only who reads the id can compute it.

    An HMAC under the session's own id, OWASP's "signed double-submit" without a second cookie: nothing to store, and
    it ends with the session.
    """
    return base64.urlsafe_b64encode(hmac.digest(session_id.encode(), b"csrf", "sha256")).decode().rstrip("=")


def _credential_of(identity: Identity, way: Way, refusal: str) -> Credential:
    if identity.credential is None or identity.credential.way is not way:
        raise errors.Forbidden(refusal)
    return identity.credential
