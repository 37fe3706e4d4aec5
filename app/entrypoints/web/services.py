"""What the pages call."""

from dataclasses import dataclass

from app.accounts.attempts import Attempts
from app.accounts.clients import Clients
from app.accounts.customers import Customers
from app.accounts.keys import Keys
from app.accounts.sessions import Sessions
from app.accounts.users import Users
from app.audit.trail import Trail
from app.entrypoints.cookies import SessionCookie
from app.entrypoints.guards import Guard
from app.journal.reading import Journal
from app.sources.service import ConfigurationService
from app.todos.amendment import Amendments
from app.todos.listing import Listing
from app.todos.moving import References
from app.todos.queries import Queries
from app.todos.trials import Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything behind the pages."""

    guard: Guard
    cookie: SessionCookie
    sessions: Sessions
    configuration: ConfigurationService
    queries: Queries
    listing: Listing
    amendments: Amendments
    references: References
    trials: Trials
    users: Users
    customers: Customers
    keys: Keys
    clients: Clients
    attempts: Attempts
    trail: Trail
    journal: Journal
    public_url: str
