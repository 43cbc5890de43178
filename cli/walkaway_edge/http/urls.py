"""Links, built in one place: whatever stands in an id is encoded, `/` too."""

from urllib.parse import quote, urlencode


def link(*segments: str, **query: str) -> str:
    """Return the address of something on this server, from its segments and what is asked."""
    path = "/" + "/".join(quote(segment, safe="") for segment in segments)
    return f"{path}?{urlencode(query)}" if query else path
