"""The page of a todo as people work on it: who they are, and the forms they fill in there."""

import re
import uuid
from collections.abc import Mapping

from werkzeug.test import TestResponse

from app.accounts.identity import Kind
from tests.http.browsing import Browser
from tests.http.conversation import TODOS, Gate, House, Json, told
from tests.http.filling import forms_on, post

PASSWORD = "a long enough password"
COMPANY = "ACME"
IN_PLACE = ("change", "notes", "tags")


def signed_in(house: House, login: str, password: str = PASSWORD) -> Browser:
    """Sign somebody in."""
    browser = Browser(house.app)
    assert browser.sign_in(login, password).status_code == 303
    return browser


def agent(house: House, *permissions: str) -> Browser:
    """Sign in an agent who may read, and has these permissions, too."""
    return signed_in(house, *house.sign_up("read", *permissions))


def customer(house: House) -> Browser:
    """Sign in a customer of the company."""
    house.services.customers.save(COMPANY, COMPANY)
    login = f"c-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=PASSWORD, kind=Kind.CUSTOMER, customer=COMPANY)
    return signed_in(house, login)


def page(browser: Browser, todo: Json, path: str = "") -> TestResponse:
    """Open the page of a todo, or one below it."""
    opened = browser.open(f"/todo/{todo['key']}{path}")
    assert opened.status_code == 200, opened.text[:500]
    return opened


def send(
    browser: Browser, todo: Json, path: str, changes: Mapping[str, str], shown: TestResponse | None = None
) -> TestResponse:
    """Fill in one form of the page as it is now, or as it was, and send it."""
    address = f"/todo/{todo['key']}/{path}"
    shown = shown or page(browser, todo, "/edit" if path == "edit" else "")
    return post(browser, address, {**forms_on(shown)[address], **changes})


def done(browser: Browser, answer: TestResponse, todo: Json, said: str = "Saved.") -> str:
    """Check that a change has led back to the page, which says so, and give the page."""
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/todo/{todo['key']}"), answer.text[-3000:]
    shown = page(browser, todo).text
    assert f'role="status" tabindex="-1">{said}</p>' in shown
    return shown


def addresses(shown: TestResponse) -> set[str]:
    """Name the forms of a todo's page."""
    return {address.split("/", 3)[3] for address in forms_on(shown) if address.startswith("/todo/")}


def words(markup: str) -> str:
    """Give what a reader of the page reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup))


def noted(gate: Gate, key: str, text: str, *, internal: bool = True) -> None:
    """Add a note to a todo by the API."""
    answer = gate.send("POST", f"{TODOS}/{key}/notes", json={"text": text, "internal": internal})
    assert answer.status_code == 201, told(answer)
