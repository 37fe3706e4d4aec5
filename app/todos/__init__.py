"""The one operation and the todos it creates and updates."""
