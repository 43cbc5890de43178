"""Rename what a policy declares wherever it is named: all of it, or nothing.

Where a policy names it the policy language says itself: its declarations are renamed, and whatever then cannot be read
any more names it still. Scenarios and cases are told under the new name, and have to hold.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from os.path import commonpath
from pathlib import Path

from walkaway import Core, Diagnostic, Engine, InvalidInput, Severity, language
from walkaway.policy import NAME, RULE_NAME
from walkaway_cli.editor.files import Files, lines_of
from walkaway_cli.editor.spots import CannotRename, OwnName, Spot, related, scalars_in, spot_of
from walkaway_cli.editor.telling import tellers_of, told_names

KINDS = ("issues", "derived", "define", "roles", "tables", "deal", "signals", "pattern", "budgets")
"""The keys under which names are declared that can be renamed; beside them the figures under `lines`."""
FIGURES = ("any", "every", "sum", "worst")
"""The keys below `lines` under which its figures are declared."""
ROUNDS = 60
"""So often the policies are read again at most, each time with what the findings of the last one name."""
_GROUPS = {
    "issues": r"(?!(?:deal|derived|signals|pattern|tables|line|stated|since|by|approved|calendar|budget|concluded)\.)"
    r"(?:[a-z_]+\.)*",
    "derived": r"derived\.",
    "define": "",
    "roles": r"(?:approved\.)?",
    "tables": r"(?:tables\.)?",
    "deal": r"(?:(?:deal|stated|since\.stated|by\.stated)\.)?",
    "signals": r"signals\.",
    "pattern": r"pattern\.",
    "budgets": r"budget\.",
    "lines": r"lines\.",
}
"""The key → what may stand before the name where a fact is read."""
_DECLARING = {
    "roles": ("roles", "mandates"),
    "issues": ("issues", "labels"),
    "derived": ("derived", "labels"),
    "signals": ("signals", "labels"),
    "lines": ("lines", "labels"),
}
"""The key → all under which it would be another name, and no mistake: a mandate is a person's where it is no role's."""

Place = tuple[str, Path, int]
"""A finding's code, file and line: what of it stays as names change."""


def named(policy_places: Iterable[str], above: tuple[str, ...], word: str) -> tuple[str, str] | None:
    """Return the key and the name that a word means, if it is of a kind that can be renamed.

    Args:
        policy_places: What the policy declares, as `issues.price`.
        above: The keys above the word.
        word: It, with the groups before it, as `walk.price`.
    """
    places = set(policy_places)
    group, _, last = word.rpartition(".")
    if len(above) == 1 and above[0] in KINDS and not group:
        return (above[0], last) if f"{above[0]}.{last}" in places else None
    bare: tuple[str, ...] = ("signals",)
    if above == ("labels",):
        bare = ("derived", "signals", "lines")
    elif above[:1] == ("lines",) and above[1:2] and above[1] in FIGURES:
        bare = ("lines",)
    elif above[:1] in (("tables",), ("budgets",), ()):
        bare = ("deal", "signals") if above else ("signals", "deal")
    if not group and above and (found := next((k for k in bare if f"{k}.{last}" in places), "")):
        return found, last
    for key in ("derived", "define", "tables", "issues", "roles", "signals", "pattern", "budgets", "lines", "deal"):
        if key == "deal" and not group:
            continue
        if f"{key}.{last}" in places and re.fullmatch(f"{_GROUPS[key]}{re.escape(last)}", word):
            return key, last
    return next(((key, last) for key in bare if not group and f"{key}.{last}" in places), None)


def renamed(files: Files, what: OwnName, new: str, told: bool = True) -> list[Spot]:
    """Return every place that names something, in all files of the workspace that speak of its policy.

    Args:
        new: What it is to be called.
        told: Tell scenarios and cases under it.

    Raises:
        CannotRename: Where *new* cannot be its name, or something could not be read, or would not hold, under it.
    """
    policies = related(files, what.owner)
    _check(files, policies, what, new)
    spots = _in_policies(files, policies, what, new)
    tellers = tellers_of(files, policies)
    spots |= {s for path in tellers for s in told_names(files, path, what, policies)}
    if told:
        _compare(files, policies, tellers, edited(files, spots, new))
    return sorted(spots)


def edited(files: Files, spots: Iterable[Spot], new: str) -> dict[Path, str]:
    """Return the texts with another name at some places."""
    texts: dict[Path, list[str]] = {}
    breaks: dict[Path, list[str]] = {}
    for spot in sorted(set(spots), reverse=True):
        if spot.path not in texts:
            text = files.text(spot.path)
            texts[spot.path], breaks[spot.path] = lines_of(text), [*re.findall("\r\n|\r|\n", text), ""]
        line = texts[spot.path][spot.line]
        texts[spot.path][spot.line] = f"{line[: spot.start]}{new}{line[spot.end :]}"
    return {p: "".join(a + b for a, b in zip(lines, breaks[p], strict=True)) for p, lines in texts.items()}


def _check(files: Files, policies: Iterable[Path], what: OwnName, new: str) -> None:
    if not re.fullmatch(RULE_NAME if what.key == "roles" else NAME, new, re.ASCII):
        raise CannotRename("a name has small letters, digits and `_`, a letter first, and 48 characters at most")
    for path in policies:
        read = files.read(path).checked
        if read.value is None:
            raise CannotRename(f"{path.name} has mistakes: mend them first")
        if any(place.rpartition(".")[2] == new for place in read.value.places):
            raise CannotRename(f"there is `{new}` already")


def _in_policies(files: Files, policies: Iterable[Path], what: OwnName, new: str) -> set[Spot]:
    """Return the places in policies, layers and tables."""
    token = re.compile(rf"(?<![\w.-]){_GROUPS[what.key]}({re.escape(what.name)})(?![\w-]|\.\w)")
    spots = {spot for path in policies for spot in _declared(files, path, what)}
    known = _found(files, policies, {})
    for _ in range(ROUNDS):
        texts = edited(files, spots, new)
        findings = {k: f for k, f in _found(files, policies, texts).items() if k not in known}
        more = {s for (_, path, line), f in findings.items() for s in _named_by(files, token, path, line, f)} - spots
        if not more:
            left = next((f for f in findings.values() if f.severity is Severity.ERROR), None)
            if left is not None:
                raise CannotRename(
                    f"{Path(left.span.file).name}:{left.span.line} could not be read then: {left.message}"
                )
            return spots
        spots |= more
    raise CannotRename(f"`{what.name}` is named in too many ways")


def _found(files: Files, policies: Iterable[Path], texts: Mapping[Path, str]) -> dict[Place, Diagnostic]:
    """Return the findings in some policies with other texts, by place."""
    trial = Files(files.root)
    trial.typed = files.typed | dict(texts)
    found: dict[Place, Diagnostic] = {}
    for path in policies:
        for finding in trial.read(path).checked.findings:
            file = Path(finding.span.file)
            where = (file if file.is_absolute() else path.parent / file).resolve()
            found[str(finding.code), where, finding.span.line - 1] = finding
    return found


def _named_by(files: Files, token: re.Pattern[str], path: Path, number: int, finding: Diagnostic) -> set[Spot]:
    """Return the places of a name that a finding points at; those of its line, where it points at none."""
    lines = lines_of(files.text(path))
    if number >= len(lines):
        return set()
    code = re.split(r"(?:^|\s)#", lines[number])[0] if path.suffix != ".csv" else lines[number]
    on_line = {Spot(path, number, *m.span(1)) for m in token.finditer(code)}
    first, last = finding.span.column - 1, finding.span.column - 1 + finding.span.length
    return {s for s in on_line if first < s.end and s.start < last} or on_line


def _declared(files: Files, path: Path, what: OwnName) -> Iterator[Spot]:
    """Yield the places at which a file declares the name, or says more of what a layer above declares."""
    root = language.read(files.text(path).encode("utf-8", "replace"), str(path)).value
    if not isinstance(root, language.Mapping):
        return
    nodes = [root.get(section) for section in _DECLARING.get(what.key, (what.key,))]
    if what.key == "lines":
        nodes += [nodes[0].get(figure) for figure in FIGURES] if isinstance(nodes[0], language.Mapping) else []
        nodes = nodes[1:]
    for node in nodes:
        scalars = [key for key, _ in node.entries] if isinstance(node, language.Mapping) else scalars_in(node)
        yield from (spot_of(path, scalar) for scalar in scalars if scalar.value == what.name)
    if what.key == "deal":
        yield from _keys_of_tables(files, path, root.get("tables"), what.name)


def _keys_of_tables(files: Files, path: Path, tables: language.Node | None, name: str) -> Iterator[Spot]:
    """Yield where a deal fact is the key of a table: there, and at the head of its column, which are one name."""
    for _, table in tables.entries if isinstance(tables, language.Mapping) else ():
        key, file = (table.get("key"), table.get("file")) if isinstance(table, language.Mapping) else (None, None)
        keys = [key] if isinstance(key, language.Scalar) else scalars_in(key)
        found = [spot_of(path, scalar) for scalar in keys if scalar.value == name]
        yield from found
        if found and isinstance(file, language.Scalar):
            beside = (path.parent / file.value).resolve()
            for column in re.finditer(r'[^,"\s][^,"]*', lines_of(files.text(beside))[0]):
                if column[0].strip() == name:
                    yield Spot(beside, 0, column.start(), column.start() + len(name))


def _compare(files: Files, policies: set[Path], tellers: list[Path], changed: dict[Path, str]) -> None:
    """Tell the scenarios and cases that are concerned under the new name; where one fails, under the old one too."""
    tellers = [p for p in tellers if p in changed]
    if not tellers:
        return
    told = {owner for f in tellers if f.suffix == ".feature" for owner in files.spoken_of(f) if owner}
    beside = {p for path in policies | told for p in files.read(path).rests_on if p.is_file() or p in files.typed}
    texts = {p: files.text(p) for p in {*beside, *tellers}}
    failed = [name for name, holds in _outcomes(texts | changed, tellers) if not holds]
    if not failed:
        return
    for name, holds in _outcomes(texts, tellers):
        if not holds:
            raise CannotRename(f"the scenario `{name}` does not hold: mend it first")
    raise CannotRename(f"the scenario `{failed[0]}` would not hold then")


def _outcomes(texts: Mapping[Path, str], tellers: Iterable[Path]) -> list[tuple[str, bool]]:
    """Return the scenarios of some files, each with whether it holds, told in a folder of their own.

    Raises:
        CannotRename: Where one of these files cannot be read.
    """
    from walkaway_cli.scenarios.collect import problems_of
    from walkaway_cli.scenarios.problems import Missed, Misunderstood
    from walkaway_cli.scenarios.replay import Replaced, ScenarioReplay, told_in

    root = commonpath([p.parent for p in texts])
    found: list[tuple[str, bool]] = []
    told: list[ScenarioReplay] = []
    with tempfile.TemporaryDirectory() as folder:
        there = {p: Path(folder) / p.relative_to(root) for p in texts}
        for path, text in texts.items():
            there[path].parent.mkdir(parents=True, exist_ok=True)
            there[path].write_text(text, encoding="utf-8", newline="")
        engines = Replaced(lambda policy, _: Engine(policy, Core.PLAIN))
        for path in tellers:
            if path.suffix == ".feature" and problems_of(there[path]).file:
                raise CannotRename(f"{path.name} has mistakes: mend them first")
            try:
                told += told_in([there[path]])
            except Misunderstood:
                raise CannotRename(f"{path.name} has mistakes: mend them first") from None
        for scenario in told:
            try:
                scenario.tell(engines)
            except (Missed, Misunderstood, InvalidInput):
                found.append((scenario.name, False))
            else:
                found.append((scenario.name, True))
    return found
