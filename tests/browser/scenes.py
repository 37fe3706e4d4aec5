"""What is sent in the story: who says what, in which hours of a day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

HOURS = 24

Json = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """What a source says from one hour until another, so many times in each."""

    source: str
    facts: Mapping[str, object]
    first: int
    last: int
    times: int = 1
    then: Mapping[str, object] = field(default_factory=dict)
    """What it says after the last hour, if anything."""

    def at(self, hour: int) -> Iterator[Json]:
        """Give what is sent in an hour."""
        if self.first <= hour <= self.last:
            for _ in range(self.times + hour % 3):
                yield {"source": self.source, **self.facts}
        if self.then and hour == self.last + 1:
            yield {"source": self.source, **self.facts, **self.then}


def in_days(days: int) -> str:
    """Give a day that is so many days from now."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def _alert(reference: str, name: str, told: str, first: int, last: int, times: int, **more: object) -> Scene:
    facts = {"externalReference": reference, "title": name, "description": told, "status": "firing", **more}
    return Scene("alertmanager", facts, first, last, times, {"status": "resolved"} if last < HOURS - 1 else {})


def _order(number: str, title: str, word: str, first: int, last: int, **more: object) -> Scene:
    return Scene("erp", {"orderID": number, "title": title, "status": word, **more}, first, last)


def _trigger(number: str, title: str, first: int, last: int, times: int, **more: object) -> Scene:
    facts = {"externalReference": number, "title": title, "status": "PROBLEM", **more}
    return Scene("zabbix", facts, first, last, times, {"status": "RECOVERY"} if last < HOURS - 1 else {})


_DISK = (
    "Root disk 97 % full. Größe prüfen ⚠\n\nRunbook: https://runbooks.example/disk (2nd floor, ring twice)\n"
    "The same volume was grown in March; ask storage before growing it again."
)
_PAPERS = (
    "The consignee has not been named, and the declared weight differs from the weighbridge by 1,420 kg.\n"
    "Customs will hold the container from Thursday on."
)

SCENES = (
    _alert("6d06c5ad803017b7", "DiskFull on db01:9100", _DISK, 2, 23, 6, priority="HIGH", tags=["storage", "db01"]),
    _alert("b11c9a0e55d2f6a1", "HighLatency on gate-api", "p99 2.4 s for ten minutes", 7, 11, 4, priority="MEDIUM"),
    _alert("b11c9a0e55d2f6a1", "HighLatency on gate-api", "p99 3.1 s for ten minutes", 13, 15, 3, priority="HIGH"),
    _alert("0fe1d2c3b4a59687", "CertificateExpires on edge-2", "Ends in 6 days", 0, 23, 1, priority="LOW"),
    _alert("77aa12cd90be4413", "PodCrashLooping customs-sync", "Restarted 14 times in an hour", 16, 19, 5),
    _order("SO-10017", "Order 10017 is late", "released", 1, 1, dueDate=in_days(2)),
    _order("SO-10017", "Order 10017 is late", "in work", 8, 10, dueDate=in_days(3)),
    _order(
        "SO-10018",
        "Order 10018 lacks its customs papers",
        "in work",
        1,
        3,
        description=_PAPERS,
        priority="HIGH",
        customer="acme",
        fields={"terminal": "T3 (reefer)", "container": "MSKU 907032 3", "weight": 21420, "eta": in_days(5)},
        tags=["customs", "reefer"],
        todoType="INCIDENT",
        financialImpact="123577",
        impact="HIGH",
        likelihood="MEDIUM",
        category=["Customs"],
        subCategory=["Documents"],
    ),
    _order("SO-10019", "Order 10019: partial delivery", "released", 1, 1, customer="nordsee"),
    _order("SO-10019", "Order 10019: partial delivery", "closed successful", 12, 13, customer="nordsee"),
    _order("SO-10019", "Order 10019: the rest has come", "released", 20, 20, customer="nordsee"),
    _order("SO-10020", "Order 10020 waits for its vessel", "held", 2, 4, customer="acme"),
    _order("SO-10021", "Order 10021", "cancelled", 3, 3),
    _order("SO-10022", "Order 10022 is to be weighed again", "released", 14, 14, priority="URGENT"),
    _order("SO-10023", "Order 10023: invoice and goods differ", "in work", 15, 17, workspace="EXA-CON-FIN-ACC"),
    _trigger("41877", "Crane 3: hydraulic pressure low", 5, 6, 5, priority="HIGH"),
    _trigger("41877", "Crane 3: hydraulic pressure low", 9, 10, 4, priority="HIGH"),
    _trigger("40012", "Gate 7: barrier does not close", 10, 23, 2, priority="MEDIUM"),
    _trigger("42200", "Weighbridge 2: no data for 15 minutes", 17, 18, 3),
)


def sent_in(hour: int) -> Iterator[Json]:
    """Give all that is sent in an hour."""
    for scene in SCENES:
        yield from scene.at(hour)
