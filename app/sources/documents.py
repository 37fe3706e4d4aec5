"""What is configured as plain values in the words of the wire: for answers, for files, for the audit trail."""

from app.sources.configuration import CustomField, Source, Workspace
from app.sources.rule_parsing import rule_to_data
from app.sources.rules import Status

Document = dict[str, object]


def of_status(status: Status) -> Document:
    """Describe a status."""
    return {"name": status.name, "type": status.type.value, "position": status.position}


def of_workspace(workspace: Workspace) -> Document:
    """Describe a workspace."""
    return {"key": workspace.key, "name": workspace.name, "customersMayCreate": workspace.customers_may_create}


def of_field(field: CustomField) -> Document:
    """Describe a custom field."""
    return {"name": field.name, "type": field.type.value, "choices": list(field.choices), "label": field.label}


def of_source(source: Source) -> Document:
    """Describe a source with all settings of its rule, or with none where the stored rule is broken."""
    return {
        "name": source.name,
        "description": source.description,
        "enabled": source.enabled,
        "scope": source.scope,
        "rule": None if source.rule is None else rule_to_data(source.rule),
        "ruleVersion": source.rule_version,
    }
