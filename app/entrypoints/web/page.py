"""What a page is to the door that wires it."""

from typing import Protocol

from flask import Blueprint

from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services


class Page(Protocol):
    """One page, or a few that belong together."""

    def __init__(self, services: Services, pages: Pages) -> None:
        """Take what the page calls."""

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
