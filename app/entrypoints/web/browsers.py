"""Which browser a session was opened with, as people call it. Pure."""

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Marks and what they stand for. Those that imitate others stand before whom they imitate."""
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_NOBODY_SAYS = "A program that does not say what it is"


def browser_named(user_agent: str) -> str:
    """Name the browser and its system, or repeat what a program says of itself."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    if browser is None or not user_agent.startswith("Mozilla/"):
        return user_agent.strip() or _NOBODY_SAYS
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    return f"{browser} on {system}" if system else browser
