"""The least a gateway could do: parse the JSON body, answer JSON. What the real one is compared with."""

import orjson
from flask import Flask, Response, request

app = Flask(__name__)


@app.post("/api/v1/external-reference")
def echo() -> Response:
    """Answer what was sent, as parsed."""
    todo = orjson.loads(request.get_data())
    answer = {"outcome": "updated", "externalReference": todo["externalReference"], "todo": todo}
    return Response(orjson.dumps(answer), content_type="application/json")
