"""The page on the configuration: the file it shows is one that can be applied."""

from app.assembly import Services
from app.manifest import parsing, reading
from tests.documents import ROOT, blocks

PAGE = ROOT / "docs" / "configuration.md"


def test_the_file_that_the_page_shows_can_be_applied(services: Services) -> None:
    [shown] = [block.text for block in blocks(PAGE.read_text()) if block.kind == "yaml"]
    manifest = parsing.parse(reading.read(shown.encode(), "shown").root.plain())
    assert services.manifests.apply(manifest).changes
    assert services.manifests.apply(manifest).changes == ()
