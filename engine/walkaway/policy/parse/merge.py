"""Lay one policy over those above it: it may add, and tighten; what is above stands.

Works on nodes. Which of two limits is the tighter one depends on worths, which are not known yet, so the limits of
lower layers are handed on beside the upper one's.
"""

from collections.abc import Mapping

import msgspec

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span
from walkaway.language.instants import read_day
from walkaway.language.source import Node, Scalar, Sequence
from walkaway.language.values import shorten
from walkaway.policy.model import THRESHOLDS
from walkaway.policy.parse.fields import VERDICTS
from walkaway.policy.parse.owed import days_after_close
from walkaway.policy.parse.section import describe

Below = Mapping[tuple[str, str, str], tuple[Node, ...]]
"""Section, name and threshold → what lower layers say of it, the highest first."""

_OWN = ("policy", "version", "title", "owner", "require")
"""What every layer says for itself; the first two are never taken over."""
_EFFECT = ("then", "door", "to")
_WORDS = ("why", "say", "source", "concern")
_ADVICE = ("step", "theirs", "label")
"""Keys of an issue that decide nothing: a lower layer may set them, and set them otherwise."""
_HINT = "a lower layer may add, and tighten; what is above stands"


class Layered(msgspec.Struct, frozen=True):
    """One policy out of several layers.

    Attributes:
        root: What they say together.
        below: Limits that lower layers set beside those in *root*.
    """

    root: source.Mapping
    below: Below = {}


def merged(upper: Layered, lower: source.Mapping, findings: Findings) -> Layered:
    """Return *lower* laid over all that it extends.

    Diagnostics:
        WA204, WA214.
    """
    return _Merger(upper, lower, findings).merged()


def _plain(node: Node) -> object:
    """Return what a node says, without its place."""
    match node:
        case Scalar(value):
            return " ".join(value.split())
        case Sequence(items):
            return [_plain(i) for i in items]
        case source.Mapping(entries):
            return {k.value: _plain(v) for k, v in entries}


def _word(node: Node | None, default: str = "") -> str:
    return node.value if isinstance(node, Scalar) else default


def _is_sooner(above: Node | None, below: Node) -> bool:
    """Return whether what is owed is due sooner by a layer than by the one above, which may leave it undue."""
    days = days_after_close(_word(above))
    return above is None or (days is not None and (days_after_close(_word(below)) or 0) < days)


def _sources(above: Node | None, below: Node) -> Node:
    """Return the sources that two layers name for one rule: that of the layer above, then that of the lower one."""
    if not isinstance(above, Scalar) or not isinstance(below, Scalar) or _plain(above) == _plain(below):
        return below
    return msgspec.structs.replace(below, value=f"{above.value}, {below.value}")


def _conclusion(rule: Node) -> str:
    then = rule.get("then") if isinstance(rule, source.Mapping) else None
    return _word(then.get("conclude")) if isinstance(then, source.Mapping) else ""


def _does(rule: Node) -> list[object]:
    """Return what a rule does when it fires."""
    said = (rule.get(key) if isinstance(rule, source.Mapping) else None for key in _EFFECT)
    return [None if node is None else _plain(node) for node in said]


class _Merger:
    """Lays one policy, `lower`, over the layers above it."""

    def __init__(self, upper: Layered, lower: source.Mapping, findings: Findings) -> None:
        self.upper, self.lower, self.findings = upper.root, lower, findings
        self.below = dict(upper.below)
        self.roles = [_word(r) for r in roles.items] if isinstance(roles := self.upper.get("roles"), Sequence) else []

    def merged(self) -> Layered:
        """Return both as one."""
        lower = {k.value: v for k, v in self.lower.entries}
        entries: list[tuple[Scalar, Node]] = []
        for key, above in self.upper.entries:
            if key.value in lower:
                entries.append((key, self.section(key.value, above, lower[key.value])))
            elif key.value not in ("extends", "allows", *_OWN[:2]):
                entries.append((key, above))
        known = {k.value for k, _ in self.upper.entries} | {"extends"}
        for key, node in self.lower.entries:
            if key.value == "rules" and "rules" not in known and isinstance(node, source.Mapping):
                self.new_rules(node, frozenset())
            if key.value not in known:
                entries.append((key, node))
        incomplete = self.upper.incomplete or self.lower.incomplete
        return Layered(source.Mapping(tuple(entries), self.lower.span, incomplete), self.below)

    def loosens(self, what: str, place: Span, hint: str = _HINT) -> None:
        """Report that the lower layer would change what it may not."""
        self.findings.add(Code.LOOSER_THAN_LAYER, what, place, hint)

    def section(self, key: str, above: Node, below: Node) -> Node:
        """Return one top-level key of both."""
        if key in (*_OWN, "allows"):
            return below
        if key in ("signals", "roles"):
            return self.words(key, above, below)
        if isinstance(above, Scalar):
            if _plain(above) != _plain(below):
                what = f"`{key}` is {_word(above)} in the layer above, and this layer says otherwise"
                self.loosens(what, below.span, "remove it")
            return above
        if not isinstance(above, source.Mapping):
            return above
        if not isinstance(below, source.Mapping):
            what, hint = (
                f"`{key}` wants a mapping, not {describe(below)}",
                "write `name: …` on lines of their own below it",
            )
            self.findings.add(Code.WRONG_SHAPE, what, below.span, hint)
            return above
        match key:
            case "effective":
                return self.effective(above, below)
            case "package":
                return self.limited("package", "package", "the package", above, below)
            case "rules":
                return self.rules(above, below)
            case "labels":
                said = {k.value: (k, v) for k, v in (*above.entries, *below.entries)}
                return msgspec.structs.replace(above, entries=tuple(said.values()))
            case _:
                return self.united(key, above, below)

    def united(self, key: str, above: source.Mapping, below: source.Mapping) -> source.Mapping:
        """Unite the entries of a section; of those declared above only limits can change."""
        names = {k.value: v for k, v in above.entries}
        changed: dict[str, Node] = {}
        for name, node in below.entries:
            old = names.get(name.value)
            if old is None or _plain(old) == _plain(node):
                continue
            if key == "issues" and isinstance(old, source.Mapping) and isinstance(node, source.Mapping):
                changed[name.value] = self.limited(key, name.value, f"issue `{name.value}`", old, node)
            else:
                self.loosens(f"`{shorten(name.value)}` is declared by the layer above, with another meaning", name.span)
        entries = [(k, changed.get(k.value, v)) for k, v in above.entries]
        entries += [(k, v) for k, v in below.entries if k.value not in names]
        return source.Mapping(tuple(entries), above.span, above.incomplete or below.incomplete)

    def limited(
        self, section: str, name: str, title: str, above: source.Mapping, below: source.Mapping
    ) -> source.Mapping:
        """Take the limits that the lower layer sets; where one stands above, both count."""
        entries = list(above.entries)
        for key, node in below.entries:
            path = (section, name, key.value)
            old = above.get(key.value)
            held = self.below.get(path, (old,))[-1]
            if held is not None and _plain(held) == _plain(node):
                continue
            of_issue = section == "issues"
            sooner = of_issue and key.value == "owed" and _is_sooner(old, node)
            as_named = (key.value, _word(node)) == ("approved", "as named")
            if sooner or as_named or (of_issue and key.value in _ADVICE):
                entries = [e for e in entries if e[0].value != key.value] + [(key, node)]
            elif key.value not in THRESHOLDS:
                self.loosens(f"`{shorten(key.value)}` of {title} is set by the layer above", key.span)
            elif old is None or isinstance(node, Sequence):
                entries = [e for e in entries if e[0].value != key.value] + [(key, node)]
            else:
                self.below[path] = (*self.below.get(path, ()), node)
        return msgspec.structs.replace(above, entries=tuple(entries))

    def effective(self, above: source.Mapping, below: source.Mapping) -> source.Mapping:
        """Take the days in force; they may only become fewer."""
        entries = {k.value: (k, v) for k, v in above.entries}
        bounds = {k.value: read_day(_word(v)) for k, v in above.entries}
        first, last = bounds.get("from"), bounds.get("to")
        for key, node in below.entries:
            day = read_day(_word(node))
            if day is not None and ((first is not None and day < first) or (last is not None and day > last)):
                self.loosens(f"`{key.value}` {_word(node)} is outside the days (UTC) of the layer above", node.span)
            else:
                entries[key.value] = (key, node)
        return msgspec.structs.replace(above, entries=tuple(entries.values()))

    def words(self, key: str, above: Node, below: Node) -> Node:
        """Unite two lists of names; new roles stand below those of the layer above."""
        if not isinstance(above, Sequence):
            return above
        if not isinstance(below, Sequence):
            what = f"`{key}` wants a list, not {describe(below)}"
            self.findings.add(Code.WRONG_SHAPE, what, below.span, f"write `{key}: [one, another]`")
            return above
        known = {_word(i) for i in above.items}
        new = tuple(i for i in below.items if _word(i) not in known)
        if key == "signals":
            return msgspec.structs.replace(above, items=(*above.items, *new))
        highest = -1
        for item in below.items:
            place = self.roles.index(_word(item)) if _word(item) in known else -1
            if place < highest or (place < 0 <= highest):
                what = f"role `{shorten(_word(item))}` would rank above `{self.roles[highest]}`"
                self.loosens(what, item.span, "new roles stand before those of the layer above, in its order")
            highest = max(highest, place)
        return msgspec.structs.replace(above, items=(*new, *above.items))

    def rules(self, above: source.Mapping, below: source.Mapping) -> source.Mapping:
        """Unite the rules: a new one may come in, one from above may do more besides what it does above."""
        names = {k.value: v for k, v in above.entries}
        changes = {k.value: self.rule(k, names[k.value], v) for k, v in below.entries if k.value in names}
        entries = []
        for key, node in above.entries:
            changed = changes.get(key.value)
            if changed is None or node is not names[key.value]:
                entries.append((key, node))
                continue
            if isinstance(node, source.Mapping) and _does(node) != _does(changed):
                entries.append((key, node))
            entries.append((key, changed))
        new = [(k, v) for k, v in below.entries if k.value not in names]
        self.new_rules(msgspec.structs.replace(below, entries=tuple(new)), frozenset(map(_conclusion, names.values())))
        return source.Mapping(tuple(entries + new), above.span, above.incomplete or below.incomplete)

    def new_rules(self, rules: source.Mapping, concluded: frozenset[str]) -> None:
        """Check rules that no layer above knows: none switches a built-in one off, or draws a conclusion from above."""
        for key, node in rules.entries:
            if _word(node) == "off":
                self.loosens(f"built-in rule `{shorten(key.value)}` is on in the layer above", key.span)
            if (name := _conclusion(node)) and name in concluded:
                what = f"`{shorten(name)}` is concluded by the layer above, for its own rules"
                self.loosens(what, key.span, "conclude another name")

    def rule(self, name: Scalar, above: Node, below: Node) -> Node:
        """Return a rule of the layer above as the lower one changes it."""
        if _plain(above) == _plain(below):
            return above
        if not isinstance(above, source.Mapping) or not isinstance(below, source.Mapping):
            if isinstance(above, source.Mapping):
                self.loosens(f"rule `{name.value}` of the layer above cannot be switched off", name.span)
                return above
            return below
        if _word(above.get("enforcement"), "mandatory") != "mandatory":
            return below
        for key, node in below.entries:
            same = _plain(node) == _plain(above.get(key.value) or Sequence((), name.span))
            given = key.value in (*_EFFECT, *_WORDS) or (key.value, _word(node)) == ("enforcement", "mandatory")
            if not same and not given:
                self.loosens(f"`{shorten(key.value)}` of rule `{name.value}` is set by the layer above", key.span)
        taken = {k.value: (k, v) for k, v in below.entries if k.value in _WORDS} | self.effect(above, below)
        if "source" in taken:
            taken["source"] = (taken["source"][0], _sources(above.get("source"), taken["source"][1]))
        kept = {k.value: (k, v) for k, v in above.entries if k.value not in _EFFECT}
        return msgspec.structs.replace(above, entries=tuple((kept | taken).values()))

    def effect(self, above: source.Mapping, below: source.Mapping) -> dict[str, tuple[Scalar, Node]]:
        """Return `then`, `door` and `to` of a rule: the lower layer's where they are no milder."""
        old, new = ({k.value: (k, v) for k, v in m.entries if k.value in _EFFECT} for m in (above, below))
        if "then" in new and "then" in old and _plain(old["then"][1]) != _plain(new["then"][1]):
            before, after = (_word(m["then"][1]) for m in (old, new))
            if before not in VERDICTS or not after:
                self.loosens("a verdict and a conclusion cannot take each other's place", new["then"][1].span)
                return old
            if after in VERDICTS and VERDICTS.index(after) < VERDICTS.index(before):
                what = f"`{after}` is milder than the `{before}` of the layer above"
                self.loosens(what, new["then"][1].span, "give a more severe verdict, or remove it")
                return old
            return new
        door, to = (_word(new[key][1]) if key in new else "" for key in ("door", "to"))
        if door == "open" and "door" in old and _word(old["door"][1]) == "closed":
            self.loosens("the door is closed in the layer above", new["door"][1].span, "remove it")
            return old
        if to and "to" in old and self.rank(to) < self.rank(_word(old["to"][1])):
            what = f"`{shorten(to)}` ranks below the `{_word(old['to'][1])}` of the layer above"
            self.loosens(what, new["to"][1].span, "name a role of at least that authority")
            return old
        return old | new

    def rank(self, role: str) -> int:
        """Return a role's authority in the layer above; a new role has none."""
        return self.roles.index(role) if role in self.roles else -1
