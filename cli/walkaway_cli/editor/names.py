"""Where a name is declared, and every place that names it."""

import re
from collections.abc import Iterator
from pathlib import Path

from walkaway import Policy, language
from walkaway.language import Span
from walkaway.policy import FILE, RULE_NAME
from walkaway_cli.editor.files import CASES, Files, lines_of
from walkaway_cli.editor.places import place_at, word_at
from walkaway_cli.editor.renaming import named, renamed
from walkaway_cli.editor.spots import CannotRename, OwnName, Spot, related

_TEXTS = re.compile(r'"([^"\n]*)"')
_CELL = re.compile(r"(?<=\|)([^|\n]*)(?=\|)")
_PATH = re.compile(r"""(?:file|extends)[ ]*:[ ]*['"]?([^'",}#]+)""")


def declaration(files: Files, path: Path, line: int, column: int) -> Spot | None:
    """Return where the name at a place is declared; none for what the policy language itself brings."""
    lines = lines_of(files.text(path))
    owner = files.policy_of(path)
    policy = files.policy(owner) if owner else None
    if line >= len(lines) or policy is None or owner is None:
        return None
    named = _PATH.search(lines[line])
    if named and path.suffix in (".yaml", ".yml") and named.start(1) <= column <= named.end(1):
        return _file(path, named[1].strip())
    word, _ = word_at(lines[line], column)
    span = policy.places.get(f"deal.{word}") if path.suffix == ".csv" else _declared(policy, word)
    return _spot(span, owner) if span is not None and span.file else None


def _file(path: Path, name: str) -> Spot | None:
    found = (path.parent / name).resolve()
    found = found / FILE if found.is_dir() else found
    return Spot(found, 0, 0, 0) if found.is_file() else None


def _declared(policy: Policy, word: str) -> Span | None:
    """Return the place of a rule, or of what a fact comes from."""
    rules = {rule.id: rule for rule in policy.rules}
    if word in rules and rules[word].span.file:
        return rules[word].span
    group, _, name = word.rpartition(".")
    if group == "concluded":
        return next((r.span for r in policy.rules if r.effect.concludes == name), None)
    last = name or word
    if group in ("deal", "derived", "line", "lines", "signals", "pattern", "tables"):
        return policy.places.get(f"{group}.{name}")
    if group == "approved":
        return policy.places.get(f"roles.{name}")
    keys = (f"define.{word}", f"tables.{word.partition('[')[0]}", f"issues.{last}", f"roles.{word}", f"signals.{word}")
    return next((policy.places[key] for key in keys if key in policy.places), None)


def _spot(span: Span, owner: Path) -> Spot:
    path = Path(span.file) if Path(span.file).is_absolute() else owner.parent / span.file
    return Spot(path.resolve(), span.line - 1, span.column - 1, span.column - 1 + span.length)


def named_at(files: Files, path: Path, line: int, column: int) -> tuple[str, Spot]:
    """Return the rule or, as `issues.NAME`, what else a place names, and the stretch of the name.

    Raises:
        CannotRename: Where it names none of the policy's own.
    """
    other = _other_at(files, path, line, column)
    if other is not None:
        return f"{other[0].key}.{other[0].name}", other[1]
    return rule_at(files, path, line, column)


def _other_at(files: Files, path: Path, line: int, column: int) -> tuple[OwnName, Spot] | None:
    """Return what a place names beside a rule, and the stretch of the name."""
    lines = lines_of(files.text(path))
    owner = files.policy_of(path)
    policy = files.policy(owner) if owner else None
    if policy is None or owner is None or line >= len(lines):
        return None
    word, start = word_at(lines[line], column)
    above = place_at(lines, line, start).above if path.suffix in (".yaml", ".yml") else ()
    if above == ("rules",):
        return None
    found = named(policy.places, above, word)
    if found is None:
        return None
    start += len(word) - len(found[1])
    return OwnName(*found, owner), Spot(path, line, start, start + len(found[1]))


def rule_at(files: Files, path: Path, line: int, column: int) -> tuple[str, Spot]:
    """Return the rule that a place names, and the stretch of the name.

    Raises:
        CannotRename: Where it names none of the policy's own.
    """
    lines = lines_of(files.text(path))
    owner = files.policy_of(path)
    policy = files.policy(owner) if owner else None
    word, start = word_at(lines[line], column) if line < len(lines) else ("", 0)
    rule = next((r for r in policy.rules if r.id == word), None) if policy else None
    in_yaml = path.suffix in (".yaml", ".yml") and files.is_policy(path)
    if rule is None or (in_yaml and place_at(lines, line, start).above != ("rules",)):
        raise CannotRename("there is no rule here")
    if rule.built_in:
        raise CannotRename(f"`{word}` is a built-in rule")
    if rule.made_of:
        raise CannotRename(f"`{word}` is made of `{rule.made_of}:`, which names it")
    return word, Spot(path, line, start, start + len(word))


def rename(files: Files, path: Path, line: int, column: int, new: str) -> list[Spot]:
    """Return every place that names what stands at a place, in all files of the workspace that speak of its policy.

    Raises:
        CannotRename: Where nothing there is the policy's own, or *new* cannot be its name.
    """
    return _places(files, path, line, column, new, told=True)


def references(files: Files, path: Path, line: int, column: int) -> list[Spot]:
    """Return every place that names what stands at a place; none where that is not the policy's own."""
    try:
        name, _ = named_at(files, path, line, column)
        return _places(files, path, line, column, f"{name.rpartition('.')[2][:40]}_0", told=False)
    except CannotRename:
        return []


def _places(files: Files, path: Path, line: int, column: int, new: str, *, told: bool) -> list[Spot]:
    owner = files.policy_of(path)
    other = _other_at(files, path, line, column)
    if other is not None:
        spots = renamed(files, other[0], new, told)
        if other[1] not in spots:
            raise CannotRename(f"`{other[0].name}` is a word here, and no name")
        return spots
    old, _ = rule_at(files, path, line, column)
    assert owner is not None
    if not re.fullmatch(RULE_NAME, new, re.ASCII):
        raise CannotRename("a rule's name has small letters, digits, `-` and `_`, 80 characters at most")
    policies = related(files, owner)
    if any(new == r.id for file in policies if (p := files.policy(file)) for r in p.rules):
        raise CannotRename(f"there is a rule `{new}` already")
    found: set[Spot] = set()
    for file in policies:
        found |= set(_in_policy(files, file, old))
    for file in files.all(".feature"):
        lines = zip(lines_of(files.text(file)), files.spoken_of(file), strict=True)
        found |= set(_in_feature(file, [line if of in policies else "" for line, of in lines], old))
    for file in files.all(".yaml", ".yml"):
        if file.name == CASES and files.policy_of(file) in policies:
            found |= set(_in_cases(files, file, old))
    return sorted(found)


def _in_policy(files: Files, path: Path, old: str) -> Iterator[Spot]:
    root = language.read(files.text(path).encode("utf-8", "replace"), str(path)).value
    if root is None:
        root = language.read(files.without_mistakes(path)[0].encode("utf-8", "replace"), str(path)).value
    rules = root.get("rules") if isinstance(root, language.Mapping) else None
    for key, _ in rules.entries if isinstance(rules, language.Mapping) else ():
        if key.value == old:
            start = key.start[1] + key.quoted
            yield Spot(path, key.start[0], start, start + len(old))


def _in_feature(path: Path, lines: list[str], old: str) -> Iterator[Spot]:
    for number, line in enumerate(lines):
        for pattern in (_TEXTS, _CELL):
            for found in pattern.finditer(line):
                if found[1].strip() == old:
                    start = found.start(1) + found[1].index(old)
                    yield Spot(path, number, start, start + len(old))


def _in_cases(files: Files, path: Path, old: str) -> Iterator[Spot]:
    root = language.read(files.text(path).encode("utf-8", "replace"), str(path)).value
    cases = root.get("cases") if isinstance(root, language.Mapping) else None
    for case in cases.items if isinstance(cases, language.Sequence) else ():
        fired = case.get("fired") if isinstance(case, language.Mapping) else None
        for item in fired.items if isinstance(fired, language.Sequence) else ():
            if isinstance(item, language.Scalar) and item.value == old:
                start = item.start[1] + item.quoted
                yield Spot(path, item.start[0], start, start + len(old))
