"""The leaves of the log: what was decided of an event, or an erasure, as one canonical JSON text (RFC 8785).

Form 2 holds the evidence of a decision, form 1 held the decision in words; both are read.
"""

from walkaway.deal.encode import Content, canonical

FORMAT = 2
"""The form of an entry; one more whenever it changes."""
IN_WORDS = 1
"""The form whose entries hold decisions in words."""


def decision_entry(evidence: bytes, event: bytes, release: bytes) -> bytes:
    """Return the entry that records a decision: its parts canonical already, the keys in their order."""
    return b'{"event":%b,"evidence":%b,"format":%d,"release":%b}' % (event, evidence, FORMAT, release)


def erasure_entry(erasure: Content, release: str) -> bytes:
    """Return the entry that records an erasure."""
    return b'{"erasure":%b,"format":%d,"release":%b}' % (canonical(erasure), FORMAT, canonical(release))
