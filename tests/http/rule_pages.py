"""The page of a source and the form on it, as the tests of both open, read and check them."""

import re

from werkzeug.test import TestResponse

from app.sources.configuration import Source
from app.sources.rule_parsing import rule_to_data
from tests.http.conversation import House, Json
from tests.http.filling import Fields, forms_on

SOURCES = "/admin/sources"


def rule_page(name: str) -> str:
    """Give the address of a source's rule."""
    return f"{SOURCES}/{name}/rule"


def form_of(page: TestResponse) -> Fields:
    """Read the form of a rule as it stands, with the statuses of its rows, which all have one name."""
    [fields] = [fields for action, fields in forms_on(page).items() if action != "/sign-out"]
    rows = page.text.partition('<div id="status-map">')[2].partition("</fieldset>")[0]
    return fields | {"statusMap.status": re.findall(r'<option value="([^"]*)" selected>', rows)}


def source(house: House, name: str) -> Source:
    """Give a source as it is stored."""
    found = house.services.configuration.reload().source_named(name)
    assert found is not None
    return found


def saved(house: House, name: str) -> Json:
    """Give the rule of a source as it is stored."""
    rule = source(house, name).rule
    assert rule is not None
    return rule_to_data(rule)
