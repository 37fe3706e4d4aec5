"""What the views of this door call."""

from dataclasses import dataclass

from app.accounts.sessions import Sessions
from app.entrypoints.guards import Guard
from app.sources.service import ConfigurationService
from app.todos.amendment import Amendments
from app.todos.operation import Operation
from app.todos.queries import Queries
from app.todos.search import Search


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases behind the door, and where this gateway is found."""

    operation: Operation
    amendments: Amendments
    queries: Queries
    search: Search
    sessions: Sessions
    configuration: ConfigurationService
    guard: Guard
    public_url: str
