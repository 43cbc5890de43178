"""Layer policies: one that `extends:` others takes over all they say, adds to it, and may tighten it, never loosen it.

Several are laid over each other in the order in which they are named, each file once. Works on nodes, before anything
is parsed: the files are found here, `merge` lays one over another. A file is named by its path as seen from the
lowest policy.
"""

import posixpath
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Sequence_

import msgspec

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span
from walkaway.language.source import Node, Scalar, Sequence
from walkaway.language.values import shorten
from walkaway.policy.parse.merge import Layered, merged
from walkaway.policy.parse.section import describe

FILE = "policy.yaml"
MAX_LAYERS = 8
MAX_FILES = 64
LoadFile = Callable[[str], bytes | None]
"""Name of a file as seen from the lowest policy → its bytes, or none."""

_ONE_FOR_ALL = ("undeclared", "theirs_base", "clock", "allows", "disclosure")
"""What the uppermost layer that says it decides for all below."""
_FIRST = "name it first, and nothing above it"
_NAMED = "name a folder with a policy.yaml, or a YAML file, as seen from this one: `../company`"


def layered(root: source.Mapping, load: LoadFile, findings: Findings) -> Layered | None:
    """Lay a policy over those that it extends.

    Args:
        load: Gives the bytes of a policy file by its name.

    Returns:
        None, with a finding, where a policy above cannot be read.

    Diagnostics:
        WA1xx of the policies above, WA214, WA215.
    """
    return _layer(None, root, ("",), set(), load, findings)


def above_of(data: bytes) -> tuple[str, ...]:
    """Return the names of the files that a policy extends, as seen from it, the uppermost first."""
    return named_above(source.read(data, FILE).value)


def named_above(root: source.Node | None) -> tuple[str, ...]:
    """Return, from its nodes, what `above_of` does."""
    places = _places(root, Findings()) if isinstance(root, source.Mapping) else None
    return tuple(_name(place, ("",), set(), Findings()) for place in places or ())


def above_all(names: Sequence_[str], load: LoadFile) -> tuple[str, ...]:
    """Return the files that some files extend, each once, in the order in which they are named."""
    found: dict[str, None] = {}
    for name in names:
        root = source.read(load(name) or b"", name).value
        places = _places(root, Findings()) if isinstance(root, source.Mapping) else None
        found |= dict.fromkeys(_name(place, (name,), set(), Findings()) for place in places or ())
    return tuple(name for name in found if name)


def _layer(
    upper: Layered | None,
    root: source.Mapping,
    chain: tuple[str, ...],
    laid: set[str],
    load: LoadFile,
    findings: Findings,
) -> Layered | None:
    """Lay a policy, with all that it extends, over *upper*; a file that is laid already is not laid again.

    Args:
        chain: The files from the lowest policy down to this one, each extending the next.
        laid: The files laid so far, whoever extends them.
    """
    root = _rooted(root, posixpath.dirname(chain[-1]))
    places = _places(root, findings)
    complete = places is not None
    beside: list[tuple[str, source.Mapping]] = []
    for place in places or ():
        name = _name(place, chain, laid, findings)
        if name in laid:
            continue
        laid |= {name} if name else set()
        above = _read(name, place.span, root.span.file, chain, load, findings) if name else None
        if above is not None:
            _in_order(above, beside, _names_above(above, name), place.span, findings)
            if upper is not None and is_uppermost(above):
                findings.add(
                    Code.LAYER_ORDER, f"{_called(above)} says that nothing is laid above it", place.span, _FIRST
                )
            beside.append((name, above))
        found = _layer(upper, above, (*chain, name), laid, load, findings) if above else None
        upper, complete = found or upper, complete and found is not None
    extends = root.get("extends")
    if extends is not None and places and is_uppermost(root):
        what = "nothing is to be laid above this policy, and it extends another"
        findings.add(Code.LAYER_ORDER, what, extends.span, "remove one of the two")
    if not complete:
        return None
    return merged(upper, root, findings) if upper else Layered(root)


def is_uppermost(root: source.Mapping) -> bool:
    """Return whether a policy says that no other may be laid above it."""
    said = root.get("uppermost")
    return isinstance(said, Scalar) and said.value == "yes"


def _in_order(
    root: source.Mapping,
    beside: Sequence_[tuple[str, source.Mapping]],
    above: Sequence_[str],
    place: Span,
    findings: Findings,
) -> None:
    """Warn where a policy rules over another because somebody below both names it first, and neither says so.

    Args:
        beside: The policies named before it in one list, with their names.
        above: The names of those that it extends itself.
    """
    for name, upper in beside:
        if name not in above and not is_uppermost(upper) and (what := _rules_over(upper, root)):
            message = f"{_called(upper)} stands above {_called(root)} by this list alone, and {what}"
            hint = "write `uppermost: yes` in the one that stands above the others, and name it first"
            findings.warn(Code.LAYER_ORDER, message, place, hint)


def _rules_over(upper: source.Mapping, lower: source.Mapping) -> str:
    """Say what one policy decides for another only because it is above; nothing where it decides nothing."""
    rules = upper.get("rules")
    for rule, node in rules.entries if isinstance(rules, source.Mapping) else ():
        if isinstance(node, Scalar) and node.value == "off":
            return f"switches `{shorten(rule.value)}` off"
    if upper.get("roles") is not None and lower.get("roles") is not None:
        return "its `roles` rank above the other's"
    return next((f"its `{key}` holds for both" for key in _ONE_FOR_ALL if upper.get(key) is not None), "")


def _called(root: source.Mapping) -> str:
    named = root.get("policy")
    return f"`{shorten(named.value)}`" if isinstance(named, Scalar) else f"`{shorten(root.span.file)}`"


def _names_above(root: source.Mapping, name: str) -> tuple[str, ...]:
    """Return the names of the files that a policy extends itself."""
    return tuple(_name(place, (name,), set(), Findings()) for place in _places(root, Findings()) or ())


def _places(root: source.Mapping, findings: Findings) -> tuple[Node, ...] | None:
    """Return where a policy names what it extends, the uppermost first; none, with a finding, where a list is empty."""
    node = root.get("extends")
    if isinstance(node, Sequence):
        if not node.items:
            findings.add(Code.LAYER_NOT_READABLE, "`extends` names no policy", node.span, _NAMED)
        return node.items or None
    return () if node is None else (node,)


def _name(place: Node, chain: tuple[str, ...], laid: set[str], findings: Findings) -> str:
    """Return the name of the file that `extends` means, or nothing, with a finding."""
    path = place.value.strip() if isinstance(place, Scalar) else ""
    hint = _NAMED
    if not path or path.startswith("/") or not path.isprintable() or "\\" in path:
        said = f"`{shorten(path)}` is no path" if path else f"`extends` wants a path, not {describe(place)}"
        findings.add(Code.LAYER_NOT_READABLE, said, place.span, hint)
        return ""
    name = posixpath.normpath(posixpath.join(posixpath.dirname(chain[-1]), path))
    if not name.endswith((".yaml", ".yml")):
        name = posixpath.normpath(posixpath.join(name, FILE))
    name = f"./{FILE}" if name == FILE else name
    if len(laid) >= MAX_FILES and name not in laid:
        what = f"these are more than {MAX_FILES} policies in all"
        findings.add(Code.LAYER_NOT_READABLE, what, place.span, "let it extend fewer")
        return ""
    if name in chain or len(chain) > MAX_LAYERS:
        shown = " → ".join([*(c or "this policy" for c in chain), name])
        what = "these policies extend each other" if name in chain else f"more than {MAX_LAYERS} layers"
        hint = "let the most general one extend none"
        findings.add(Code.LAYER_NOT_READABLE, f"{what}: {shorten(shown, 400)}", place.span, hint)
        return ""
    return name


def _read(
    name: str, place: Span, lowest: str, chain: tuple[str, ...], load: LoadFile, findings: Findings
) -> source.Mapping | None:
    data = load(name)
    if data is None:
        what = f"the policy that this one extends cannot be read: there is no `{shorten(name, 80)}`"
        hint = "name a folder with a policy.yaml, or a YAML file, as seen from this one"
        findings.add(Code.LAYER_NOT_READABLE, what, place, hint)
        return None
    here = posixpath.dirname(chain[-1])
    shown = posixpath.normpath(posixpath.join(posixpath.dirname(lowest), posixpath.relpath(name, here or ".")))
    read = source.read(data, shown)
    for finding in read.findings:
        findings.append(finding)
    if read.value is not None and not isinstance(read.value, source.Mapping):
        what = f"a policy is a mapping, not {describe(read.value)}"
        findings.add(Code.WRONG_SHAPE, what, read.value.span, "begin with `policy: its-name`")
    return read.value if isinstance(read.value, source.Mapping) else None


def _rooted(root: source.Mapping, folder: str) -> source.Mapping:
    """Name the files of a policy's tables, calendar and rates as seen from the lowest policy."""

    if not folder:
        return root

    def tables(node: Node) -> Node:
        if not isinstance(node, source.Mapping):
            return node
        return msgspec.structs.replace(node, entries=tuple((k, _in_folder(v, "file", folder)) for k, v in node.entries))

    def currencies(node: Node) -> Node:
        rates = {"rates": lambda n: _in_folder(n, "file", folder)}
        return _replaced(node, rates) if isinstance(node, source.Mapping) else node

    return _replaced(
        root,
        {
            "tables": tables,
            "calendar": lambda n: _in_folder(n, "file", folder),
            "currencies": currencies,
            "approvals": lambda n: _in_folder(n, "table", folder),
        },
    )


def _in_folder(node: Node, key: str, folder: str) -> Node:
    """Name the file of a table, under a key of it, as seen from the lowest policy."""
    return _replaced(node, {key: lambda n: _moved(n, folder)}) if isinstance(node, source.Mapping) else node


def _moved(node: Node, folder: str) -> Node:
    if not isinstance(node, Scalar) or not node.value.strip():
        return node
    return msgspec.structs.replace(node, value=posixpath.normpath(posixpath.join(folder, node.value)))


def _replaced(node: source.Mapping, changes: Mapping[str, Callable[[Node], Node]]) -> source.Mapping:
    entries = tuple((k, changes[k.value](v) if k.value in changes else v) for k, v in node.entries)
    return msgspec.structs.replace(node, entries=entries)
