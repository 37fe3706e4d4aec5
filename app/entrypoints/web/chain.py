"""The todos before and after a todo: each succeeded the one before it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from app import errors
from app.accounts.identity import Identity
from app.todos.queries import Queries
from app.todos.todo import Todo

_MOST = 10


@dataclass(frozen=True, slots=True)
class Chain:
    """The nearest successors and predecessors that a reader may see, the newest first."""

    successors: tuple[Todo, ...]
    predecessors: tuple[Todo, ...]

    @property
    def goes_on(self) -> bool:
        """Whether there are more, behind the last ones."""
        newest = self.successors[0].next if self.successors else None
        oldest = self.predecessors[-1].previous if self.predecessors else None
        return newest is not None or oldest is not None


def chain(todo: Todo, queries: Queries, identity: Identity) -> Chain:
    """Follow the links of a todo in both directions, as far as the reader may see and the page has room."""

    def before(at: Todo) -> Todo | None:
        return queries.get_numbered(at.previous_id, identity) if at.previous_id is not None else None

    def after(at: Todo) -> Todo | None:
        return queries.get_todo(at.next.key, identity) if at.next is not None else None

    successors = tuple(islice(_followed(todo, after), _MOST))
    return Chain(successors[::-1], tuple(islice(_followed(todo, before), _MOST)))


def _followed(start: Todo, following: Callable[[Todo], Todo | None]) -> Iterator[Todo]:
    at = start
    while True:
        try:
            found = following(at)
        except errors.NotFound:
            return
        if found is None:
            return
        yield found
        at = found
