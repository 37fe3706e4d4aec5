"""Where to go after signing in: to an address of this site and to no other. Pure."""

from urllib.parse import quote, urlencode, urlsplit

FIRST_PAGE = "/todos"
SIGN_IN = "/sign-in"

_LONGEST = 2000
_GOING_IN_CIRCLES = ("/sign-in", "/sign-out")


def sign_in_address(path: str, query: str) -> str:
    """Give the address of the sign-in that leads back to a page."""
    back = quote(path, safe="/") + (f"?{query}" if query else "")
    return f"{SIGN_IN}?{urlencode({'next': back})}"


def destination(wanted: str) -> str:
    """Give what somebody wants to go to where it is a path of this site, else the first page.

    Browsers read `//host` as another host, take a backslash for a slash, and drop tabs and line breaks before they
    look (WHATWG URL standard, section 4.4), so nothing with one of these is a path here.
    """
    is_path = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    is_good = is_path and wanted.isprintable() and len(wanted) <= _LONGEST
    return wanted if is_good and not wanted.startswith(_GOING_IN_CIRCLES) else FIRST_PAGE


def root_of(public_url: str) -> str:
    """Give what every path of this site begins with before a proxy takes it off: nothing, or such as `/refgate`."""
    return urlsplit(public_url).path.rstrip("/")
