"""Whatever stands in the parameters of an operation of Znuny's door, it is answered in its words, and is no defect."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.entrypoints.znuny.door import OPERATIONS
from app.entrypoints.znuny.searched_words import LOOK_UPS
from tests.conftest import WORKSPACE
from tests.http.conversation import House
from tests.http.znuny import administrator

_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.sampled_from([0, 10**17, 2**63, 2**64 - 1])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["new", "open", "closed successful", "3 normal", WORKSPACE, "mon@example.org", "2026-11-22", "*"])
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_ticket = st.dictionaries(
    st.sampled_from(
        [
            *("Title", "Queue", "QueueID", "State", "StateID", "Priority", "PriorityID", "Type", "TypeID", "Owner"),
            *("Responsible", "CustomerUser", "CustomerID", "PendingTime", "Lock", "LockID", "Service"),
        ]
    ),
    _values,
    max_size=8,
)
_pending = st.dictionaries(st.sampled_from(["Year", "Month", "Day", "Hour", "Minute", "Diff"]), _scalars, max_size=6)
_article = st.dictionaries(
    st.sampled_from(
        ["Subject", "Body", "ContentType", "MimeType", "Charset", "IsVisibleForCustomer", "TimeUnit", "From"]
    ),
    _values,
    max_size=6,
)
_field = st.fixed_dictionaries(
    {"Name": st.sampled_from(["ExternalReference", "tags", "dueDate", "x"]), "Value": _values}
)
_parameters: Mapping[str, st.SearchStrategy[Any]] = {
    "Ticket": _ticket | st.builds(lambda pending: {"Title": "x", "PendingTime": pending}, _pending) | _values,
    "Article": _article | _values,
    "DynamicField": _field | st.lists(_field, max_size=3) | _values,
    "DynamicField_ExternalReference": st.dictionaries(st.sampled_from(["Equals", "Like", "Empty"]), _values) | _values,
    "DynamicField_tags": _values,
    **dict.fromkeys(
        [
            *("ExternalReference", "TicketID", "TicketNumber", "IncludeTicketData", "AllArticles", "ArticleOrder"),
            *("ArticleLimit", "DynamicFields", "Attachment", "Limit", "SortBy", "OrderBy", "AccessToken"),
            *("TicketCreateTimeNewerDate", "TicketCloseTimeOlderMinutes", *LOOK_UPS),
        ],
        _values,
    ),
}
_one = st.sampled_from(sorted(_parameters)).flatmap(lambda name: st.fixed_dictionaries({name: _parameters[name]}))
_bodies = _one | st.fixed_dictionaries({}, optional=_parameters)
_ROUTES = [
    (method, route.replace("<TicketID>", "1").replace("<SessionID>", "x"))
    for operation in OPERATIONS
    for route, methods in operation.routes
    for method in methods.split()
    if method != "GET"
]


@pytest.mark.parametrize(("method", "route"), _ROUTES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_bodies)
def test_nothing_in_the_parameters_is_a_defect(house: House, method: str, route: str, body: dict[str, Any]) -> None:
    caller = administrator(house)
    answer = caller.send(method, route, {**body, **caller.credentials})
    assert answer.status_code in {200, 400}, answer.text
    told = answer.get_json()
    if "Error" in told:
        assert told["Error"]["ErrorMessage"], told
