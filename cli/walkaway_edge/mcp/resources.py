"""Resources: what is bargained about, a deal and what may be said in it, and for people's hosts the rep's screen."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from walkaway import Session
from walkaway.language import example
from walkaway_edge.http import deals, sayable
from walkaway_edge.http.answers import problem
from walkaway_edge.http.call import Call
from walkaway_edge.http.identity import Identity

JSON = "application/json"
APP = "text/html;profile=mcp-app"
SCREEN = "ui://walkaway/check"
"""The rep's screen as an MCP App; the tool `check_offer` of people's hosts names it."""
EXTENSION = "io.modelcontextprotocol/ui"
ISSUES = "walkaway://issues"
DEAL = "walkaway://deals/{deal}"
SAID = "walkaway://deals/{deal}/said"


class Listed(msgspec.Struct, frozen=True):
    """A resource, or a template of some."""

    uri: str
    name: str
    description: str
    kind: str = JSON


class Content(msgspec.Struct, frozen=True):
    """What a resource holds."""

    text: str
    kind: str = JSON


def listed(who: Identity) -> tuple[Listed, ...]:
    """Return the resources that somebody has; it depends on their role alone."""
    issues = Listed(ISSUES, "Issues", "What is bargained about: names, how values are written, words; no limits.")
    screen = Listed(SCREEN, "Check an offer", "The rep's screen. For our own people alone.", APP)
    return (issues,) if who.is_sayable else (issues, screen)


def templates(who: Identity) -> tuple[Listed, ...]:
    """Return the templates of the resources of a deal."""
    state = Listed(DEAL, "Where a deal stands", "As the tool `deal_state` says it.")
    said = Listed(SAID, "What may be said", "As the tool `what_may_i_say` says it.")
    return (state, said) if who.is_sayable else (state,)


def content(call: Call, uri: str) -> Callable[[Session], Content]:
    """Return what a desk is asked for a resource.

    Raises:
        Problem: Where there is none of this address for whoever asks.
    """
    if uri == ISSUES:
        return issues
    if uri == SCREEN and not call.who.is_sayable:
        return lambda _: Content((Path(__file__).parent / "static" / "check.html").read_text(encoding="utf-8"), APP)
    head, _, rest = uri.partition("walkaway://deals/")
    deal, _, part = rest.partition("/")
    if head or not deal or part not in ("", "said") or (part and not call.who.is_sayable):
        raise problem("absent", f"there is no resource `{uri[:80]}`", hint="list the resources and their templates")
    handler = sayable.words if part else deals.show_deal
    asked = msgspec.structs.replace(call, params={"deal": unquote(deal)})
    return lambda session: Content(bytes(handler(asked, session).body).decode())


def issues(session: Session) -> Content:
    """Say what is bargained about: nothing of what we want, and no number of ours."""
    found: list[dict[str, Any]] = [
        {
            "name": issue.name,
            "kind": issue.unit.kind.value,
            "as": example(issue.unit),
            "words": list(issue.unit.choices),
        }
        for issue in session.policy.issues.values()
    ]
    return Content(json.dumps({"issues": found}, ensure_ascii=False))
