"""The page of a source: its state rule as a form, what it would do, and what it would have done of late."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import (
    comparison,
    preview,
    rule_choices,
    rule_form,
    rule_pointers,
    rule_summary,
    source_form,
    trial_form,
)
from app.entrypoints.web.admin.comparison import Comparison
from app.entrypoints.web.admin.preview import Preview
from app.entrypoints.web.forms import Form
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.errors import Invalid, RefgateError
from app.sources.configuration import Configuration, Source
from app.sources.rules import StateRule

_BLANK_ROWS, _MORE_ROWS = 2, 4
_REQUESTS = 500


class SourcePage:
    """Shows and changes one source, and tries a rule before it is saved."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._configuration = services.configuration
        self._trials = services.trials
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        address = f"{source_form.LIST}/<name>"
        door.add_url_rule(address, "source", self._show)
        door.add_url_rule(f"{address}/rule", "source_rule", self._show)
        door.add_url_rule(f"{address}/rule", "source_save", self._save, methods=["POST"])
        for step, view in (("preview", self._try), ("comparison", self._compare), ("rows", self._more_rows)):
            door.add_url_rule(f"{address}/{step}", f"source_{step}", self._show)
            door.add_url_rule(f"{address}/{step}", f"source_{step}_sent", view, methods=["POST"])

    def _show(self, name: str) -> Response:
        now = self._configuration.reload()
        source = _get(now, name)
        form = forms.showing(source_form.values_of(source))
        # What is tried is no part of the source, so the mark of what was shown knows nothing of it.
        proposed = {field: (text,) for field, text in trial_form.proposed(source.rule or StateRule(), now).items()}
        return self._page(source, now, replace(form, values={**form.values, **proposed}))

    def _save(self, name: str) -> Response:
        form, now = forms.sent(), self._configuration.reload()
        before = _get(now, name)
        try:
            saved = self._configuration.change_source(
                name,
                description=source_form.description(form.values),
                enabled=form.is_on("enabled"),
                scope=form.value("scope"),
                rule=rule_form.data_of(form.values),
                actor=guards.identity().login,
                check=forms.still_as_seen(form, source_form.values_of),
            )
        except forms.REFUSALS as error:
            return self._page(before, now, form.refused(_beside(error)))
        return self._pages.go(source_form.rule_address(name), Notice.UNCHANGED if saved == before else Notice.SAVED)

    def _try(self, name: str) -> Response:
        now = self._configuration.reload()
        return self._page(_get(now, name), now, forms.sent())

    def _compare(self, name: str) -> Response:
        form, now = forms.sent(), self._configuration.reload()
        source = _get(now, name)
        try:
            rule = rule_form.data_of(form.values)
            compared = comparison.of(self._trials.replay(name, rule, _REQUESTS), rule)
        except Invalid as error:
            return self._page(source, now, _with_problems(form, error), compared=comparison.REFUSED)
        return self._page(source, now, form, compared=compared)

    def _more_rows(self, name: str) -> Response:
        form, now = forms.sent(), self._configuration.reload()
        return self._page(_get(now, name), now, form, blank_rows=rule_form.blank_rows(form.values) + _MORE_ROWS)

    def _page(
        self,
        source: Source,
        now: Configuration,
        form: Form,
        *,
        compared: Comparison | None = None,
        blank_rows: int = _BLANK_ROWS,
    ) -> Response:
        tried, form = self._tried(source, now, form)
        facts = {
            "source": source,
            "own": source_form.address(source.name),
            "rows": [*rule_form.rows(form.values), *[("", "")] * blank_rows],
            "preview": tried,
            "called": rule_pointers.called,
            "compared": compared,
            "is_stale": comparison.is_stale(form.value(comparison.MARK), form.values),
            "requests": _REQUESTS,
            "remarks": rule_summary.remarks(form.values),
            "remarked": rule_summary.REMARKED,
            **_choices(now, form),
        }
        return self._pages.show_form("admin/source.html", form, facts)

    def _tried(self, source: Source, now: Configuration, form: Form) -> tuple[Preview, Form]:
        """Try the form's rule on the form's submission; what is wrong then stands beside the fields, too."""
        try:
            trial = trial_form.trial(source.name, form, now, datetime.now(UTC))
            return preview.of(self._trials.simulate(trial, guards.identity()), now), form
        except Invalid as error:
            return preview.refused(error.problems), _with_problems(form, error)
        except forms.REFUSALS as error:
            return preview.refused_because(error.message), form


def _get(now: Configuration, name: str) -> Source:
    found = now.source_named(name)
    if found is None:
        raise errors.NotFound("There is no such source.")
    return found


def _beside(error: RefgateError) -> RefgateError:
    return Invalid(rule_pointers.beside(error.problems)) if isinstance(error, Invalid) else error


def _with_problems(form: Form, error: Invalid) -> Form:
    """Say what is wrong beside the fields of a form that nobody wants to save yet."""
    return replace(form.refused(_beside(error)), told=form.told) if not form.problems else form


def _choices(now: Configuration, form: Form) -> Mapping[str, object]:
    values = form.values
    return {
        "open_states": rule_choices.states(now, form.listed("openStates")),
        "never_reopen": rule_choices.states(now, form.listed("neverReopen")),
        "reopen_statuses": rule_choices.statuses(now, form.value("reopenStatus")),
        "statuses": now.statuses,
        "existing": rule_choices.supposed(now, form.value(trial_form.EXISTING)),
        "words": list(dict.fromkeys((*form.listed(rule_form.WORD), *(status.name for status in now.statuses)))),
        "reference_fields": rule_choices.reference_fields(now, form.value("referenceFrom")),
        "field_policies": rule_choices.field_policies(now, values),
        "list_policies": rule_choices.list_policies(values),
        "defaults": rule_choices.defaults(now, values),
        "counts": {name: rule_choices.count_set(values, name) for name in ("fieldPolicy", "defaults")},
    }
