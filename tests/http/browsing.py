"""A browser without JavaScript: keeps cookies, reads the fields of a form, fills it in and sends it."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from flask import Flask
from werkzeug.test import TestResponse

PUBLIC_URL = "https://gate.example"


class Browser:
    """One visitor of the pages."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def open(self, address: str, **headers: str) -> TestResponse:
        """Open an address; redirects are not followed."""
        return self.client.get(address, base_url=PUBLIC_URL, headers={"Accept": "text/html", **headers})

    def send(self, address: str, fields: Mapping[str, str]) -> TestResponse:
        """Send a form."""
        return self.client.post(address, base_url=PUBLIC_URL, data=fields)

    def cookie(self, name: str) -> str | None:
        """Give what a cookie holds."""
        found = self.client.get_cookie(name, domain="gate.example")
        return found.value if found else None

    def sign_in(self, login: str, password: str, wanted: str = "/todos") -> TestResponse:
        """Fill in the sign-in page and send it."""
        page = self.open(f"/sign-in?next={wanted}")
        return self.send("/sign-in", {**fields_of(page), "login": login, "password": password})


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        name = facts.get("name")
        if tag == "input" and name:
            self.found[name] = facts.get("value") or ""


def fields_of(page: TestResponse) -> dict[str, str]:
    """Read the fields of the forms of a page with what stands in them."""
    parser = _Fields()
    parser.feed(page.text)
    return parser.found


def scripts_of(markup: str) -> list[str]:
    """Give all elements of a page that run something, with what stands in them."""
    return re.findall(r"<script\b.*?(?:</script>|$)", markup, re.DOTALL | re.IGNORECASE)
