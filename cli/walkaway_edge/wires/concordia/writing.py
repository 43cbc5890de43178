"""Events as messages of Concordia: what `reading` reads as them."""

from typing import Any

from walkaway.language.values import NotAValue
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.concordia.issues import Concordia, write_terms
from walkaway_edge.wires.concordia.messages import VERSION
from walkaway_edge.wires.concordia.session import ConcordiaSession, Line, offer_until


def encode(line: Line, session: ConcordiaSession, wire: Concordia) -> dict[str, Any]:
    """Return the message that an event line is, as the next one of a session; it has no signature yet.

    Of what `decode` reads it gives back every field but signatures, recipients, principals, references, an offer's name
    and what it replies to, reasons, words beside an answer, and an end of an offer that is the session's own.

    Raises:
        EdgeProblem: Where it cannot be said on this wire, or not now.
    """
    kind, latest = line["type"], session.latest
    by = _leaver(line, session) if kind == "close" else line["by"]
    said: dict[str, Any] = {
        "concordia": VERSION,
        "id": line["id"],
        "session_id": session.id,
        "timestamp": line["at"],
        "from": {"agent_id": session.parties[by]},
        "to": [{"agent_id": session.parties["them" if by == "us" else "us"]}],
        "prev_hash": session.tip,
    }
    if kind == "close" and line["outcome"] == "won" and session.state == "AGREED":
        return {**said, "type": "negotiate.commit", "body": {}}
    if kind == "close" and line["outcome"] != "won":
        return {**said, "type": "negotiate.withdraw", "body": {"reactivatable": False}}
    if kind == "offer":
        is_counter = latest is not None and latest.by != by
        try:
            body: dict[str, Any] = {"offer_id": line["id"], "terms": write_terms(line["terms"], wire), "complete": True}
        except NotAValue as problem:
            raise EdgeProblem(f"these terms cannot be said on this wire: {problem}") from problem
        if line["until"] != offer_until(line["at"], session):
            body["valid_until"] = line["until"]
        said |= {"type": f"negotiate.{'counter' if is_counter else 'offer'}", "body": body}
        return {**said, "reasoning": line["note"]} if "note" in line else said
    if latest is None or latest.by == by or kind not in ("accept", "reject"):
        raise EdgeProblem(f"an event of type `{kind}` cannot be said on this wire now")
    said |= {"in_reply_to": latest.id, "type": f"negotiate.{kind}", "body": {"offer_id": latest.name}}
    return said


def _leaver(line: Line, session: ConcordiaSession) -> str:
    """Return whose message a close is: of a deal that is won, whoever did it, else whoever left."""
    if line["outcome"] == "won":
        return "them" if line.get("actor") == session.parties["them"] else "us"
    return {"walked": "us", "lost": "them"}.get(line["outcome"], "us")
