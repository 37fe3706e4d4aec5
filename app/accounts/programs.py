"""What keys and OAuth clients have in common: a name, and the agent as whom a program acts."""

from app import errors
from app.accounts import store
from app.accounts.identity import Kind
from app.accounts.logins import is_login, login_key
from app.db.database import Transaction
from app.errors import Problem

LONGEST_NAME = 250


def agent_id(transaction: Transaction, login: str) -> int:
    """Find the agent that a client or a key is to act as. Raises `Invalid`."""
    found = store.find_by_login(transaction, login_key(login)) if is_login(login) else None
    if found is None or found.identity.kind is not Kind.AGENT:
        raise errors.Invalid([Problem("/login", "must be the login of an agent")])
    return found.identity.user_id


def is_name(text: str) -> bool:
    """Say whether a client or a key can be called so."""
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()
