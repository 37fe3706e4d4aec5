"""How BzCtrl's documents spell the words of the operation, and how a caller hears of them again."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from app import errors
from app.errors import Problem
from app.sources.configuration import Vocabulary, Workspace
from app.todos.submission import Message

ALIASES: Mapping[str, str] = {"LRN": "lrn", "orderId": "orderID"}
"""Other spellings of our words in the second document: its table and its text."""

ADD_TASK: Mapping[str, str] = {}
"""What the words of `add-task` are called where nobody has sent them."""
PUT_TASK: Mapping[str, str] = {"todoType": "type", "domainWorkSpace": "workspace"}
"""Likewise those of `PUT /api/task`, the first document's."""

_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "todoType": ("todoType", "type"),
    "domainWorkSpace": ("domainWorkSpace", "workspace"),
    **{name: (name, alias) for alias, name in ALIASES.items()},
}


@contextmanager
def spoken(document: object, usual: Mapping[str, str]) -> Iterator[None]:
    """Name what is wrong as its sender spells it. Raises `Invalid` again."""
    try:
        yield
    except errors.Invalid as error:
        sent: Collection[str] = document.keys() if isinstance(document, dict) else ()
        raise errors.Invalid([_spelled(problem, sent, usual) for problem in error.problems]) from error


def placed(message: Message, vocabulary: Vocabulary) -> Message:
    """Give a message that names its workspace in one way, whichever of the documents' ways its sender has used.

    The second document's table gives the whole key as `domain` and its last part as `workspace` beside it; read
    strictly, the domain is the key without that part. Raises `Invalid` for two ways that mean different workspaces.
    """
    word = message.facts.get("workspace")
    if message.domain_workspace is not None:
        _check_same(message, word, vocabulary)
        facts = {name: value for name, value in message.facts.items() if name != "workspace"}
        return replace(message, facts=facts, domain=None)
    found = _in_domain(message.domain, word, vocabulary)
    return message if found is None else replace(message, domain=None, domain_workspace=found.key)


def _check_same(message: Message, word: object, vocabulary: Vocabulary) -> None:
    meant = vocabulary.workspace_named(message.domain_workspace or "")
    if meant is None:
        return
    wrong = []
    if isinstance(word, str) and not _is_named(meant, word):
        wrong.append("workspace")
    if message.domain is not None and message.domain.casefold() not in {meant.domain.casefold(), meant.key.casefold()}:
        wrong.append("domain")
    if wrong:
        raise errors.Invalid([Problem(f"/{name}", f"differs from domainWorkSpace {meant.key}") for name in wrong])


def _in_domain(domain: str | None, word: object, vocabulary: Vocabulary) -> Workspace | None:
    if domain is None or not isinstance(word, str):
        return None
    keyed = vocabulary.workspace_keyed(domain)
    found = vocabulary.workspace_in(domain, word)
    return keyed if found is None and keyed is not None and _is_named(keyed, word) else found


def _is_named(workspace: Workspace, text: str) -> bool:
    return text.casefold() in {name.casefold() for name in (workspace.key, workspace.short, workspace.name)}


def _spelled(problem: Problem, sent: Collection[str], usual: Mapping[str, str]) -> Problem:
    name, slash, rest = problem.pointer.removeprefix("/").partition("/")
    spelled = next((word for word in _SPELLINGS.get(name, ()) if word in sent), usual.get(name, name))
    return problem._replace(pointer=f"/{spelled}{slash}{rest}" if problem.pointer else "")
