"""Forms that make one thing, however often they are sent: a reload of the page that shows a secret sends them again.

A form bears the number of the last such thing that its reader had made when it was opened. Once one is made the number
is another, and the form is refused, be the thing deleted since or not: the audit trail numbers them.
"""

from dataclasses import replace

from app import errors
from app.audit.trail import Trail
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.forms import Form, Values

_LONGEST = 18


class Once:
    """The forms that make a kind of thing."""

    def __init__(self, trail: Trail, kind: str) -> None:
        self._trail = trail
        self._kind = kind

    def opened(self, values: Values) -> Form:
        """Give a form to be sent once."""
        return self._marked(forms.blank(values))

    def after(self, form: Form) -> int:
        """Give the entry of the trail after which the sender must have made none, or the form was sent before."""
        return int(form.seen) if form.seen.isascii() and form.seen.isdigit() and len(form.seen) <= _LONGEST else -1

    def refused(self, form: Form, error: errors.RefgateError) -> Form:
        """Give the form with what is wrong; where it was sent before, it can be sent again on purpose."""
        return self._marked(form.refused(error))

    def _marked(self, form: Form) -> Form:
        return replace(form, seen=self._mark())

    def _mark(self) -> str:
        return str(self._trail.last_made(kind=self._kind, actor=guards.identity().login))
