"""What keeps people from reading a page, as axe-core finds it."""

from importlib import resources
from typing import Any

from playwright.sync_api import Page

_SCRIPT = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
_RUN = "only => axe.run({resultTypes: ['violations'], ...only})"
_OF_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}


def faults(page: Page) -> list[str]:
    """Give all faults of a page in light, and those that its colours have in dark, with the elements they are at.

    Colours must not move: the page is one of somebody who wants no motion.
    """
    page.evaluate(_SCRIPT)
    page.emulate_media(color_scheme="light")
    found = _found(page, {})
    page.emulate_media(color_scheme="dark")
    return found + _found(page, _OF_COLOURS)


def _found(page: Page, only: dict[str, Any]) -> list[str]:
    violations = page.evaluate(_RUN, only)["violations"]
    return [f"{fault['impact']}: {fault['help']}: {node['html']}" for fault in violations for node in fault["nodes"]]
