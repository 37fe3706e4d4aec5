"""Refgate's own words: the REST API described by OpenAPI."""
