"""A ticket as Znuny's clients send it, read as a message in our words. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from app.accounts.identity import Kind
from app.entrypoints.znuny import articles, dynamic_fields, ticket_facts, words
from app.entrypoints.znuny.articles import Article
from app.entrypoints.znuny.members import Members
from app.entrypoints.znuny.ticket_facts import Circumstances
from app.errors import Invalid, Problem
from app.sources.fields import INCIDENT, Value
from app.sources.rules import StateRule
from app.todos.submission import Message


def message_of(
    values: Mapping[str, object],
    around: Circumstances,
    *,
    required: tuple[str, ...] = (),
    apart: tuple[str, ...] = (),
) -> Message:
    """Read the parameters of a request that creates or changes a ticket.

    `required` are the members of `Ticket` that must be there, by their names or ids; `apart` are the parameters that
    somebody else reads. Raises `Invalid` with all that is wrong.
    """
    problems: list[Problem] = []
    request = Members(values, "", problems)
    request.overlook(apart)
    article = articles.read(request.within("Article")) if request.says("Article") else None
    said = dynamic_fields.read(
        request.take("DynamicField"), request.pointer("DynamicField"), around.configuration, problems
    )
    ticket_facts.read(request.within("Ticket"), around, said.facts, required)
    reference = _one_reference(request, said.references, problems)
    request.refuse_attachments()
    request.refuse_unless_off("TimeUnit", "time is not accounted here")
    request.end()
    if problems:
        raise Invalid(problems)
    return Message(
        facts=said.facts,
        custom=said.custom,
        reference=reference,
        comment=None if article is None else article.text,
        internal=article is not None and article.internal,
        opening=_opening(around, article),
        status_types=words.status_types(str(said.facts.get("status", ""))),
    )


def by_hand(message: Message, around: Circumstances) -> Message:
    """Give the message with its state looked up in the source's map, without which changes by hand are read.

    A state that is not known is left for those to refuse.
    """
    word = message.facts.get("status")
    status = words.status_named(word, around.rule, around.configuration) if isinstance(word, str) else None
    if status is None:
        return message
    rule = StateRule() if message.reference is None else around.rule
    state = words.state_of(status, rule, around.configuration)
    return replace(message, facts={**message.facts, "status": state}, status_types=words.status_types(state))


def _one_reference(request: Members, said: list[str], problems: list[Problem]) -> str | None:
    found = dynamic_fields.reference(request.raw("ExternalReference"), problems)
    references = ([] if found is None else [found]) + said
    if len(set(references)) > 1:
        request.refuse("ExternalReference", "differs from the dynamic field of that name")
    return references[0] if references else None


def _opening(around: Circumstances, article: Article | None) -> dict[str, Value]:
    """Say what only a new ticket gets: what the article says, what sort it is, and which customer reports it."""
    opening: dict[str, Value] = {}
    if article is not None and not article.internal:
        opening["description"] = article.body
    if "todoType" not in around.rule.defaults:
        opening["todoType"] = INCIDENT
    if around.identity.kind is Kind.CUSTOMER and around.identity.email is not None:
        opening["reporter"] = around.identity.email
    return opening
