"""What to tell a sender so that it speaks to a source: commands and settings with the source's own values. Pure."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from app.entrypoints.web.admin import first_requests
from app.entrypoints.web.admin.first_requests import Target
from app.sources.rules import EXTERNAL_REFERENCE

_BZCTRL = "/bzctrl-core-api"
_ZNUNY = "/znuny/nph-genericinterface.pl/Webservice/"
_SENDS_NO_WORKSPACE = (
    "This sender names no workspace, so the rule of the source has to: give the rule a default workspace, or what it "
    "sends is refused."
)
_SENDS_EXTERNAL_REFERENCE = (
    "This sender sends its reference as externalReference, but the rule of the source reads it from {}: let the rule "
    "read externalReference, or use another source."
)


@dataclass(frozen=True, slots=True)
class Part:
    """A text to take away, and what it is."""

    id: str
    caption: str
    code: str


@dataclass(frozen=True, slots=True)
class Section:
    """How one kind of sender is connected."""

    id: str
    title: str
    lead: str
    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()


def sections(target: Target) -> Sequence[Section]:
    """Give all ways to connect a source."""
    return (
        _own_words(target),
        _python(target),
        _alertmanager(target),
        _zabbix(target),
        _bzctrl(target),
        _znuny(target),
    )


def _own_words(target: Target) -> Section:
    address = f"{target.public_url}/api/v1/external-reference"
    lead = "Run it twice: the first time it creates a todo, the second time it finds it by its reference."
    parts = (
        Part(
            "curl",
            "In a shell, where REFGATE_KEY holds the key",
            first_requests.curl("POST", address, first_requests.submission(target)),
        ),
        Part(
            "curl-dry-run",
            "The same without writing anything: says what would happen",
            first_requests.curl("POST", f"{address}?dryRun=true", first_requests.submission(target)),
        ),
    )
    return Section("own-words", "curl, and any program that can POST", lead, parts)


def _python(target: Target) -> Section:
    lead = "For an ERP, a CRM or a nightly job. It needs Python and nothing else."
    address = first_requests.quoted(f"{target.public_url}/api/v1/external-reference")
    code = _PYTHON.format(address=address, facts=first_requests.indented(first_requests.submission(target)))
    return Section("python", "A program in Python", lead, (Part("python-code", "send.py", code),))


def _alertmanager(target: Target) -> Section:
    lead = (
        "The relay docs/senders/alertmanager-relay, which comes with Refgate, stands between them: one file of Python "
        "without dependencies. Run it beside Alertmanager, as a service of its own. The reference is the alert's "
        "fingerprint; a resolved alert closes its todo. Where Refgate is away it answers 503, and Alertmanager tries "
        "again."
    )
    words = {"REFGATE_URL": target.public_url, "REFGATE_SOURCE": target.source}
    settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in words.items())
    relay = f'{settings} REFGATE_KEY="$REFGATE_KEY" docs/senders/alertmanager-relay'
    parts = (
        Part("alertmanager-relay", "The relay, where REFGATE_KEY holds the key", relay),
        Part("alertmanager-yml", "In alertmanager.yml", _ALERTMANAGER),
    )
    return Section("alertmanager", "Alertmanager", lead, parts, tuple(_warnings(target)))


def _zabbix(target: Target) -> Section:
    lead = (
        "Create a media type of the type Webhook with the script docs/senders/zabbix-webhook.js, which comes with "
        "Refgate. Give it these parameters, tick “Process tags”, and enable message templates for problems, recoveries "
        "and updates. {$REFGATE_KEY} is a secret macro that holds the key. The tag refgate_url leads to the todo."
    )
    parameters = {"url": target.public_url, "key": "{$REFGATE_KEY}", "source": target.source, **_ZABBIX}
    code = "\n".join(f"{name:<12} {value}" for name, value in parameters.items())
    return Section("zabbix", "Zabbix", lead, (Part("zabbix-parameters", "Parameters", code),), tuple(_warnings(target)))


def _bzctrl(target: Target) -> Section:
    base = target.public_url + _BZCTRL
    lead = (
        "Clients of BzCtrl's two documents work unmodified once their base URL and their login are changed. An API key "
        "goes wherever they send a token; those that ask for one get it at /oauth/token or /api/authenticate."
    )
    parts = (
        Part("bzctrl-base", "Base URL", base),
        Part(
            "bzctrl-add-task",
            "add-task, as the second document has it",
            first_requests.curl("POST", f"{base}/api/v1/task/add-task", first_requests.add_task(target)),
        ),
        Part(
            "bzctrl-task",
            "PUT task, as the first document has it",
            first_requests.curl("PUT", f"{base}/api/task", first_requests.put_task(target)),
        ),
    )
    return Section("bzctrl", "BzCtrl's clients", lead, parts)


def _znuny(target: Target) -> Section:
    base = f"{target.public_url}{_ZNUNY}{quote(target.source, safe='')}"
    lead = (
        "Clients of Znuny's GenericInterface work unmodified once their address and their login are changed; the web "
        "service has the name of the source. Where a client may be changed, one ExternalReference does what takes "
        "others a search and then a create or an update. With UserLogin and Password in the body it needs no key."
    )
    parts = (
        Part("znuny-base", "Address of the web service", base),
        Part(
            "znuny-external-reference",
            "ExternalReference",
            first_requests.curl("POST", f"{base}/ExternalReference", first_requests.ticket(target)),
        ),
    )
    return Section("znuny", "Znuny's clients", lead, parts)


def _warnings(target: Target) -> Iterator[str]:
    if not target.gives_workspace:
        yield _SENDS_NO_WORKSPACE
    if target.reference_from != EXTERNAL_REFERENCE:
        yield _SENDS_EXTERNAL_REFERENCE.format(target.reference_from)


_ZABBIX = {
    "trigger_id": "{TRIGGER.ID}",
    "event_name": "{EVENT.NAME}",
    "event_value": "{EVENT.VALUE}",
    "severity": "{EVENT.NSEVERITY}",
    "message": "{ALERT.MESSAGE}",
}
_ALERTMANAGER = """\
receivers:
  - name: refgate
    webhook_configs:
      - url: http://127.0.0.1:9095/
        send_resolved: true
route:
  receiver: refgate"""
_PYTHON = """\
import json
import os
import urllib.request

ADDRESS = {address}
HEADERS = {{"Authorization": "Bearer " + os.environ["REFGATE_KEY"], "Content-Type": "application/json"}}


def send(facts):
    request = urllib.request.Request(ADDRESS, json.dumps(facts).encode(), HEADERS)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


answer = send({facts})
print(answer["outcome"] + ":", answer["reason"])"""
