"""The pages: the todo behind the link and the administrator's pages."""
