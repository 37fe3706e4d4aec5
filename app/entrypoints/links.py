"""The addresses of a todo's page, always built from the configured address of this gateway."""

from urllib.parse import quote

from app.sources.fields import INCIDENT
from app.todos.todo import Todo

_NUMBERED = {INCIDENT: "incidents"}


def todo_url(key: str, public_url: str) -> str:
    """Give the address of the page of the todo with this key."""
    return f"{public_url}/todo/{quote(key)}"


def numbered_url(todo: Todo, public_url: str) -> str:
    """Give the address that leads to a todo's page by the number people quote, as the first BzCtrl document has it."""
    return f"{public_url}/{_NUMBERED.get(todo.type, 'tasks')}/{todo.number}"
