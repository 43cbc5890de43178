"""Put a policy's layers together: each with all above it, and what the layers below add to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from walkaway.language import source
from walkaway.language.diagnostics import Findings
from walkaway.language.expr.tree import Const, facts_of
from walkaway.policy.model import Graded, Issue, Linear, Policy, Rule
from walkaway.policy.parse import parse_policy
from walkaway.policy.parse.issues import valuing_of
from walkaway.policy.parse.layers import FILE, MAX_LAYERS, LoadFile, above_all


def stacked(policy: Policy, names: Sequence[str]) -> Policy:
    """Return a policy with all layers above its own, each with those above it; new issues are worth what these allow.

    Args:
        names: The files that it extends.

    Layers that are no policy by themselves, and layers to which the one below adds nothing, are judged with that one.

    Source:
        docs/calculus.md, authority and layers.
    """
    lower = policy
    found: list[Policy] = []
    while names and len(found) < MAX_LAYERS:
        said = {"policy": policy.name, "version": policy.version, "extends": names, **_allowing(names, policy.files)}
        layer = _alone(msgspec.json.encode(said), policy.files.get)
        if layer is not None and not _is_alike(layer, lower):
            found.append(layer)
            lower = layer
        names = above_all(names, policy.files.get)
    upper: Policy | None = None
    for place in range(len(found) - 1, -1, -1):
        upper = _below(found[place], upper, policy)
    return _below(policy, upper, policy)


def _allowing(names: Sequence[str], files: Mapping[str, bytes]) -> dict[str, object]:
    """Return what layers say of issues that are added below them; nothing where they do not all say the same."""
    said: list[object] = []
    for name in names:
        root = source.read(files[name], name).value
        node = root.get("allows") if isinstance(root, source.Mapping) else None
        worth = node.get("issue_worth") if isinstance(node, source.Mapping) else None
        said.append(worth.value if isinstance(worth, source.Scalar) else None)
    return {"allows": {"issue_worth": said[0]}} if said and said[0] is not None and len(set(said)) == 1 else {}


def _alone(text: bytes, load: LoadFile) -> Policy | None:
    """Return the policy that some layers are together, without those above; none where they are none."""
    nodes = source.read(text, FILE)
    assert nodes.value is not None, "this was written here"
    return parse_policy(nodes.value, load, Findings())


def _is_alike(one: Policy, other: Policy) -> bool:
    """Return whether a layer below adds nothing by which anything is judged."""
    said = ("side", "currency", "deal", "issues", "package", "signals", "roles", "patterns", "tables", "people")
    more = ("spoken_as", "theirs_base", "ahead", "effective", "calendar", "exchange", "derived", "lines")
    return all(getattr(one, name) == getattr(other, name) for name in (*said, *more)) and (
        {_judged(r) for r in one.rules} == {_judged(r) for r in other.rules}
    )


def _judged(rule: Rule) -> tuple[object, ...]:
    return rule.id, rule.on, rule.condition, rule.effect, rule.enforcement, rule.by


def _below(layer: Policy, upper: Policy | None, lowest: Policy) -> Policy:
    """Return a layer over those above it: its new issues capped, and those of the layers below it as shadows."""
    issues, added = dict(layer.issues), dict[str, Issue]()
    catalog = dict(layer.catalog)
    if upper is not None:
        own = {n: i for n, i in upper.issues.items() if not i.is_shadow}
        for name, issue in layer.issues.items():
            if name not in own:
                issues[name] = _everywhere(issue, cap=_least(upper))
    for name, issue in lowest.issues.items():
        if name in issues and issue.owed is not None and issues[name].owed is None:
            issues[name] = _everywhere(issues[name], owed=issue.owed)  # its deal goes on as long as that of the lowest
        if name not in issues:
            cap = _least(layer) if upper is None else min(_least(layer), _least(upper), key=_amount)
            bare = _everywhere(issue, wish=None, want=None, walk=None, per_deal=False)
            issues[name] = added[name] = _everywhere(
                _worthless(bare) if not cap.value else bare, cap=cap, is_shadow=True
            )
            catalog |= {
                f: lowest.catalog[f] for f in lowest.catalog if f.endswith(f".{name}") and not f.startswith("derived.")
            }
    spoken = lowest.spoken_as  # whoever acts, acts in one role
    found = msgspec.structs.replace(layer, issues=issues, catalog=catalog, above=upper, spoken_as=spoken)
    return _knowing(found, added.values(), lowest) if added else found


def _knowing(layer: Policy, added: Iterable[Issue], lowest: Policy) -> Policy:
    """Return a layer that knows the deal facts and table cells on which what the lowest one adds to it rests."""
    values = {fact for issue in added for tree in valuing_of(issue) for fact in facts_of(tree)}
    own = {cell.name for cell in layer.lookups}
    cells = tuple(cell for cell in lowest.lookups if cell.name in values - own)
    stated = {*values, *(key for cell in cells for key in cell.keys)}
    names = [name for name in lowest.deal if f"deal.{name}" in stated and name not in layer.deal]
    return msgspec.structs.replace(
        layer,
        deal={**layer.deal, **{name: lowest.deal[name] for name in names}},
        tables={**{cell.table: lowest.tables[cell.table] for cell in cells}, **layer.tables},
        lookups=(*layer.lookups, *cells),
        needed=layer.needed | values,
        fixed=layer.fixed | (lowest.fixed & stated),
        catalog={**layer.catalog, **{f"deal.{name}": lowest.catalog[f"deal.{name}"] for name in names}},
    )


def _worthless(issue: Issue) -> Issue:
    """Return an issue that is worth nothing at any value: that is known, whatever a deal has not stated."""
    found, nothing = msgspec.structs.replace(issue, theirs=None), Const(Fraction(0))
    scale = issue.worth
    none = Linear(nothing, scale.step) if isinstance(scale, Linear) else Graded(dict.fromkeys(scale.worths, nothing))
    return msgspec.structs.replace(found, worth=none, by={value: _worthless(at) for value, at in issue.by.items()})


def _everywhere(issue: Issue, **changes: Any) -> Issue:
    """Return an issue with other fields, at every value of the issue by which it is told apart."""
    replace = msgspec.structs.replace
    return replace(issue, by={value: replace(at, **changes) for value, at in issue.by.items()}, **changes)


def _least(layer: Policy) -> Const:
    """Return the least that a layer, and those above it, allow."""
    allowed = [a.allows for a in _chain(layer)]
    return min(allowed, key=_amount)


def _chain(layer: Policy | None) -> Iterator[Policy]:
    while layer is not None:
        yield layer
        layer = layer.above


def _amount(worth: Const) -> Fraction:
    return worth.value
