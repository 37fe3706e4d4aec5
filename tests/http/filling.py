"""Forms of pages, filled in and sent as a browser does: what is ticked, what is chosen, what is written."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

from werkzeug.test import TestResponse

from tests.http.browsing import PUBLIC_URL, Browser

Fields = dict[str, list[str]]
Changes = Mapping[str, str | Sequence[str]]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Fields] = {}
        self._fields: Fields = {}
        self._choice: str | None = None
        self._text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form" and facts.get("method") == "post":
            self._fields = self.forms.setdefault(facts["action"], {})
        if tag == "input":
            self._take_input(facts)
        if tag == "select":
            self._choice = facts["name"]
        if tag == "option" and self._choice and ("selected" in facts or self._choice not in self._fields):
            self._fields[self._choice] = [facts["value"]]
        if tag == "textarea":
            self._text = facts["name"]
            self._fields[self._text] = [""]

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._fields[self._text][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = {}
        if tag == "select":
            self._choice = None
        if tag == "textarea" and self._text is not None:
            self._fields[self._text][0] = self._fields[self._text][0].removeprefix("\n")
            self._text = None

    def _take_input(self, facts: dict[str, str]) -> None:
        is_box = facts.get("type") in {"checkbox", "radio"}
        if "name" in facts and (not is_box or "checked" in facts):
            self._fields.setdefault(facts["name"], []).append(facts.get("value", ""))


def form_on(page: TestResponse) -> Fields:
    """Read what the one form of a page would send as it stands, besides the one that signs out."""
    [fields] = [fields for action, fields in forms_on(page).items() if action != "/sign-out"]
    return fields


def forms_on(page: TestResponse) -> dict[str, Fields]:
    """Read what each form of a page would send as it stands, by the address it would be sent to."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.forms


def fill(browser: Browser, address: str, changes: Changes | None = None) -> TestResponse:
    """Open the page with a form, change some of its fields, and send it."""
    page = browser.open(address)
    assert page.status_code == 200, page.text[:500]
    return post(browser, address, {**form_on(page), **(changes or {})})


def post(browser: Browser, address: str, fields: Changes) -> TestResponse:
    """Send a form."""
    return browser.client.post(address, base_url=PUBLIC_URL, data=dict(fields))


def problem_beside(page: TestResponse, name: str) -> str:
    """Give what a page says is wrong with a field, beside it."""
    _, found, rest = page.text.partition(f'id="problem-{name}">')
    return rest.partition("<")[0] if found else ""
