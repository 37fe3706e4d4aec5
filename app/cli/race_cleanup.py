"""Taking away what a race has made: removed by an administrator, closed by anybody else who may."""

from collections.abc import Iterable
from http import HTTPStatus

from app.cli.remote import CannotRun, Remote, Reply

_TODOS = "/api/v1/todos"
_SHIPPED = "Done"


class Cleanup:
    """Removes or closes todos, and knows what is left."""

    def __init__(self, gateway: Remote) -> None:
        self._gateway = gateway
        self._may_remove = True
        self._closed_status: str | None = None
        self.removed: list[str] = []
        self.closed: list[str] = []
        self.left: dict[str, str] = {}
        """What is still there and open, and why."""

    def take_away(self, keys: Iterable[str]) -> None:
        """Remove the todos with these keys; the newest first, since of a chain only the last can be removed."""
        for key in sorted(set(keys), key=lambda key: int(key.rpartition("-")[2]), reverse=True):
            try:
                self._take_away(key)
            except CannotRun as error:
                self.left[key] = error.message

    def _take_away(self, key: str) -> None:
        if self._may_remove:
            reply = self._gateway.ask("DELETE", f"{_TODOS}/{key}")
            if reply.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}:
                self.removed.append(key)
                return
            self._may_remove = reply.status not in {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}
        reply = self._close(key)
        if reply.status == HTTPStatus.OK and reply.document.get("statusType") == "closed":
            self.closed.append(key)
        else:
            self.left[key] = reply.detail

    def _close(self, key: str) -> Reply:
        shown = self._gateway.ask("GET", f"{_TODOS}/{key}")
        if shown.status != HTTPStatus.OK:
            return shown
        headers = {"If-Match": shown.etag or "*"}
        return self._gateway.ask("PATCH", f"{_TODOS}/{key}", json={"status": self._closing()}, headers=headers)

    def _closing(self) -> str:
        """Find a status that closes: that of some closed todo, or else the one that every gateway is shipped with."""
        if self._closed_status is None:
            todos = self._gateway.ask("GET", _TODOS, {"statusType": "closed", "limit": "1"}).document.get("todos")
            self._closed_status = str(todos[0]["status"]) if todos else _SHIPPED
        return self._closed_status
