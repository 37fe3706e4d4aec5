"""What the references of a todo are attached with, and what OpenAPI is told of it."""

import marshmallow as ma

from app.entrypoints.api import answers, describing
from app.entrypoints.api.describing import Json
from app.entrypoints.api.strict import StrictSchema
from app.entrypoints.messages import Reference, Text


class GivingSchema(StrictSchema):
    """A reference for a todo."""

    reference = Reference(data_key="externalReference", required=True)
    source = Text(255, "The source whose reference it is; `default` where it is absent.", load_default=None)
    move = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Take it from the todo that holds it, which loses it. Else that is a 409."},
    )


GIVING = GivingSchema()
EXAMPLE: Json = {"externalReference": "EXTREF777", "source": "default", "move": True}

ATTACH: Json = {
    "operationId": "attachReference",
    "parameters": [
        {
            "in": "path",
            "name": "key",
            "required": True,
            "schema": {"type": "string"},
            "example": "EXA-CON-BUS-WOR-03",
        },
        describing.header("If-Match", "The ETag of the todo as it was read, or `*`. It may be left out.", "*"),
    ],
    "responses": {
        **describing.answers(answers.TODO, "The todo as it is now.", headers={"ETag": describing.TEXT_HEADER}),
        **describing.problems(403, 404, 409, 412, *describing.WITH_BODY),
    },
}
