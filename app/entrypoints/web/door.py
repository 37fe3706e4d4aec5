"""The addresses of the pages."""

from collections.abc import Sequence
from functools import partial

from flask import Blueprint

from app.entrypoints import guards
from app.entrypoints.web.admin.audit import AuditPages
from app.entrypoints.web.admin.clients import ClientPages
from app.entrypoints.web.admin.connect import Connecting
from app.entrypoints.web.admin.customers import CustomerPages
from app.entrypoints.web.admin.fields import FieldPages
from app.entrypoints.web.admin.keys import KeyPages
from app.entrypoints.web.admin.lockouts import LockoutPages
from app.entrypoints.web.admin.permissions import PermissionPages
from app.entrypoints.web.admin.requests import RequestPages
from app.entrypoints.web.admin.source_page import SourcePage
from app.entrypoints.web.admin.sources import SourcePages
from app.entrypoints.web.admin.statuses import StatusPages
from app.entrypoints.web.admin.users import UserPages
from app.entrypoints.web.admin.workspaces import WorkspacePages
from app.entrypoints.web.assets import PREFIX, Assets
from app.entrypoints.web.destinations import FIRST_PAGE
from app.entrypoints.web.jumping import Jumping
from app.entrypoints.web.overview import Overview
from app.entrypoints.web.page import Page
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.proof import SignInProof
from app.entrypoints.web.services import Services
from app.entrypoints.web.sessions import OwnSessions
from app.entrypoints.web.sign_in import SignIn
from app.entrypoints.web.todo_editing import TodoEditing
from app.entrypoints.web.todo_page import TodoPage
from app.entrypoints.web.todos import Todos

_FOR_EVERYBODY: Sequence[type[Page]] = (
    Jumping,
    Todos,
    TodoPage,
    TodoEditing,
    OwnSessions,
)
_FOR_ADMINISTRATORS: Sequence[type[Page]] = (
    Overview,
    SourcePages,
    SourcePage,
    RequestPages,
    StatusPages,
    WorkspacePages,
    FieldPages,
    UserPages,
    CustomerPages,
    PermissionPages,
    KeyPages,
    ClientPages,
    LockoutPages,
    AuditPages,
    Connecting,
)


def blueprints(services: Services) -> tuple[Blueprint, Blueprint]:
    """Wire the doors: one for everybody, and one for administrators alone."""
    assets = Assets()
    pages = Pages(services.cookie, assets, services.public_url)
    return _for_everybody(services, pages, assets), _for_administrators(services, pages)


def _for_everybody(services: Services, pages: Pages, assets: Assets) -> Blueprint:
    door = Blueprint("web", __name__)
    guards.take_forms(door)
    pages.install(door)
    door.add_url_rule("/", "first", guards.public(partial(pages.go, FIRST_PAGE)))
    door.add_url_rule(f"{PREFIX}<version>/<name>", "asset", guards.public(partial(assets.answer)))
    SignIn(services.sessions, services.guard, services.cookie, SignInProof(services.public_url), pages).add_to(door)
    for page in _FOR_EVERYBODY:
        page(services, pages).add_to(door)
    return door


def _for_administrators(services: Services, pages: Pages) -> Blueprint:
    door = Blueprint("admin_web", __name__)
    guards.take_forms(door)
    guards.admins(door)
    for page in _FOR_ADMINISTRATORS:
        page(services, pages).add_to(door)
    return door
