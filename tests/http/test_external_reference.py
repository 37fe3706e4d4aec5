"""The operation over HTTP: what it takes, what it does, what it answers."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import ADMIN, WORKSPACE
from tests.http.conversation import OPERATION, Gate, House, Json, incident, problems, reference, told


def _each(name: str, *values: object) -> list[tuple[str, object]]:
    return [(name, value) for value in values]


LEVELS = [(word, word.upper()) for word in ("HIGH", "medium", "Low")]
ACCEPTED: list[tuple[str, object, object]] = [
    ("todoType", "incident", "INCIDENT"),
    ("title", "t" * 250, "t" * 250),
    ("title", "<script>ö 漢字 🚚</script>", "<script>ö 漢字 🚚</script>"),
    ("description", "d" * 65_536, "d" * 65_536),
    ("description", "", ""),
    ("financialImpact", 123577, "123577.00"),
    ("financialImpact", "123577.5", "123577.50"),
    ("financialImpact", 0.1, "0.10"),
    ("financialImpact", 0, "0.00"),
    ("financialImpact", "-0", "0.00"),
    *(("impact", word, shown) for word, shown in LEVELS),
    *(("likelihood", word, shown) for word, shown in LEVELS),
    *(("priority", word, shown) for word, shown in LEVELS),
    *(("status", word, "In Progress") for word in ("IN PROGRESS", "InProgress", "in_progress", "in-progress")),
    ("status", "todo", "To do"),
    ("assignee", "Example@example.com", "Example@example.com"),
    ("reporter", "ann+1@example.com", "ann+1@example.com"),
    ("category", "Customs", ["Customs"]),
    ("category", ["Customs", "Customs", "Port"], ["Customs", "Port"]),
    ("subCategory", ["IT"], ["IT"]),
    ("subCategory", [], []),
    ("lrn", "725462", "725462"),
    ("lrn", 725462, "725462"),
    ("orderID", "ORDER 777", ["ORDER 777"]),
    ("orderID", ["ORDER 777", 778], ["ORDER 777", "778"]),
    ("tags", "night shift", ["night shift"]),
    ("tags", ["night shift", "port"], ["night shift", "port"]),
    ("reminderDate", "2024-09-27", "2024-09-27"),
    ("dueDate", "2024-02-29", "2024-02-29"),
]
REFUSED: list[tuple[str, object]] = [
    *_each("todoType", "BUG", "", 1, None),
    *_each("title", "t" * 251, "", "  ", None, 1.5, ["x"], "a\x00b"),
    *_each("description", "d" * 65_537, {"a": 1}, True, "a\x00b"),
    *_each("financialImpact", -1, "abc", True, "NaN", "Infinity", "1e99", 10**15, [], ""),
    *_each("impact", "URGENT", "", 3),
    *_each("likelihood", "URGENT", ["HIGH"]),
    *_each("priority", "1 very low", True),
    *_each("status", "Nope", "", None, 1.5),
    *_each("assignee", "nobody", "a b@example.com", "", 5, "a@" + "b" * 260),
    *_each("reporter", "nobody", "a@b\x00c"),
    *_each("category", [1.5], [["x"]], {"a": 1}, ["x"] * 101, "c" * 256),
    *_each("subCategory", [None], True),
    *_each("lrn", "l" * 256, 1.5, []),
    *_each("orderID", [{}], 1.5),
    *_each("tags", ["t" * 256], [False]),
    *_each("reminderDate", "27-09-2024", "2024-02-30", "2024-9-27", 20240927, ""),
    *_each("dueDate", "soon", "2024-13-01"),
    *_each("domainWorkSpace", "NOWHERE", "", 5),
    *_each("comment", "c" * 65_537, 1.5, "a\x00b"),
    *_each("occurredAt", "yesterday", "2026-11-21T10:00:00", "2026-11-21", 5, None),
    *_each("source", "nobody", 1.5, "s" * 256),
    *_each("fields", "x", [], None),
    *_each("externalReference", 1.5, "", "  ", "a\nb", "r" * 256, True, None, [], {}, "a\x00b", "N/A", 0),
    ("colour", "red"),
]


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _ago(**back: float) -> str:
    return (datetime.now(UTC) - timedelta(**back)).isoformat()


# ------------------------------------------------------------------------------------------------------- what it takes


@pytest.mark.parametrize(("name", "sent", "shown"), ACCEPTED)
def test_a_field_is_taken_leniently_and_shown_strictly(name: str, sent: object, shown: object, gate: Gate) -> None:
    todo = gate.created(**{name: sent})
    assert todo[name] == shown
    assert gate.todo(todo["key"])[name] == shown


@pytest.mark.parametrize(("name", "sent"), REFUSED)
def test_a_wrong_field_is_named_and_nothing_is_stored(name: str, sent: object, gate: Gate) -> None:
    facts = incident() | {name: sent}
    found = problems(gate.submit(facts))
    assert list(found) == [f"/{name}"]
    assert found[f"/{name}"]
    if name != "externalReference":
        query = {"reference": facts["externalReference"]}
        assert gate.send("GET", OPERATION, query_string=query).status_code == 404


def test_all_wrong_fields_are_named_at_once(gate: Gate) -> None:
    found = problems(gate.submit(incident(title="", priority="URGENT", colour="red", dueDate="soon")))
    assert found.keys() == {"/title", "/priority", "/colour", "/dueDate"}


def test_an_integer_counts_as_its_decimal_text(gate: Gate) -> None:
    number = uuid.uuid4().int >> 66
    gate.created(externalReference=number)
    answer = gate.submit({"externalReference": str(number)})
    assert (told(answer)["outcome"], told(answer)["externalReference"]) == ("unchanged", str(number))


def test_a_number_too_long_for_json_is_to_be_sent_as_text(gate: Gate) -> None:
    found = problems(gate.submit(incident(externalReference=float(10**25))))
    assert "send a number of more than 19 digits as text" in found["/externalReference"]


@pytest.mark.parametrize("text", ["r" * 255, " padded ", "漢字 🚚", "%_\\'\"", "ﬁ"])
def test_a_reference_is_kept_as_it_was_sent(text: str, house: House) -> None:
    source = house.source()
    todo = house.admin.created(source=source, externalReference=text)
    assert todo["externalReferences"] == [{"scope": source, "reference": text}]
    assert told(house.admin.submit(incident(source=source, externalReference=text)))["outcome"] == "unchanged"


def test_a_reference_is_required(gate: Gate) -> None:
    facts = incident()
    del facts["externalReference"]
    assert problems(gate.submit(facts)).keys() == {"/externalReference"}


def test_the_type_may_be_called_type(gate: Gate) -> None:
    facts = incident(type="task")
    del facts["todoType"]
    assert told(gate.submit(facts))["todo"]["todoType"] == "TASK"
    assert problems(gate.submit(incident(type="TASK"))).keys() == {"/type"}


@pytest.mark.parametrize(
    "words",
    [
        {"domainWorkSpace": "exa-con-bus-wor"},
        {"domain": "EXA-CON-BUS", "workspace": "WOR"},
        {"workspace": WORKSPACE},
        {"workspace": "Inbound Control"},
        {"workspace": "WOR"},
    ],
)
def test_a_workspace_may_be_said_in_several_ways(words: Json, gate: Gate) -> None:
    facts = incident(**words)
    if "domainWorkSpace" not in words:
        del facts["domainWorkSpace"]
    assert told(gate.submit(facts))["todo"]["workspace"] == WORKSPACE


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"workspace": "NOWHERE"}, "/workspace"),
        ({"domain": "EXA-CON-BUS", "workspace": "NOWHERE"}, "/workspace"),
        ({"domain": "NOWHERE"}, "/domain"),
        ({"workspace": None}, "/workspace"),
    ],
)
def test_an_unknown_workspace_is_named(words: Json, pointer: str, gate: Gate) -> None:
    facts = incident(**words)
    del facts["domainWorkSpace"]
    assert problems(gate.submit(facts)).keys() == {pointer}


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("INCIDENT", "result", "x"),
        ("TASK", "financialImpact", 1),
        ("TASK", "impact", "LOW"),
        ("TASK", "likelihood", "LOW"),
    ],
)
def test_a_field_of_the_other_type_is_refused(kind: str, name: str, value: object, gate: Gate) -> None:
    assert problems(gate.submit(incident(todoType=kind, **{name: value}))).keys() == {f"/{name}"}


def test_a_task_has_a_result(gate: Gate) -> None:
    assert gate.created(todoType="TASK", result="found it")["result"] == "found it"


def test_the_type_of_a_todo_cannot_change(gate: Gate) -> None:
    first = incident()
    gate.submit(first)
    assert problems(gate.submit(first | {"todoType": "TASK"})).keys() == {"/todoType"}


def test_what_a_new_todo_needs_is_named(gate: Gate) -> None:
    found = problems(gate.submit({"externalReference": reference()}))
    assert found.keys() == {"/title", "/todoType", "/domainWorkSpace"}


def test_the_defaults_of_a_source_fill_in_what_is_silent(house: House) -> None:
    defaults = {
        "workspace": WORKSPACE,
        "todoType": "TASK",
        "title": "From the crane",
        "priority": "low",
        "status": "To do",
    }
    source = house.source(defaults=defaults)
    todo = told(house.admin.submit({"externalReference": "1", "source": source}))["todo"]
    assert (todo["workspace"], todo["todoType"], todo["title"]) == (WORKSPACE, "TASK", "From the crane")
    assert (todo["priority"], todo["status"]) == ("LOW", "To do")


def test_orders_and_lrn_are_the_first_tags(gate: Gate) -> None:
    todo = gate.created(tags=["night shift", "725462"], lrn="725462", orderID=["ORDER 777", "ORDER 778"])
    assert todo["tags"] == ["ORDER 777", "ORDER 778", "725462", "night shift"]


# ------------------------------------------------------------------------------------------------ absent, null, empty


def test_absent_means_unchanged_null_clears_and_empty_is_empty_text(gate: Gate) -> None:
    first = incident(description="d", priority="HIGH", assignee="a@example.com", lrn="1", financialImpact=5)
    gate.submit(first)
    answer = told(
        gate.submit({"externalReference": first["externalReference"], "description": "", "priority": None, "lrn": None})
    )
    assert answer["changes"] == {
        "description": {"from": "d", "to": ""},
        "priority": {"from": "HIGH", "to": None},
        "lrn": {"from": "1", "to": None},
    }
    todo = gate.todo(answer["todo"]["key"])
    assert (todo["description"], todo["priority"], todo["lrn"]) == ("", None, None)
    assert (todo["title"], todo["assignee"], todo["financialImpact"]) == ("A title", "a@example.com", "5.00")


def test_null_clears_lists_and_dates(gate: Gate) -> None:
    names = ("category", "subCategory", "orderID", "tags", "reminderDate", "dueDate", "reporter", "financialImpact")
    first = incident(
        category="c", subCategory="s", orderID="o", tags="t", reminderDate="2026-01-01", dueDate="2026-01-02",
        reporter="r@example.com", financialImpact=1,
    )  # fmt: skip
    gate.submit(first)
    cleared = told(gate.submit({"externalReference": first["externalReference"], **dict.fromkeys(names)}))["todo"]
    assert {name: cleared[name] or None for name in names} == dict.fromkeys(names)
    assert gate.todo(cleared["key"])["tags"] == []


# ------------------------------------------------------------------------------------------------------- custom fields


def test_custom_fields_are_read_by_their_type(house: House) -> None:
    name = f"f{uuid.uuid4().hex[:8]}"
    for kind in ("text", "number", "date"):
        house.services.configuration.put_field(f"{name}-{kind}", kind)
    house.services.configuration.put_field(f"{name}-choice", "choice", ["T1", "T3"])
    sent = {f"{name}-text": "x", f"{name}-number": 1.50, f"{name}-date": "2026-01-02", f"{name}-choice": "T3"}
    todo = house.admin.created(fields=sent)
    assert todo["fields"] == sent | {f"{name}-number": "1.5"}
    assert house.admin.todo(todo["key"])["fields"] == todo["fields"]
    wrong = {
        f"{name}-text": [], f"{name}-number": "NaN", f"{name}-date": "soon", f"{name}-choice": "T2", "a/b~c": 1,
    }  # fmt: skip
    found = problems(house.admin.submit(incident(fields=wrong)))
    assert found.keys() == {f"/fields/{name}-{kind}" for kind in ("text", "number", "date", "choice")} | {
        "/fields/a~1b~0c"
    }
    assert "/fields/" + f"{name}-number" in problems(
        house.admin.submit(incident(fields={f"{name}-number": "1e-99999"}))
    )


def test_null_clears_a_custom_field(house: House) -> None:
    name = f"f{uuid.uuid4().hex[:8]}"
    house.services.configuration.put_field(name, "text")
    first = incident(fields={name: "x"})
    house.admin.submit(first)
    answer = told(house.admin.submit(first | {"fields": {name: None}}))
    assert answer["changes"] == {f"fields.{name}": {"from": "x", "to": None}}
    assert answer["todo"]["fields"].get(name) is None


# ------------------------------------------------------------------------------------------------------------ outcomes


def test_a_new_reference_creates_a_todo_and_says_where(gate: Gate) -> None:
    sent = incident()
    answer = gate.submit(sent)
    found = told(answer)
    assert answer.status_code == 201
    assert answer.headers["Location"] == found["todo"]["url"] == f"https://gate.example/todo/{found['todo']['key']}"
    assert (found["outcome"], found["occurrences"], found["changes"], found["dryRun"]) == ("created", 1, {}, False)
    assert (found["todo"]["status"], found["todo"]["version"]) == ("In Progress", 1)
    assert (found["externalReference"], found["source"]) == (sent["externalReference"], "default")


def test_links_are_built_from_the_public_address_whatever_the_host_says(gate: Gate) -> None:
    answer = gate.send("POST", OPERATION, json=incident(), headers={"Host": "evil.example", "X-Forwarded-Host": "e"})
    assert answer.headers["Location"].startswith("https://gate.example/todo/")


def test_an_open_todo_is_updated_and_what_changed_is_told(gate: Gate) -> None:
    sent = incident(priority="MEDIUM")
    key = told(gate.submit(sent))["todo"]["key"]
    answer = gate.submit(sent | {"priority": "HIGH", "comment": "second pallet"})
    found = told(answer)
    assert (answer.status_code, found["outcome"], found["occurrences"]) == (200, "updated", 2)
    assert found["reason"] == f"{key} is In Progress, which source default counts as open"
    assert found["changes"] == {"priority": {"from": "MEDIUM", "to": "HIGH"}}
    newest = gate.history(key)[0]
    assert (newest["comment"], newest["changes"]) == ("second pallet", found["changes"])
    assert (newest["actor"], newest["source"], newest["ruleVersion"]) == (ADMIN[0], "default", 1)


def test_a_repeat_that_changes_nothing_only_counts(gate: Gate) -> None:
    sent = incident()
    before = told(gate.submit(sent))["todo"]
    found = told(gate.submit(sent))
    after = gate.todo(before["key"])
    assert (found["outcome"], found["occurrences"], after["occurrences"]) == ("unchanged", 2, 2)
    assert (after["version"], after["updatedAt"]) == (before["version"], before["updatedAt"])
    assert after["lastSeenAt"] > before["lastSeenAt"]
    assert len(gate.history(before["key"])) == 1


def test_a_closed_status_makes_the_todo_due_today(gate: Gate) -> None:
    sent = incident(dueDate="2030-01-01")
    gate.submit(sent)
    days = {_today()}
    closed = told(gate.submit({"externalReference": sent["externalReference"], "status": "done"}))["todo"]
    assert (closed["status"], closed["statusType"]) == ("Done", "closed")
    assert closed["dueDate"] in days | {_today()}
    assert closed["closedAt"]


def test_a_closed_todo_is_succeeded_by_a_linked_new_one(gate: Gate) -> None:
    sent = incident()
    first = told(gate.submit(sent))["todo"]
    gate.submit(sent | {"status": "Done"})
    answer = gate.submit(sent)
    found = told(answer)
    link = {"key": first["key"], "url": first["url"], "status": "Done"}
    assert (answer.status_code, found["outcome"], found["previous"]) == (201, "created", link)
    assert found["todo"]["previous"] == link
    assert gate.todo(first["key"])["next"]["key"] == found["todo"]["key"]


def test_a_closed_todo_is_reopened_where_the_rule_says_so(house: House) -> None:
    sent = incident(source=house.source(onClosed="reopen"))
    key = told(house.admin.submit(sent))["todo"]["key"]
    house.admin.submit(sent | {"status": "Done"})
    found = told(house.admin.submit(sent))
    assert (found["outcome"], found["todo"]["key"], found["todo"]["status"]) == ("reopened", key, "In Progress")
    assert found["todo"]["closedAt"] is None


def test_what_the_rule_ignores_is_answered_and_remembered(house: House) -> None:
    sent = incident(source=house.source(onClosed="ignore"))
    key = told(house.admin.submit(sent))["todo"]["key"]
    house.admin.submit(sent | {"status": "Done"})
    answer = house.admin.submit(sent | {"title": "Another"})
    assert (answer.status_code, told(answer)["outcome"], told(answer)["changes"]) == (200, "ignored", {})
    assert house.admin.todo(key)["title"] == "A title"
    assert house.admin.history(key)[0]["outcome"] == "ignored"


def test_older_facts_are_remembered_and_not_applied(gate: Gate) -> None:
    sent = incident()
    key = told(gate.submit(sent | {"occurredAt": _ago(minutes=5)}))["todo"]["key"]
    late = told(gate.submit(sent | {"occurredAt": _ago(minutes=9), "title": "Late"}))
    assert late["outcome"] == "ignored"
    assert "newer facts" in late["reason"]
    assert gate.todo(key)["title"] == "A title"
    assert gate.history(key)[0]["outcome"] == "ignored"
    newer = told(gate.submit(sent | {"occurredAt": _ago(minutes=1), "title": "Newer"}))
    assert (newer["outcome"], newer["todo"]["title"]) == ("updated", "Newer")


def test_facts_from_the_day_after_tomorrow_are_refused(gate: Gate) -> None:
    assert problems(gate.submit(incident(occurredAt=_ago(days=-2)))).keys() == {"/occurredAt"}


# ----------------------------------------------------------------------------------------- dry run, preconditions


def test_a_dry_run_says_what_would_happen_and_writes_nothing(gate: Gate) -> None:
    sent, dry = incident(), {"dryRun": "true"}
    answer = gate.submit(sent, query=dry)
    found = told(answer)
    assert (answer.status_code, found["outcome"], found["dryRun"]) == (200, "created", True)
    assert "Location" not in answer.headers
    assert (found["todo"]["key"], found["todo"]["url"], found["todo"]["reference"]) == (None, None, None)
    assert gate.send("GET", OPERATION, query_string={"reference": sent["externalReference"]}).status_code == 404
    key = told(gate.submit(sent))["todo"]["key"]
    found = told(gate.submit(sent | {"title": "Other"}, query=dry))
    assert (found["outcome"], found["todo"]["key"], found["todo"]["title"]) == ("updated", key, "Other")
    assert (gate.todo(key)["title"], len(gate.history(key))) == ("A title", 1)


def test_a_dry_run_fails_as_the_real_one_would(house: House) -> None:
    dry = {"dryRun": "true"}
    assert house.admin.submit(incident(title=""), query=dry).status_code == 422
    assert house.agent("read").submit(incident(), query=dry).status_code == 403
    assert house.admin.submit(incident(source=house.source(onNone="reject")), query=dry).status_code == 409


def test_dry_run_is_yes_or_no(gate: Gate) -> None:
    answer = gate.submit(incident(), query={"dryRun": "perhaps"})
    assert [(entry["pointer"], entry["in"]) for entry in told(answer)["errors"]] == [("/dryRun", "query")]


def test_if_none_match_creates_only(gate: Gate) -> None:
    sent, create_only = incident(), {"If-None-Match": "*"}
    assert gate.submit(sent, headers=create_only).status_code == 201
    answer = gate.submit(sent | {"title": "Other"}, headers=create_only)
    assert answer.status_code == 412
    key = told(gate.submit(sent))["todo"]["key"]
    assert key in told(answer)["detail"]
    assert gate.todo(key)["title"] == "A title"


def test_if_match_updates_only(gate: Gate) -> None:
    sent, update_only = incident(), {"If-Match": "*"}
    assert gate.submit(sent, headers=update_only).status_code == 412
    assert gate.submit(sent).status_code == 201
    assert gate.submit(sent | {"title": "Other"}, headers=update_only).status_code == 200
    gate.submit(sent | {"status": "Done"})
    assert gate.submit(sent, headers=update_only).status_code == 412


@pytest.mark.parametrize(
    "headers", [{"If-Match": '"2"'}, {"If-None-Match": 'W/"2"'}, {"If-Match": "*", "If-None-Match": "*"}]
)
def test_a_sender_does_not_know_versions(headers: Json, gate: Gate) -> None:
    assert problems(gate.submit(incident(), headers=headers)).keys() == {""}


# ------------------------------------------------------------------------------------------------- sources and look-up


def test_each_source_has_references_of_its_own(house: House) -> None:
    sent = incident()
    first, second = (house.admin.created(**sent | {"source": house.source()}) for _ in range(2))
    assert first["key"] != second["key"]


def test_a_key_bound_to_a_source_speaks_for_it_alone(house: House) -> None:
    source, sent = house.source(), incident()
    _, key = house.services.keys.create(ADMIN[0], "a key", source=source, actor="test")
    gate = Gate(house.app, f"Bearer {key}")
    assert told(gate.submit(sent))["source"] == source
    assert told(gate.submit(sent | {"source": source}))["outcome"] == "unchanged"
    assert gate.submit(sent | {"source": "default"}).status_code == 403
    assert gate.send("GET", OPERATION, query_string={"reference": sent["externalReference"]}).status_code == 200
    query = {"reference": sent["externalReference"], "source": "default"}
    assert gate.send("GET", OPERATION, query_string=query).status_code == 403


def test_a_reference_leads_to_its_todo_and_all_predecessors(gate: Gate) -> None:
    sent = incident()
    keys = []
    for _ in range(3):
        keys.append(told(gate.submit(sent))["todo"]["key"])
        gate.submit(sent | {"status": "Done"})
    answer = gate.send("GET", OPERATION, query_string={"source": "default", "reference": sent["externalReference"]})
    chain = told(answer)
    assert (chain["source"], chain["scope"], chain["reference"]) == ("default", "default", sent["externalReference"])
    assert [chain["todo"]["key"], *(todo["key"] for todo in chain["predecessors"])] == keys[::-1]


@pytest.mark.parametrize(
    "query", [{}, {"reference": "r" * 256}, {"reference": "a\x00b"}, {"reference": "1", "source": "no"}]
)
def test_a_look_up_names_what_is_wrong(query: Json, gate: Gate) -> None:
    assert gate.send("GET", OPERATION, query_string=query).status_code == 422


def test_a_hidden_todo_looks_like_a_missing_one_when_looked_up(house: House) -> None:
    sent = incident()
    house.admin.submit(sent)
    stranger = house.agent("create", workspace=house.workspace())
    hidden, missing = (
        stranger.send("GET", OPERATION, query_string={"reference": text})
        for text in (sent["externalReference"], "none-1")
    )
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert told(hidden)["detail"] == told(missing)["detail"]
