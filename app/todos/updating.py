"""What an update makes of a todo, and what its author may do: a person everything, a source what its rule says."""

from datetime import datetime

from app.sources.configuration import Workspace
from app.sources.fields import GROWING, LISTS, MOST_ITEMS, Facts, Value, is_empty, longest
from app.sources.rules import FieldPolicy, ListPolicy, StateRule, Status, StatusType
from app.todos.todo import Change, Tag, Todo, became, changes, closing


def updated(
    todo: Todo, facts: Facts, status: Status | None, workspace: Workspace | None, by: "Author", now: datetime
) -> Todo:
    """Give the todo as the author's facts leave it; `updated_at` and `version` move only where something changed."""
    return changed(todo, facts, status, workspace, by, now)[0]


def changed(
    todo: Todo, facts: Facts, status: Status | None, workspace: Workspace | None, by: "Author", now: datetime
) -> tuple[Todo, dict[str, Change]]:
    """Give the todo as `updated` does, and what changed, field by field."""
    new_status = status if status is not None and by.may_set("status", todo) else todo.status
    new_workspace = workspace if workspace is not None and by.may_set("workspace", todo) else todo.workspace
    new_facts = _new_facts(todo, facts, by, _set_apart(status, new_status))
    after = todo
    if new_facts or new_status is not todo.status or new_workspace is not todo.workspace:
        merged = {**todo.facts, **new_facts, "status": new_status.name, "workspace": new_workspace.key}
        after = became(todo, facts=merged, status=new_status, workspace=new_workspace)
    if "tags" in facts and by.may_set("tags", todo):
        tags = by.tagged(after, facts["tags"])
        after = after if tags == todo.tags else became(after, tags=tags)
    if after is todo:
        return todo, {}
    after = _with_closing(todo, after, now)
    found = changes(todo, after)
    if not found:
        return todo, {}
    touched = by.touched(todo.touched, frozenset(found))
    return became(after, touched=touched, updated_at=now, version=todo.version + 1), found


_ALONE, _WITH_CLOSING = frozenset({"tags"}), frozenset({"tags", "dueDate"})


class Author:
    """A person who changes a todo: everything sent is taken, and remembered as touched by a person."""

    def may_set(self, _name: str, _todo: Todo) -> bool:
        """Whether this author may overwrite a field of the todo."""
        return True

    def merged(self, _name: str, _old: Value, new: Value) -> Value:
        """What a field holds after this author set it."""
        return new

    def tagged(self, todo: Todo, sent: Value) -> tuple[Tag, ...]:
        """The tags after this author sent theirs: those kept keep their owner, and shown numbers stay numbers."""
        owners = dict(todo.tags)
        words = (text for text in _words(sent) if text in owners or text not in todo.numbers_shown)
        return tuple(Tag(text, owners.get(text, "")) for text in words)

    def touched(self, touched: frozenset[str], changed: frozenset[str]) -> frozenset[str]:
        """The fields that count as touched by a person after this author's change."""
        return touched | changed


class SourceAuthor(Author):
    """A source that changes a todo, within its rule's field and list policies."""

    def __init__(self, name: str, rule: StateRule) -> None:
        self.name = name
        self.rule = rule

    def may_set(self, name: str, todo: Todo) -> bool:
        """Keep, ifEmpty and ifUntouched protect what is there."""
        match self.rule.policy_for(name):
            case FieldPolicy.KEEP:
                return False
            case FieldPolicy.IF_EMPTY:
                return not todo.tags if name == "tags" else is_empty(todo.facts.get(name))
            case FieldPolicy.IF_UNTOUCHED:
                return name not in todo.touched
            case _:
                return True

    def merged(self, name: str, old: Value, new: Value) -> Value:
        """Append text, add to lists, or replace."""
        if name in LISTS and new is not None:
            adds = name in GROWING and self.rule.list_policy_for(name) is ListPolicy.ADD
            return tuple(dict.fromkeys((*_words(old), *_words(new))))[-MOST_ITEMS:] if adds else new
        if self.rule.policy_for(name) is FieldPolicy.APPEND:
            return _appended(old, new, longest(name))
        return new

    def tagged(self, todo: Todo, sent: Value) -> tuple[Tag, ...]:
        """Replace or extend the tags this source set, the newest at most; those of all others stay, in their places."""
        words = _words(sent)
        drops = sent is None or self.rule.list_policy_for("tags") is ListPolicy.REPLACE
        kept = [tag for tag in todo.tags if tag.text in words or not (drops and tag.owner == self.name)]
        texts = {tag.text for tag in kept}
        if len(kept) == len(todo.tags) and texts.issuperset(words):
            return todo.tags
        tags = [*kept, *(Tag(text, self.name) for text in words if text not in texts)]
        own = [tag for tag in tags if tag.owner == self.name]
        too_many = set(own[:-MOST_ITEMS])
        return tuple(tag for tag in tags if tag not in too_many)

    def touched(self, touched: frozenset[str], changed: frozenset[str]) -> frozenset[str]:
        """What the source has set is no longer a person's."""
        return touched - changed


def _new_facts(todo: Todo, facts: Facts, by: Author, apart: frozenset[str]) -> dict[str, Value]:
    """Give what an author makes of those facts that are not there already, which no policy changes."""
    old = todo.facts
    return {
        name: by.merged(name, old.get(name), value)
        for name, value in facts.items()
        if value != old.get(name) and name not in apart and by.may_set(name, todo)
    }


def _set_apart(sent: Status | None, new: Status) -> frozenset[str]:
    """Name the facts that are not simply taken: tags have owners, and the due date that comes with a closing is its."""
    closes = sent is not None and sent.type is new.type is StatusType.CLOSED
    return _WITH_CLOSING if closes else _ALONE


def _with_closing(before: Todo, after: Todo, now: datetime) -> Todo:
    if after.is_closed and not before.is_closed:
        return closing(after, now)
    if before.is_closed and not after.is_closed:
        return became(after, closed_at=None)
    return after


def _appended(old: Value, new: Value, limit: int) -> Value:
    if is_empty(old) or is_empty(new):
        return old if is_empty(new) else new
    before, addition = str(old), str(new)
    if f"\n\n{addition}\n\n" in f"\n\n{before}\n\n":
        return old
    return f"{before}\n\n{addition}"[-limit:]


def _words(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
