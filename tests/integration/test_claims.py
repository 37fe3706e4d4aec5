"""What the configuration must not do to claimed references."""

from datetime import UTC, datetime

import pytest

from app.accounts.identity import Identity
from app.errors import Conflict
from app.factory import Services
from app.todos.requests import request_for
from app.todos.submission import Message


def claim(services: Services, reference: str) -> None:
    facts = {"title": "Lost", "todoType": "TASK", "workspace": "EXA-CON-BUS-WOR"}
    message = Message(facts=facts, reference=reference)
    admin = Identity(user_id=1, login="admin", admin=True)
    configuration = services.configuration.reload()
    services.operation.submit(request_for(message, "erp", admin, configuration, datetime.now(UTC), door="api"))


@pytest.mark.parametrize("change", [{"scope": "elsewhere"}, {"rule": {"match": "caseless"}}])
def test_a_source_with_claims_keeps_the_way_they_are_found(services: Services, change: dict[str, object]) -> None:
    before = services.configuration.save_source("erp", rule={})
    claim(services, "Order 1")
    with pytest.raises(Conflict, match="erp"):
        services.configuration.save_source("erp", **change)  # type: ignore[arg-type]  # one keyword of several types
    assert services.configuration.reload().source_named("erp") == before


@pytest.mark.parametrize("change", [{"scope": "elsewhere"}, {"rule": {"match": "caseless"}}])
def test_a_source_without_claims_may_be_given_another_scope_or_match(
    services: Services, change: dict[str, object]
) -> None:
    services.configuration.save_source("erp", rule={})
    services.configuration.save_source("erp", **change)  # type: ignore[arg-type]  # one keyword of several types


def test_other_settings_of_a_source_with_claims_may_change(services: Services) -> None:
    services.configuration.save_source("erp", rule={})
    claim(services, "Order 1")
    assert services.configuration.save_source("erp", rule={"onClosed": "reject"}).rule_version == 2
