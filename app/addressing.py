"""Which names can stand in the address of a thing, such as /api/v1/users/ann. Pure."""

_RESERVED = frozenset("/\\?#%")
ADDRESSABLE = "without / \\ ? # % and without blanks around it"


def can_stand_in_an_address(name: str) -> bool:
    """Say whether a name can be one step of an address, whatever stands between here and who asks.

    Senders fold `.` and `..` away (RFC 3986 section 5.2.4), and many take %2F for a slash.
    """
    return bool(name.strip(".")) and name == name.strip() and name.isprintable() and _RESERVED.isdisjoint(name)
