"""Fixtures: a gateway as `make run` starts it, and tabs of a real browser in which nothing may go wrong."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.browser.visiting import PATIENCE_MS, Visits
from tests.conftest import DatabaseUrls
from tests.gateway import Gateway, running

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def gateway(fresh_databases: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Run the gateway that all tests share; each brings todos and people of its own."""
    with running(fresh_databases("sqlite"), tmp_path_factory.mktemp("gateway")) as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the machine's own Chromium: nothing is fetched from elsewhere."""
    executable = shutil.which("chromium")
    assert executable is not None, "These proofs need Chromium; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        # Chromium refuses to shut root in a sandbox, and CI is root.
        launched = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def administration(chromium: Browser, gateway: Gateway) -> StorageState:
    """Sign in once, for all tests that are not about that."""
    first = Visits(chromium, gateway.port)
    state = first.reader().context.storage_state()
    first.close()
    return state


@pytest.fixture
def visits(chromium: Browser, gateway: Gateway, administration: StorageState) -> Iterator[Visits]:
    """Open tabs for visitors of the pages, each with cookies of its own; then see that nothing went wrong in them."""
    opened = Visits(chromium, gateway.port, administration)
    yield opened
    opened.close()
    assert opened.wrong == []


@pytest.fixture
def page(visits: Visits) -> Page:
    """Open one tab on a wide screen, as the administrator."""
    return visits.administrator()
