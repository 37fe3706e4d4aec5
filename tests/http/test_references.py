"""Giving todos references by hand, over HTTP."""

import pytest
from werkzeug.test import TestResponse

from app.outbox import models as outbox
from tests import sending
from tests.conftest import WORKSPACE, basic
from tests.http.conversation import TODOS, Gate, House, Json, incident, problems, reference, told

REFERENCES = "externalReferences"


def give(gate: Gate, key: str, text: object, **more: object) -> TestResponse:
    """Ask for a reference to be given to a todo."""
    return give_to_version(gate, key, text, None, **more)


def give_to_version(gate: Gate, key: str, text: object, if_match: str | None, **more: object) -> TestResponse:
    """Ask for a reference to be given to a todo of a version."""
    headers = {} if if_match is None else {"If-Match": if_match}
    return gate.send("POST", f"{TODOS}/{key}/references", json={"externalReference": text, **more}, headers=headers)


def texts(todo: Json) -> list[str]:
    """Give the references a todo shows."""
    return [each["reference"] for each in todo[REFERENCES]]


# -------------------------------------------------------------------------------------------------------------- attach


def test_a_free_reference_is_attached(gate: Gate) -> None:
    todo, more = gate.created(), reference()
    answer = give(gate, todo["key"], more)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert told(answer) == gate.todo(todo["key"])
    assert told(answer)[REFERENCES] == [*todo[REFERENCES], {"scope": "default", "reference": more}]
    sent = gate.submit(incident(externalReference=more, priority="LOW"))
    assert (told(sent)["outcome"], told(sent)["todo"]["key"]) == ("updated", todo["key"])


def test_who_attached_a_reference_is_remembered(house: House) -> None:
    todo, more = house.admin.created(), reference()
    give(house.admin, todo["key"], more)
    newest = house.admin.history(todo["key"])[0]
    assert (newest["actor"], newest["outcome"], newest["source"]) == ("admin", "updated", None)
    assert (newest["reason"], newest["externalReference"]) == ("a reference attached by hand", more)
    assert newest["changes"] == {REFERENCES: {"from": texts(todo), "to": [*texts(todo), more]}}


def test_a_reference_the_todo_holds_already_leaves_no_trace(gate: Gate) -> None:
    todo = gate.created()
    for more in ({}, {"move": False}, {"move": True}):
        answer = give(gate, todo["key"], texts(todo)[0], **more)
        assert (answer.status_code, told(answer)) == (200, todo)
    assert len(gate.history(todo["key"])) == 1


def test_an_integer_counts_as_its_text(gate: Gate) -> None:
    number = int(reference().removeprefix("REF-")[:12], 16)
    assert texts(told(give(gate, gate.created()["key"], number)))[1] == str(number)


def test_a_reference_is_compared_as_its_source_says(house: House) -> None:
    source, key = house.source(match="caseless"), house.admin.created()["key"]
    assert told(give(house.admin, key, "Order 1", source=source))["version"] == 2
    assert told(give(house.admin, key, "ORDER 1", source=source))["version"] == 2
    assert give(house.admin, house.admin.created()["key"], "order 1", source=source).status_code == 409


def test_a_reference_another_todo_holds_is_409_and_told_how_to_take_over(gate: Gate) -> None:
    holder, todo = gate.created(), gate.created()
    for more in ({}, {"move": False}):
        answer = give(gate, todo["key"], texts(holder)[0], **more)
        assert answer.status_code == 409
        assert told(answer)["detail"] == (
            f'The reference is held by {holder["key"]}. Send "move": true to take it over.'
        )
    assert (gate.todo(holder["key"]), gate.todo(todo["key"])) == (holder, todo)


def test_a_holder_that_is_hidden_is_not_named(house: House) -> None:
    holder, workspace = house.admin.created(), house.workspace()
    todo = house.admin.created(domainWorkSpace=workspace)
    answer = give(house.agent("full", workspace=workspace), todo["key"], texts(holder)[0])
    assert (answer.status_code, holder["key"] in answer.text) == (409, False)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/externalReference"),
        ({"externalReference": None}, "/externalReference"),
        ({"externalReference": ""}, "/externalReference"),
        ({"externalReference": "N/A"}, "/externalReference"),
        ({"externalReference": "a\tb"}, "/externalReference"),
        ({"externalReference": "x" * 256}, "/externalReference"),
        ({"externalReference": 1.5}, "/externalReference"),
        ({"externalReference": True}, "/externalReference"),
        ({"externalReference": "1", "source": "nobody"}, "/source"),
        ({"externalReference": "1", "move": "perhaps"}, "/move"),
        ({"externalReference": "1", "colour": "red"}, "/colour"),
    ],
)
def test_what_is_wrong_is_named(body: Json, pointer: str, gate: Gate) -> None:
    todo = gate.created()
    assert problems(gate.send("POST", f"{TODOS}/{todo['key']}/references", json=body)).keys() == {pointer}
    assert gate.todo(todo["key"]) == todo


def test_the_source_may_be_left_out_or_null(gate: Gate) -> None:
    key = gate.created()["key"]
    for more in ({}, {"source": None}, {"source": "default"}):
        assert told(give(gate, key, reference(), **more))[REFERENCES][-1]["scope"] == "default"


def test_a_source_that_is_switched_off_takes_no_references(house: House) -> None:
    source, key = house.source(), house.admin.created()["key"]
    house.services.configuration.change_source(source, enabled=False)
    house.services.configuration.reload()
    assert give(house.admin, key, reference(), source=source).status_code == 409


@pytest.mark.parametrize(("tag", "status"), [(None, 200), ("*", 200), ('"1"', 200), ('"2"', 412), ('W/"1"', 412)])
def test_if_match_is_honoured_where_it_is_sent(tag: str | None, status: int, gate: Gate) -> None:
    assert give_to_version(gate, gate.created()["key"], reference(), tag).status_code == status


# ---------------------------------------------------------------------------------------------------------------- move


def test_a_reference_is_moved_from_the_todo_that_holds_it(house: House) -> None:
    gate = house.admin
    holder, todo = gate.created(), gate.created()
    (moved,) = texts(holder)
    answer = give(gate, todo["key"], moved, move=True)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert texts(told(answer)) == [*texts(todo), moved]
    assert (texts(gate.todo(holder["key"])), gate.todo(holder["key"])["version"]) == ([], 2)
    assert told(gate.submit(incident(externalReference=moved)))["todo"]["key"] == todo["key"]


def test_a_move_is_remembered_with_both_todos(gate: Gate) -> None:
    holder, todo = gate.created(), gate.created()
    (moved,) = texts(holder)
    give(gate, todo["key"], moved, move=True)
    took, lost = gate.history(todo["key"])[0], gate.history(holder["key"])[0]
    assert took["changes"] == {REFERENCES: {"from": texts(todo), "to": [*texts(todo), moved]}}
    assert lost["changes"] == {REFERENCES: {"from": [moved], "to": []}}
    assert {took["actor"], lost["actor"]} == {"admin"}
    assert took["reason"] == "a reference taken over from another todo by hand"
    assert lost["reason"] == "a reference moved to another todo by hand"
    assert todo["key"] not in str(lost)
    assert holder["key"] not in str(took)


def test_a_move_is_announced_for_both_todos(house: House) -> None:
    holder, todo = house.admin.created(), house.admin.created()
    house.services.subscribers.save_subscriber("pager", "https://pager.example/hook")
    give(house.admin, todo["key"], texts(holder)[0], move=True)
    house.services.subscribers.save_subscriber("pager", "https://pager.example/hook", active=False)
    announced = sending.rows(house.services, outbox.message)
    assert {(each.event, each.payload["key"]) for each in announced} == {
        ("todo.updated", holder["key"]),
        ("todo.updated", todo["key"]),
    }
    assert all(REFERENCES in each.payload["changes"] for each in announced)


def test_a_free_reference_may_be_moved_too(gate: Gate) -> None:
    assert give(gate, gate.created()["key"], reference(), move=True).status_code == 200


def test_a_reference_is_moved_in_the_spelling_it_was_first_sent_in(house: House) -> None:
    source = house.source(match="caseless")
    holder = house.admin.created(source=source, externalReference="Order 1")
    todo = told(give(house.admin, house.admin.created()["key"], "ORDER 1", source=source, move=True))
    assert todo[REFERENCES][-1] == holder[REFERENCES][0]
    assert house.admin.todo(holder["key"])[REFERENCES] == []


def test_a_reference_that_is_shown_as_a_tag_moves_with_its_tag(house: House) -> None:
    source = house.source(storedAs="tag")
    holder = house.admin.created(source=source, externalReference="Order 1", tags=["night"])
    todo = told(give(house.admin, house.admin.created(tags=["Order 1"])["key"], "Order 1", source=source, move=True))
    assert (holder["tags"], house.admin.todo(holder["key"])["tags"]) == (["Order 1", "night"], ["night"])
    assert todo["tags"] == ["Order 1"]
    more = told(give(house.admin, todo["key"], "Order 2", source=source))
    assert more["tags"] == ["Order 2", "Order 1"]


def test_a_reference_can_be_moved_back_to_a_predecessor_that_held_it(gate: Gate) -> None:
    first = gate.created(status="Done")
    (text,) = texts(first)
    successor = told(gate.submit(incident(externalReference=text)))["todo"]
    back = told(give(gate, first["key"], text, move=True))
    assert (back[REFERENCES], back["version"]) == (first[REFERENCES], 2)
    assert texts(gate.todo(successor["key"])) == []


# --------------------------------------------------------------------------------------------------------- who may what


def test_an_agent_needs_to_update_both_todos(house: House) -> None:
    workspace = house.workspace()
    holder, todo = house.admin.created(), house.admin.created(domainWorkSpace=workspace)
    login = "mover"
    house.services.users.save_user(login, password="a long enough password")
    gate = Gate(house.app, basic(login, "a long enough password"))

    def allow(workspace: str, *permissions: str) -> None:
        found = house.services.configuration.current().workspace_named(workspace)
        assert found is not None
        house.services.users.grant(login, found.id, permissions)

    def moved() -> TestResponse:
        return give(gate, todo["key"], texts(holder)[0], move=True)

    assert moved().status_code == 404
    allow(workspace, "read")
    assert "update in workspace" in told(_refused(moved()))["detail"]
    allow(workspace, "read", "update")
    hidden = _refused(moved())
    assert (holder["key"] in hidden.text, WORKSPACE in hidden.text) == (False, False)
    allow(WORKSPACE, "read")
    assert f"update in workspace {WORKSPACE}" in told(_refused(moved()))["detail"]
    allow(WORKSPACE, "read", "update")
    assert moved().status_code == 200


def test_credentials_that_are_bound_to_a_source_give_its_references_only(house: House) -> None:
    source, key = house.source(), house.admin.created()["key"]
    _, secret = house.services.keys.create("admin", "bound", source=source, actor="test")
    bound = Gate(house.app, f"Bearer {secret}")
    assert give(bound, key, reference(), source="default").status_code == 403
    assert told(give(bound, key, reference()))[REFERENCES][-1]["scope"] == source


def test_nobody_gives_a_reference_to_a_todo_that_is_not_there(gate: Gate) -> None:
    for key in ("nothing", "EXA-CON-BUS-WOR-999999"):
        text = reference()
        assert give(gate, key, text).status_code == 404
        assert gate.submit(incident(externalReference=text)).status_code == 201


def _refused(answer: TestResponse) -> TestResponse:
    assert answer.status_code == 403, answer.text[:500]
    return answer
