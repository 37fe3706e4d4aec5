"""PyOTRS: sessions, and tickets created, searched, updated and read, as an agent and as a customer."""

from pathlib import Path

import pytest
from pyotrs import Article, Client, DynamicField, Ticket
from pyotrs.lib import TICKET_CONNECTOR_CONFIG_DEFAULT, APIError, Attachment

from tests.conftest import WORKSPACE
from tests.integration.clients.conftest import OPENED, PASSWORD, Znuny

_EXTENDED = {
    **TICKET_CONNECTOR_CONFIG_DEFAULT,
    "Config": {
        **TICKET_CONNECTOR_CONFIG_DEFAULT["Config"],
        "ExternalReference": {"RequestMethod": "POST", "Route": "/ExternalReference", "Result": "TicketID"},
    },
}
_ARTICLE = {"Subject": "DiskFull", "Body": "Root disk 97% full - Größe"}


def _signed_in(znuny: Znuny, tmp_path: Path, login: str, **options: object) -> Client:
    client = Client(
        znuny.url,
        login,
        PASSWORD,
        session_id_file=str(tmp_path / "session"),
        webservice_config_ticket=_EXTENDED,
        **options,
    )
    assert client.session_create()
    return client


@pytest.fixture(params=[False, True], ids=["by access token", "by session id"])
def client(request: pytest.FixtureRequest, znuny: Znuny, tmp_path: Path) -> Client:
    """Sign in as the agent, as for OTRS 8 and as for those before it."""
    return _signed_in(znuny, tmp_path, znuny.agent, use_legacy_sessions=request.param)


def _ticket(**more: object) -> Ticket:
    facts = {"Title": "DiskFull db01", "Queue": WORKSPACE, "State": "new", "Priority": "3 normal"}
    return Ticket.create_basic(**{**facts, "CustomerUser": "mon@example.org", "Type": "Incident", **more})


def test_a_ticket_is_created_found_updated_and_read(client: Client, znuny: Znuny) -> None:
    reference = znuny.reference()
    fields = [DynamicField("ExternalReference", reference), DynamicField("Site", "Köln")]
    made = client.ticket_create(_ticket(), Article(_ARTICLE), dynamic_fields=fields)
    assert made["TicketNumber"].startswith(f"{WORKSPACE}-")
    assert client.ticket_search(TicketNumber=made["TicketNumber"], StateType="Open") == [made["TicketID"]]

    read = client.ticket_get_by_id(made["TicketID"], articles=True)
    assert read.tid == int(made["TicketID"])
    told = [read.field_get(name) for name in ("Title", "Queue", "State", "Priority", "Type", "CustomerUserID")]
    assert told == ["DiskFull db01", WORKSPACE, "new", "3 normal", "Incident", "mon@example.org"]
    assert read.dynamic_field_get("ExternalReference").value == reference
    assert read.dynamic_field_get("Site").value == "Köln"
    article = read.article_get(made["ArticleID"])
    assert [article.field_get(name) for name in ("Subject", "Body")] == ["DiskFull", "Root disk 97% full - Größe"]

    closed = client.ticket_update(
        made["TicketID"], Article({"Subject": "Fixed", "Body": "Cleaned up"}), State="closed successful"
    )
    assert closed["TicketID"] == made["TicketID"]
    again = client.ticket_get_by_number(made["TicketNumber"], articles=True)
    assert (again.field_get("State"), again.field_get("StateType")) == ("closed successful", "closed")
    assert [each.field_get("Subject") for each in again.articles] == ["DiskFull", "Fixed"]
    assert client.ticket_search(TicketNumber=made["TicketNumber"], StateType="Open") == []


def test_a_ticket_waits_until_a_day(client: Client) -> None:
    made = client.ticket_create(_ticket(), Article(_ARTICLE))
    client.ticket_update_set_pending(made["TicketID"], pending_days=3)
    read = client.ticket_get_by_id(made["TicketID"])
    assert read.field_get("StateType") == "open", "no status is of the type pending here, so it is open"


def test_a_session_is_good_until_it_is_not(client: Client) -> None:
    assert client.session_get(client.session_id_store.value)
    assert not client.session_get("nobody")


def test_a_session_is_kept_in_a_file_and_found_again(znuny: Znuny, tmp_path: Path) -> None:
    first = _signed_in(znuny, tmp_path, znuny.agent)
    assert first.session_restore_or_create()
    second = Client(znuny.url, znuny.agent, PASSWORD, session_id_file=str(tmp_path / "session"))
    assert second.session_restore_or_create()
    assert second.session_id_store.value == first.session_id_store.value


def test_several_tickets_are_read_at_once_and_each_has_a_history(client: Client) -> None:
    ids = [client.ticket_create(_ticket(Title=title), Article(_ARTICLE))["TicketID"] for title in ("one", "two")]
    assert [ticket.field_get("Title") for ticket in client.ticket_get_by_list(ids)] == ["one", "two"]
    assert client.ticket_history_get_by_id(ids[0])
    (told,) = client.result
    assert told["TicketID"] == ids[0]
    assert [line["TicketID"] for line in told["History"]] == [ids[0]]


def test_what_does_not_exist_is_denied(client: Client) -> None:
    with pytest.raises(APIError, match=r"TicketGet\.AccessDenied"):
        client.ticket_get_by_id(999_999)


def test_an_attachment_is_refused_in_words(client: Client) -> None:
    attachment = Attachment.create_basic("aGVsbG8=", "text/plain", "log.txt")
    with pytest.raises(APIError, match=r"(?s)TicketCreate.InvalidParameter.*[Aa]ttachment"):
        client.ticket_create(_ticket(), Article(_ARTICLE), attachments=[attachment])


def test_it_loses_the_value_of_a_dynamic_field_in_a_search_so_the_search_is_refused(client: Client) -> None:
    """PyOTRS searches by GET, and writes only the operator into the address. Znuny cannot know the value either."""
    field = DynamicField("ExternalReference", search_patterns=["mon-123"])
    with pytest.raises(APIError, match=r"(?s)TicketSearch.InvalidParameter.*POST"):
        client.ticket_search(dynamic_fields=[field])


def test_the_one_operation_creates_then_updates(client: Client, znuny: Znuny) -> None:
    reference = znuny.reference()
    first, second = (_submit(client, reference, priority) for priority in ("5 very high", "1 very low"))
    assert (first["Operation"], second["Operation"]) == ("TicketCreate", "TicketUpdate")
    assert first["TicketID"] == second["TicketID"]
    assert second["URL"].endswith(f"/todo/{first['TicketNumber']}")


def _submit(client: Client, reference: str, priority: str) -> dict[str, str]:
    client.operation = "ExternalReference"
    key = "SessionID" if client.use_legacy_sessions else "AccessToken"
    document = {
        key: client.session_id_store.value,
        "ExternalReference": reference,
        "Ticket": {"Title": "DiskFull db01", "Queue": WORKSPACE, "State": "open", "Priority": priority},
    }
    assert client._parse_and_validate_response(client._send_request(document))
    answer: dict[str, str] = client.result_json
    return answer


def test_a_customer_creates_and_reads_what_is_its_own(znuny: Znuny, tmp_path: Path) -> None:
    client = _signed_in(znuny, tmp_path, znuny.customer, customer_user=True)
    made = client.ticket_create(_ticket(Queue=OPENED, CustomerUser="cust@example.org"), Article(_ARTICLE))
    read = client.ticket_get_by_id(made["TicketID"])
    assert read.field_get("CustomerID") == "ACME"
    assert client.ticket_search(Queues=[OPENED])[0] == made["TicketID"]


def test_a_customer_is_kept_from_what_is_not(znuny: Znuny, tmp_path: Path) -> None:
    agent = _signed_in(znuny, tmp_path, znuny.agent)
    foreign = agent.ticket_create(_ticket(), Article(_ARTICLE))["TicketID"]
    client = _signed_in(znuny, tmp_path, znuny.customer, customer_user=True)
    with pytest.raises(APIError, match=r"TicketGet\.AccessDenied"):
        client.ticket_get_by_id(foreign)
    with pytest.raises(APIError, match=r"TicketUpdate\.AccessDenied"):
        client.ticket_update(foreign, State="closed successful")
    with pytest.raises(APIError, match=r"TicketCreate\.AccessDenied"):
        client.ticket_create(_ticket(), Article(_ARTICLE))
