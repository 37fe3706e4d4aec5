"""`/api/v1/sources/<name>/simulate` and `/replay`: what a rule would do, before it does it. For administrators."""

from typing import Any

from flask import Response

from app.entrypoints import guards, links
from app.entrypoints.api import shapes, trial_documents, trial_schemas
from app.entrypoints.api.blueprints import ApiBlueprint
from app.todos.outcome import Outcome
from app.todos.todo import Link
from app.todos.trials import Difference, Trials


def blueprint(trials: Trials, public_url: str) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("trials", __name__, url_prefix="/api/v1/sources", description="Trying a rule.")
    guards.admins(door)

    @door.route("/<name>/simulate", methods=["POST"])
    @door.arguments(trial_schemas.SIMULATION, example=trial_documents.SIMULATION_EXAMPLE)
    @door.doc(**trial_documents.SIMULATE)
    def simulate(asked: dict[str, Any], name: str) -> Response:
        """Say what would become of a submission, writing nothing."""
        outcome = trials.simulate(trial_schemas.trial_from(name, asked), guards.identity())
        return shapes.answer(_simulated(outcome, public_url))

    @door.route("/<name>/replay", methods=["POST"])
    @door.arguments(trial_schemas.REPLAY, example=trial_documents.REPLAY_EXAMPLE)
    @door.doc(**trial_documents.REPLAY)
    def replay(asked: dict[str, Any], name: str) -> Response:
        """Say which of the last requests an edited rule would have ended otherwise."""
        replayed = trials.replay(name, asked["rule"], asked["last"])
        results = [_difference(each, public_url) for each in replayed.differences]
        return shapes.answer({"requests": replayed.requests, "otherwise": len(results), "results": results})

    return door


def _simulated(told: Outcome, public_url: str) -> shapes.Json:
    previous = _previous(told.previous)
    todo = None if told.todo is None else shapes.todo(told.todo, public_url) | {"previous": previous}
    changes = shapes.changes(told.changes)
    return {"outcome": told.kind, "reason": told.reason, "changes": changes, "todo": todo, "previous": previous}


def _previous(link: Link | None) -> shapes.Json | None:
    return None if link is None else {"key": None, "url": None, "status": link.status}


def _difference(found: Difference, public_url: str) -> shapes.Json:
    past, key = found.past, found.past.todo_key
    return {
        "at": shapes.instant(past.at),
        "externalReference": past.reference,
        "ruleVersion": past.rule_version,
        "todo": None if key is None else {"key": key, "url": links.todo_url(key, public_url)},
        "was": past.outcome,
        "would": found.ending.word,
        "reason": found.ending.reason,
    }
