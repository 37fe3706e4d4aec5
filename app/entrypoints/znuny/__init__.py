"""Znuny GenericInterface's words."""
