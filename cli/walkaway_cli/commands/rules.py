"""`walkaway rules`: a policy's rules, the built-in ones beside its own."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import msgspec

from walkaway.decide import sentence_of
from walkaway.events import On
from walkaway.language import text_of
from walkaway.policy import Enforcement, Policy, Rule
from walkaway_cli import exits
from walkaway_cli.options.policies import load_policy, policy_option


class ListedRule(msgspec.Struct, frozen=True):
    """One rule as it is listed.

    Attributes:
        on: What it listens to, in the order of the policy language; `any` alone for everything.
        effect: A verdict, or `concludes NAME`.
        to: The role that must approve, with `escalate`; `door` goes with `walk`.
        by: The role that may lift it, where it is overridable.
        condition: On one line, definitions written out.
        place: File and line; `built-in` for a rule every policy has.
        source: Where its principle comes from, as its author names it.
        concern: What it is about, by which equally severe reasons are told in order; empty where it does not say.
        sentence: The rule in one sentence, as reasons quote it.
    """

    id: str
    on: tuple[str, ...]
    effect: str
    to: str
    door: str
    enforcement: str
    by: str
    why: str
    say: str
    condition: str
    place: str
    source: str
    built_in: bool
    concern: str = ""
    sentence: str = ""


def listed(policy: Policy, rule: Rule) -> ListedRule:
    """Return a rule of a policy as it is listed."""
    effect = rule.effect
    return ListedRule(
        id=rule.id,
        on=("any",) if rule.on == frozenset(On) else tuple(o.value for o in On if o in rule.on),
        effect=f"concludes {effect.concludes}" if effect.verdict is None else effect.verdict.value,
        to=effect.to,
        door=effect.door.value if effect.door else "",
        enforcement=rule.enforcement.value,
        by=rule.by,
        why=rule.why,
        say=rule.say,
        condition=text_of(rule.condition),
        place="built-in" if rule.built_in else f"{rule.span.file}:{rule.span.line}",
        source=rule.source,
        built_in=rule.built_in,
        concern=rule.concern or "",
        sentence=sentence_of(policy, rule),
    )


def text(rules: Sequence[ListedRule]) -> None:
    """Print each rule: what it does, then when, why, what may be said, and where it stands."""
    from walkaway_cli.render import table

    parts = []
    for rule in rules:
        parts.append(table.title(rule.id, _effect(rule)))
        rows = [("on", ", ".join(rule.on)), ("when", rule.condition), ("why", rule.why)]
        rows += [("say", rule.say)] * bool(rule.say) + [("from", rule.source)] * bool(rule.source)
        rows += [("of", rule.concern)] * bool(rule.concern)
        parts.append(table.columns([*rows, ("at", rule.place)], [4]))
    table.show(parts)
    own = sum(not r.built_in for r in rules)
    click.echo(f"{own} rule{'s' * (own != 1)} of the policy's own, {len(rules) - own} built in")


def sentences(rules: Sequence[ListedRule]) -> None:
    """Print each rule in one sentence."""
    from walkaway_cli.render import table

    table.show([part for rule in rules for part in (table.title(rule.id), table.columns([(rule.sentence,)], []))])


def _effect(rule: ListedRule) -> str:
    more = f" to {rule.to}" if rule.to else f", door {rule.door}" if rule.door else ""
    if rule.enforcement == Enforcement.MANDATORY:
        return f"{rule.effect}{more}"
    return f"{rule.effect}{more} ({rule.enforcement}{f' by {rule.by}' if rule.by else ''})"


def as_json(rules: Sequence[ListedRule]) -> None:
    """Print one JSON array."""
    click.echo(msgspec.json.format(msgspec.json.encode(rules), indent=2))


FORMATS: dict[str, Callable[[Sequence[ListedRule]], None]] = {"text": text, "json": as_json}


def generated(policy: Policy) -> None:
    """Print the function by which each kind of event is decided in a live run."""
    from walkaway import Core, Engine

    texts = Engine(policy, Core.PLAIN).generated.texts()
    click.echo("\n\n\n".join(f"# {kind}\n\n{text}" for kind, text in texts.items()))


@click.command("rules")
@policy_option
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How to list them."
)
@click.option("--sentences", "in_sentences", is_flag=True, help="Say each rule in one sentence, as answers quote it.")
@click.option(
    "--generated", "is_code", is_flag=True, help="Print the Python by which `run` decides each kind of event."
)
def command(path: Path, form: str, in_sentences: bool, is_code: bool) -> int:
    """List a policy's rules, its own first, then the built-in ones.

    A rule is mandatory unless something else is said. A built-in rule can be made more severe under `rules:`, by its
    name, and never milder.

    With `--generated`: the functions that are written from the policy for the commonest kinds of event, with its
    issues, limits, facts and rules in them. They decide as everything else does, only sooner; what none is printed for,
    and every event under a policy with layers, is decided without one.

    \b
    walkaway rules --policy rules/saas-discounting
    walkaway rules --sentences --policy rules/saas-discounting
    walkaway rules --generated --policy rules/saas-discounting
    """
    policy = load_policy(path)
    if is_code:
        generated(policy)
        return exits.YES
    rules = sorted((listed(policy, r) for r in policy.rules), key=lambda r: r.built_in)
    (sentences if in_sentences and form == "text" else FORMATS[form])(rules)
    return exits.YES
