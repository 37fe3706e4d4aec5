"""What subscribers are told of an outcome."""

from app.outbox.messages import Announcement
from app.sources.fields import plain
from app.todos.outcome import Outcome


def announcement(outcome: Outcome) -> Announcement:
    """Write an outcome as subscribers are told of it."""
    todo = outcome.todo
    assert todo is not None, "nobody is told of what became of no todo"
    payload = {
        "key": todo.key,
        "todoType": todo.type,
        "title": todo.facts["title"],
        "status": todo.status.name,
        "reason": outcome.reason,
        "source": outcome.source,
        "externalReference": outcome.reference,
        "changes": {name: {"from": plain(old), "to": plain(new)} for name, (old, new) in outcome.changes.items()},
        "version": todo.version,
    }
    return Announcement(f"todo.{outcome.kind}", payload)
