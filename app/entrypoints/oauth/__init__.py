"""OAuth 2: credentials become tokens (RFC 6749), tokens are revoked (RFC 7009) and told about (RFC 7662).

By Authlib, with token rows of our own that hold no token. Authlib's classes for Flask are left aside: they also read
credentials from the URL, and its grants write tokens into the debug log.
"""
