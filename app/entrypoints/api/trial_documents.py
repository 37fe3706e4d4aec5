"""What OpenAPI says of the addresses where a rule is tried, with the examples that the tests run."""

from app.entrypoints.api import trial_schemas
from app.entrypoints.api.describing import WITH_BODY, Json, answers, problems
from app.entrypoints.messages import EXAMPLE

SIMULATION_EXAMPLE: Json = {
    "submission": EXAMPLE,
    "existing": {"status": "Done", "closedAt": "2026-11-21T09:00:00Z", "priority": "LOW"},
    "rule": {"onClosed": "reopen", "reopenWithin": "PT2H"},
    "now": "2026-11-21T10:00:00Z",
}
REPLAY_EXAMPLE: Json = {"rule": {"onClosed": "reopen", "reopenWithin": "PT2H"}, "last": 500}

_NAME: list[Json] = [
    {
        "in": "path",
        "name": "name",
        "required": True,
        "description": "Name of the source.",
        "schema": {"type": "string"},
        "example": "default",
    }
]

SIMULATE: Json = {
    "operationId": "simulateSubmission",
    "parameters": _NAME,
    "responses": {
        **answers(trial_schemas.SIMULATED, "What would become of it. A rejection is an answer too."),
        **problems(403, 404, 409, *WITH_BODY),
    },
}
REPLAY: Json = {
    "operationId": "replayRequests",
    "parameters": _NAME,
    "responses": {
        **answers(trial_schemas.REPLAYED, "Each request decided again by itself, against the todo as it stood then."),
        **problems(403, 404, *WITH_BODY),
    },
}
