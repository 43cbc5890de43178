"""Many deals, many versions: lines in, decisions out."""

from typing import TYPE_CHECKING

from walkaway.language.later import exported

if TYPE_CHECKING:
    from walkaway.session.follower import Record as Record
    from walkaway.session.follower import Version as Version
    from walkaway.session.history import History as History
    from walkaway.session.history import Turn as Turn
    from walkaway.session.history import history_of as history_of

__getattr__ = exported(
    __name__,
    {
        "History": "history",
        "Record": "follower",
        "Turn": "history",
        "Version": "follower",
        "history_of": "history",
    },
)
