"""The leaves of the log: a decision with its event, or an erasure, as one canonical JSON text (RFC 8785)."""

from walkaway.deal.encode import Content, canonical

FORMAT = 1
"""The form of an entry; one more whenever it changes."""


def decision_entry(decision: bytes, event: bytes, release: bytes) -> bytes:
    """Return the entry that records a decision: its parts canonical already, the keys in their order."""
    return b'{"decision":%b,"event":%b,"format":%d,"release":%b}' % (decision, event, FORMAT, release)


def erasure_entry(erasure: Content, release: str) -> bytes:
    """Return the entry that records an erasure."""
    return b'{"erasure":%b,"format":%d,"release":%b}' % (canonical(erasure), FORMAT, canonical(release))
