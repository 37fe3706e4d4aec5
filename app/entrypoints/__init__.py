"""The doors: each package speaks one dialect of HTTP and ends it there."""
