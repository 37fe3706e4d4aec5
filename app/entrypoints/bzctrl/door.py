"""BzCtrl's addresses: its two documents' requests, at the root and below its own prefix. Tokens are OAuth's to give."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, Response, g

from app import errors, logs
from app.accounts.authentication import Authentication
from app.accounts.grants import Grants
from app.config import Settings
from app.entrypoints import bodies, guards, journal, replays
from app.entrypoints.bzctrl import answers, schemas, words
from app.entrypoints.bzctrl.answers import Shape
from app.entrypoints.messages import Sent
from app.sources.configuration import Configuration
from app.sources.service import ConfigurationService
from app.todos.operation import Operation
from app.todos.outcome import Replay
from app.todos.requests import Idempotency, Request, request_for

_DOOR = "bzctrl"
_PREFIXES = ("", "/bzctrl-core-api")
_SWITCHED_OFF = (
    "Signing in by user and password alone is switched off here. Ask for an API key or a client of your own."
)


def blueprint(
    operation: Operation,
    configuration: ConfigurationService,
    grants: Grants,
    authentication: Authentication,
    settings: Settings,
) -> Blueprint:
    """Wire the door."""
    door = Blueprint(_DOOR, __name__)
    submitting = _Submitting(operation, configuration, settings.public_url)

    @journal.kept(_DOOR)
    @guards.confirming
    def add_task() -> Response:
        return submitting.submit(words.ADD_TASK, answers.added)

    @journal.kept(_DOOR)
    @guards.confirming
    def put_task() -> Response:
        return submitting.submit(words.PUT_TASK, answers.put)

    @guards.public
    def authenticate() -> Response:
        return _authenticated(grants, authentication, settings)

    for prefix in _PREFIXES:
        door.add_url_rule(f"{prefix}/api/v1/task/add-task", view_func=add_task, methods=["POST"])
        door.add_url_rule(f"{prefix}/api/task", view_func=put_task, methods=["PUT"])
        door.add_url_rule(f"{prefix}/api/authenticate", view_func=authenticate, methods=["POST"])
    return door


@dataclass(frozen=True, slots=True)
class _Submitting:
    """Both documents' way into the operation: they differ in the words for an error and in the answer."""

    operation: Operation
    configuration: ConfigurationService
    public_url: str

    def submit(self, usual: Mapping[str, str], shape: Shape) -> Response:
        """Take the present request through the operation."""
        document = bodies.document()
        with words.spoken(document, usual):
            sent = schemas.read_task(document)
            shaped = partial(shape, sent.message.facts, self.public_url)
            asked = self._asked(sent, replays.idempotency(shaped, _DOOR))
            outcome = self.operation.submit(asked)
        if isinstance(outcome, Replay):
            return replays.replayed(outcome)
        logs.note(outcome=outcome.kind.value)
        journal.decided(outcome)
        return shaped(outcome)

    def _asked(self, sent: Sent, idempotency: Idempotency | None) -> Request:
        asked = self.configuration.resolve(partial(_request, sent, datetime.now(UTC), idempotency))
        logs.note(source=asked.source.name, rule=f"{asked.source.name}@{asked.source.rule_version}")
        journal.asked(asked)
        return asked


def _request(sent: Sent, now: datetime, idempotency: Idempotency | None, configuration: Configuration) -> Request:
    message = replace(words.placed(sent.message, configuration), needs_reference=False)
    return request_for(message, sent.source, guards.identity(), configuration, now, door=_DOOR, idempotency=idempotency)


def _authenticated(grants: Grants, authentication: Authentication, settings: Settings) -> Response:
    """Give an access token for a login and a password, as the password grant of OAuth does where nobody is named."""
    if not (settings.password_grant and settings.public_client):
        raise errors.Forbidden(_SWITCHED_OFF)
    g.way = "password_grant"
    username, password = schemas.read_credentials(bodies.document())
    caller = authentication.identity_for_password(username, password, kind=None, address=guards.address())
    issued = grants.issue(caller, refreshable=False)
    logs.note(login=issued.login)
    return answers.token(issued.access_token)
