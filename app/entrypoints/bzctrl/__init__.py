"""BzCtrl's words."""
