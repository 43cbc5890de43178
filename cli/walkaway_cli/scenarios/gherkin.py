"""Write a deal as a scenario, in the sentences that scenarios use."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from walkaway import Policy
from walkaway.language import datetime_of
from walkaway.testing import Event, KillingDeal, Mutant
from walkaway_cli.scenarios.negotiation import DEAL, OURS, SPOKEN, WE
from walkaway_cli.scenarios.problems import from_here

_PARTIES = {"us": ("we", "our"), "them": ("they", "their")}
_LIMITS = ("wish", "want", "walk")


def scenario_text(policy: Policy, path: Path, mutant: Mutant, found: KillingDeal) -> str:
    """Return the scenario of a witness: its deal, and whether the rule that tells fires at the end."""
    fires = f"{'fires' if found.fires else 'does not fire'}"
    name = f"{found.rule} {fires}{f' at {mutant.at}' if mutant.at else ''}"
    lines = [f"  Scenario: {name}", f'    Given the policy "{from_here(path)}"']
    now, acting = "", {"us": WE}
    for number, event in enumerate(found.events):
        if event["at"] != now:
            now = event["at"]
            lines.append(f"    And it is {_instant(now)}")
        lines += [f"    {line}" for line in (*_acting(event, acting), *_step(event, number))]
    last = next(
        n for n, line in reversed(list(enumerate(lines))) if line.startswith("    And ") and " it is " not in line
    )
    lines[last] = lines[last].replace("    And ", "    When ", 1)
    return "\n".join([*lines, f'    Then rule "{found.rule}" {fires}'])


def _instant(text: str) -> str:
    return datetime_of(text).isoformat().replace("+00:00", "Z")


def _acting(event: Event, acting: dict[str, str]) -> Iterator[str]:
    """Return the sentence that says who says this, where that is not who acts for that party already."""
    by = event.get("by", "us" if event["type"] in OURS else "")
    actor, role = event.get("actor", ""), acting.get("role", "")
    if by == "us" and event["type"] in SPOKEN:
        role = event.get("role", "") if actor else ""
    if by and (actor != acting.get(by, "") or role != acting.get("role", "")):
        more = f' as "{role}"' if by == "us" and role else ""
        yield f'And "{actor}" acts for {by}{more}' if actor else f"And nobody says who acts for {by}"
        acting |= {by: actor, "role": role if actor or by != "us" else ""}


def _step(event: Event, number: int) -> Iterator[str]:
    """Return the sentences for one event; what no sentence says is told as the event itself."""
    said = ("role",) if event["type"] in SPOKEN and event.get("actor") else ()
    told = {k: v for k, v in event.items() if k not in ("id", "deal", "at", "actor", *said)}
    match told:
        case {"type": "open", **rest} if rest.keys() <= {"facts", "terms", "limits", "batna"}:
            yield from _opening(rest)
        case {"type": "offer", "by": by, "terms": dict(terms), **rest} if terms and not rest:
            yield f"And {_PARTIES[by][0]} offer:"
            yield from _table(terms)
        case {"type": "accept" | "reject" as does, "by": by, **rest} if not rest:
            yield f"And {_PARTIES[by][0]} {does} {_PARTIES['them' if by == 'us' else 'us'][1]} offer"
        case {"type": "signal", "by": by, "kind": kind, **rest} if not rest:
            yield f"And {kind} by {by} is confirmed"
        case _:
            yield "And this event comes:"
            line = {**event, "id": f"e{number + 1}", "deal": DEAL}
            yield from ('  """', f"  {msgspec.json.encode(line).decode()}", '  """')


def _opening(told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("facts"):
        yield "And a deal with:"
        yield from _table(told["facts"])
    if told.get("terms"):
        yield f"And our opening terms are {' and '.join(f'{k} {v}' for k, v in told['terms'].items())}"
    if told.get("limits"):
        yield "And the limits are:"
        rows = [("issue", *_LIMITS)]
        rows += [(name, *(str(limit.get(k, "")) for k in _LIMITS)) for name, limit in told["limits"].items()]
        yield from _rows(rows)
    if told.get("batna"):
        yield f"And our BATNA is worth {told['batna']}"
    yield "And the deal opens"


def _table(values: Mapping[str, Any]) -> Iterator[str]:
    return _rows([(name, _text(value)) for name, value in values.items()])


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value).replace("|", "\\|")


def _rows(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        yield "  | " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
