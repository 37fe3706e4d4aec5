"""Takes a picture of each page, on a phone and on a wide screen, in light and in dark, after the story was told.

    python -m tests.browser.screenshots DIRECTORY [WORD ...]

With words, only of the pages whose names hold one of them.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from tests.browser import places, story
from tests.browser.story import Story
from tests.browser.visiting import NARROW, WIDE, Visits
from tests.gateway import running

_SCHEMES: Sequence[Literal["light", "dark"]] = ("light", "dark")


def main(directory: Path, words: Sequence[str]) -> None:
    """Tell the story to a gateway and take the pictures."""
    directory.mkdir(parents=True, exist_ok=True)
    names = [name for name in places.PAGES if not words or any(word in name for word in words)]
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        ground = Path(place)
        with running(f"sqlite:///{ground}/refgate.db", ground) as gateway:
            told = story.tell(gateway)
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            administration = Visits(browser, gateway.port).reader().context.storage_state()
            for name in names:
                _take(Visits(browser, gateway.port, administration), told, name, directory)
            browser.close()


def _take(visits: Visits, told: Story, name: str, directory: Path) -> None:
    for width in (NARROW, WIDE):
        page = (visits.tab if name in places.FOR_STRANGERS else visits.administrator)(width)
        page.goto(places.address(name, told), wait_until="networkidle")
        for scheme in _SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(200)  # charts are drawn anew
            page.screenshot(path=directory / f"{_file_name(name)}-{width}-{scheme}.png", full_page=True)
    visits.close()
    for wrong in visits.wrong:
        sys.stderr.write(f"{name}: {wrong}\n")


def _file_name(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
