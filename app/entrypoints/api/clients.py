"""`/api/v1/clients`: the OAuth clients. For administrators."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Response

from app.accounts.clients import Client, Clients, Facts
from app.entrypoints import guards
from app.entrypoints.api import admin_schemas, conditions, credential_documents, paging, shapes
from app.entrypoints.api.blueprints import ApiBlueprint

_ADDRESS = "/api/v1/clients"
_EXAMPLE = {
    "name": "Alertmanager",
    "clientId": "alertmanager",
    "login": "example@example.com",
    "grantTypes": ["client_credentials"],
}


def blueprint(clients: Clients, public_url: str) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("clients", __name__, url_prefix=_ADDRESS, description="OAuth clients.")
    guards.admins(door)
    _add_reading(door, clients)
    _add_making(door, clients, public_url)
    _add_changing(door, clients)
    return door


def _add_reading(door: ApiBlueprint, clients: Clients) -> None:
    @door.route("", methods=["GET"])
    @door.arguments(admin_schemas.LIST_QUERY, location="query")
    @door.doc(**credential_documents.LIST_CLIENTS)
    def list_clients(query: dict[str, Any]) -> Response:
        """List OAuth clients by id; the built-in one is not among them."""
        page, last = clients.page(limit=query["limit"], after=paging.name_in(query.get("cursor")))
        return shapes.answer({"clients": [_shaped(client) for client in page], "nextCursor": paging.written(last)})

    @door.route("/<client_id>", methods=["GET"])
    @door.doc(**credential_documents.SHOW_CLIENT)
    def show_client(client_id: str) -> Response:
        """Show an OAuth client; not its secret, of which only a hash is stored."""
        return shapes.tagged(_shaped(clients.get(client_id)))


def _add_making(door: ApiBlueprint, clients: Clients, public_url: str) -> None:
    @door.route("", methods=["POST"])
    @door.arguments(credential_documents.NEW_CLIENT, example=_EXAMPLE)
    @door.doc(**credential_documents.MAKE_CLIENT)
    def make_client(sent: dict[str, Any]) -> Response:
        """Make an OAuth client."""
        client, secret = clients.create(
            sent["name"],
            login=sent.get("login"),
            grant_types=sent["grantTypes"],
            client_id=sent.get("clientId"),
            public=sent["public"],
            actor=guards.identity().login,
        )
        headers = {"Location": f"{public_url}{_ADDRESS}/{quote(client.id)}", "Cache-Control": "no-store"}
        return shapes.answer({**_shaped(client), "client_secret": secret}, HTTPStatus.CREATED, headers)


def _add_changing(door: ApiBlueprint, clients: Clients) -> None:
    @door.route("/<client_id>", methods=["PATCH"])
    @door.arguments(credential_documents.CLIENT_CHANGE, example={"name": "Alertmanager in Berlin"})
    @door.doc(**credential_documents.CHANGE_CLIENT)
    def change_client(sent: Facts, client_id: str) -> Response:
        """Change an OAuth client; absent facts stay, and so does its secret."""
        check = conditions.to_change(_shaped)
        return shapes.tagged(_shaped(clients.change(client_id, sent, actor=guards.identity().login, check=check)))

    @door.route("/<client_id>", methods=["DELETE"])
    @door.doc(**credential_documents.DELETE_CLIENT)
    def delete_client(client_id: str) -> Response:
        """Delete an OAuth client and all tokens it has got, at once."""
        clients.delete(client_id, actor=guards.identity().login, check=conditions.to_change(_shaped))
        return Response(status=HTTPStatus.NO_CONTENT)


def _shaped(client: Client) -> shapes.Json:
    return {
        "id": client.id,
        "client_id": client.id,
        "name": client.name,
        "login": client.login,
        "grantTypes": client.grant_types,
        "public": client.public,
        "createdAt": shapes.instant(client.created_at),
    }
