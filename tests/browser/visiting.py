"""Visitors of the pages: tabs of a browser, who they sign in as, and everything that goes wrong before their eyes."""

import re

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, Response, StorageState

from tests.conftest import ADMIN
from tests.gateway import HOST

WIDE, NARROW, HEIGHT = 1280, 360, 800
PATIENCE_MS = 15_000
# A refusal is an answer like others, and what is still being asked for when a page is left goes with it; Chromium and
# htmx put them into the console all the same.
_NO_ERRORS = re.compile(
    r"Failed to load resource: the server responded with a status of 4\d\d|htmx:(afterRequest|sendError)\b"
)
_ANSWERS = {"document", "xhr", "fetch"}


class Visits:
    """The tabs of one test, and what went wrong in them: errors of scripts, requests that leave, what cannot load."""

    def __init__(self, browser: Browser, port: int, administration: StorageState | None = None) -> None:
        self.wrong: list[str] = []
        self._browser = browser
        self._administration = administration
        self._origin = f"http://{HOST}:{port}"
        self._contexts: list[BrowserContext] = []

    def tab(self, width: int = WIDE, **options: object) -> Page:
        """Open a tab of a browser that has never been here. Options are named as Playwright names them."""
        chosen = {"viewport": {"width": width, "height": HEIGHT}, "base_url": self._origin, **options}
        context = self._browser.new_context(**chosen)  # type: ignore[arg-type]  # as Playwright takes them
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        self._watch(context)
        return context.new_page()

    def administrator(self, width: int = WIDE, **options: object) -> Page:
        """Open a tab with the session that all tests share, which none may end."""
        return self.tab(width, storage_state=self._administration, **options)

    def reader(self, login: str = ADMIN[0], password: str = ADMIN[1], **options: object) -> Page:
        """Open a tab and sign in, for a session of its own."""
        page = self.tab(**options)  # type: ignore[arg-type]  # a width, or what Playwright takes
        sign_in(page, login, password)
        return page

    def close(self) -> None:
        """Close all tabs."""
        for context in self._contexts:
            context.close()

    def _watch(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        context.on("dialog", self._refuse)
        context.on("request", self._follow)
        context.on("response", self._look)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _NO_ERRORS.match(message.text):
            self.wrong.append(message.text)

    def _refuse(self, dialog: Dialog) -> None:
        self.wrong.append(dialog.message)
        dialog.dismiss()

    def _follow(self, request: Request) -> None:
        if not request.url.startswith(f"{self._origin}/"):
            self.wrong.append(f"left for {request.url}")

    def _look(self, response: Response) -> None:
        is_answer = response.request.resource_type in _ANSWERS
        if response.status >= (500 if is_answer else 400):
            self.wrong.append(f"{response.status} {response.url}")


def sign_in(page: Page, login: str = ADMIN[0], password: str = ADMIN[1]) -> None:
    """Fill in the sign-in page, wherever it leads."""
    if not page.url.startswith("http"):
        page.goto("/sign-in")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation(url=re.compile(r"^(?!.*/sign-in)")):
        page.get_by_role("button", name="Sign in").click()
