"""`/api/v1/lockouts`: from whom no password is listened to for a while. For administrators."""

from http import HTTPStatus

from flask import Response

from app.accounts.attempt_store import Lockout
from app.accounts.attempts import Attempts
from app.entrypoints import guards
from app.entrypoints.api import lockout_documents, shapes
from app.entrypoints.api.blueprints import ApiBlueprint


def blueprint(attempts: Attempts) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("lockouts", __name__, url_prefix="/api/v1/lockouts", description="Lockouts.")
    guards.admins(door)

    @door.route("", methods=["GET"])
    @door.doc(**lockout_documents.LIST_LOCKOUTS)
    def list_lockouts() -> Response:
        """List what is locked now, accounts first; the thousand most important."""
        return shapes.answer({"lockouts": [_shaped(each) for each in attempts.locked()]})

    @door.route("/users/<login>", methods=["DELETE"])
    @door.doc(**lockout_documents.UNLOCK_USER)
    def unlock_user(login: str) -> Response:
        """Forget the wrong passwords of a user, from wherever they came."""
        attempts.unlock(login=login, actor=guards.identity().login)
        return Response(status=HTTPStatus.NO_CONTENT)

    @door.route("/addresses/<address>", methods=["DELETE"])
    @door.doc(**lockout_documents.UNLOCK_ADDRESS)
    def unlock_address(address: str) -> Response:
        """Forget the wrong passwords that came from an address."""
        attempts.unlock(address=address, actor=guards.identity().login)
        return Response(status=HTTPStatus.NO_CONTENT)

    return door


def _shaped(lockout: Lockout) -> shapes.Json:
    return {
        "kind": lockout.kind.value,
        "login": lockout.login,
        "address": lockout.address,
        "failures": lockout.failures,
        "lockedUntil": shapes.instant(lockout.locked_until),
    }
