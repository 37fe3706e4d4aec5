"""Refgate: a create-or-update gateway keyed by external reference."""
