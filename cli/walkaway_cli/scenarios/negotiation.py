"""One deal as a scenario tells it: what it states when it opens, the clock, and every event line sent to a stream.

Nothing is bypassed: an event is a line of JSON that `walkaway.Stream` decodes, judges and folds, as for `walkaway
check`. The clock moves only where the scenario says so.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from walkaway import DeadLetter, Decision, Engine, Incident, Policy, Stream, load
from walkaway.advice import Seeker
from walkaway.decide import Counteroffer, Evaluation
from walkaway.language import (
    EPOCH,
    Exact,
    Kind,
    NotAValue,
    Unit,
    Value,
    datetime_of,
    format_value,
    nearest,
    parse_value,
)
from walkaway.policy import disagreement
from walkaway.session import Record, Version
from walkaway_cli.render.diagnostics import finding_text
from walkaway_cli.scenarios.problems import Missed, Misunderstood, Undecided, from_here
from walkaway_cli.scenarios.wording import merged

FILE = "policy.yaml"
DEAL = "D-1"
WE = "we"
"""Who acts for us where a scenario does not say: somebody who approves nothing."""
OURS = ("open", "update", "void", "reopen", "close")
"""Events that say no party, and are of our making."""
SPOKEN = ("open", "offer", "accept")
"""Events whose terms somebody says in a role."""
_ALWAYS = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""When a deal opens under a policy that is in force at any time, and the scenario does not say."""


class Engines:
    """The engines of a run, one for each policy folder; an incident is kept until a scenario takes it.

    Attributes:
        seekers: What finds counteroffers, for each engine of which a scenario has asked for some.
    """

    def __init__(self) -> None:
        self.ready: dict[Path, Engine] = {}
        self.incidents: list[Incident] = []
        self.seekers: dict[Engine, Seeker] = {}

    def get(self, path: Path) -> Engine:
        """Return the engine of the policy at *path*.

        Raises:
            Misunderstood: With all findings, where the policy has errors.
        """
        if path not in self.ready:
            checked = load(path)
            if checked.value is None or checked.errors:
                findings = "\n".join(click.unstyle(finding_text(f)) for f in checked.findings)
                raise Misunderstood(f"the policy {path} cannot be used\n{findings}")
            self.ready[path] = Engine(checked.value, report=self.incidents.append)
        return self.ready[path]

    def record(self, engine: Engine, evaluation: Evaluation, before: str) -> Decision:
        """Write the decision on record of what an engine has evaluated for a scenario."""
        return engine.record(evaluation, before)

    def stream(self, engine: Engine) -> Stream:
        """Return a stream whose decisions are recorded here."""
        return Stream(engine, record=lambda engine: partial(self.record, engine))

    def seeker(self, engine: Engine) -> Seeker:
        """Return what finds the counteroffers of an engine's decisions."""
        return self.seekers.setdefault(engine, Seeker(engine))


def find_policy(feature: Path, name: str = "") -> Path | None:
    """Return the policy that is *name* seen from the feature's folder or the nearest one above it.

    Args:
        name: A file or folder; if empty, the nearest folder with a `policy.yaml`.
    """
    for folder in feature.resolve().parents:
        found = folder / (name or FILE)
        if found.is_file() or (found / FILE).is_file():
            return from_here(found if name else folder)
    return None


class Negotiation:
    """What one scenario has said so far.

    Attributes:
        answer: The last event's decision or dead letter; none before the first event.
        earlier: The answer before that.
        evaluated: Event → its evaluation and the engine that made it, of those that gave a decision.
        lines: The event lines sent, oldest first.
        unclaimed: Whether the answer is a dead letter that no `Then` has spoken of.
        step: What the scenario says now, and `sent_by` what it said when the last event was sent, for messages.
    """

    def __init__(self, feature: Path, engines: Engines) -> None:
        self.feature, self.engines = feature, engines
        self.chosen: Path | None = None
        self.others: list[Path] = []
        self.following: Stream | None = None
        self.facts: dict[str, str] = {}
        self.terms: dict[str, str] = {}
        self.limits: dict[str, dict[str, str]] = {}
        self.batna = ""
        self.alternatives: list[dict[str, Any]] = []
        self.more: dict[str, str] = {}
        self.now: datetime | None = None
        self.actors: dict[str, str] = {"us": WE}
        self.role = ""
        self.lines: list[bytes] = []
        self.answer: Decision | DeadLetter | None = None
        self.earlier: Decision | DeadLetter | None = None
        self.evaluated: dict[str, tuple[Engine, Evaluation]] = {}
        self.unclaimed = False
        self.step: object = None
        self.sent_by: object = None

    # What the deal is about

    def use(self, name: str) -> None:
        """Choose the policy by the name of its file or folder."""
        self.chosen, self.others = self.found(name), []

    def use_beside(self, name: str) -> None:
        """Choose another version of the policy by the name of its file or folder."""
        self.others.append(self.found(name))

    def found(self, name: str) -> Path:
        """Return a policy by the name of its file or folder."""
        if self.following is not None:
            raise Misunderstood("the policy is named before anything else is said of the deal")
        path = find_policy(self.feature, name)
        if path is None:
            raise Misunderstood(f"there is no policy `{name}` in the feature's folder or one above it")
        return path

    @property
    def stream(self) -> Stream:
        """Return the stream under the policy chosen, or under the nearest, and under its other versions."""
        if self.following is None:
            path = self.chosen or find_policy(self.feature)
            if path is None:
                raise Misunderstood(f'there is no {FILE} beside this feature or above it: say `Given the policy "…"`')
            engines = [self.engines.get(p) for p in (path, *self.others)]
            if problem := disagreement([engine.policy for engine in engines]):
                raise Misunderstood(problem)
            self.following = Stream(*engines, record=self.recorder)
        return self.following

    def recorder(self, engine: Engine) -> Record:
        """Return what writes an engine's decisions."""
        return partial(self.record, engine)

    def record(self, engine: Engine, evaluation: Evaluation, before: str) -> Decision:
        """Keep an evaluation, and write the decision on record of it."""
        self.evaluated[evaluation.event.id] = engine, evaluation
        return self.engines.record(engine, evaluation, before)

    @property
    def version(self) -> Version:
        """Return the version that the deal is under; before it opens, the newest."""
        return self.stream.version(DEAL)

    @property
    def policy(self) -> Policy:
        """Return the policy."""
        return self.version.policy

    @property
    def is_open(self) -> bool:
        """Return whether the deal has opened."""
        return self.following is not None and DEAL in self.following.deals

    @property
    def position(self) -> Any:
        """Return the deal's position, none before it has opened."""
        return self.stream.deals[DEAL].position if self.is_open else None

    # Time

    @property
    def clock(self) -> datetime:
        """Return the time of the next event: by default 09:00 UTC on the first day the policy is in force."""
        if self.now is None:
            first, last = self.policy.effective
            day = first if first is not None else last
            self.now = _ALWAYS if day is None else EPOCH + timedelta(days=day, hours=9)
        return self.now

    @property
    def at(self) -> str:
        """Return that time as events write it."""
        return self.clock.isoformat().replace("+00:00", "Z")

    def set_clock(self, text: str) -> None:
        """Move the clock to an instant, or to 09:00 of a day; without an offset it is UTC."""
        try:
            self.now = datetime_of(text if len(text) > len("2026-10-05") else f"{text}T09:00:00")
        except ValueError as problem:
            raise Misunderstood(f"`{text}` is no day or instant: write 2026-10-05 or 2026-10-05T14:30:00Z") from problem

    def wait(self, duration: str) -> None:
        """Move the clock on."""
        self.now = self.clock + timedelta(seconds=int(self.value(duration, Unit(Kind.DURATION))))

    def until(self, duration: str | None) -> dict[str, str]:
        """Return the field `until` of an approval that is good for a while; nothing if it is good for ever."""
        if duration is None:
            return {}
        end = self.clock + timedelta(seconds=int(self.value(duration, Unit(Kind.DURATION))))
        return {"until": end.isoformat().replace("+00:00", "Z")}

    # What happens

    def open(self) -> None:
        """Send the event that opens the deal."""
        stated: dict[str, Any] = {"facts": self.facts, "terms": self.terms, "limits": self.limits, **self.more}
        stated["alternatives"] = self.alternatives
        fields = {key: value for key, value in stated.items() if value}
        self.deliver(self.line("open", {"facts": {}, **fields, **({"batna": self.batna} if self.batna else {})}))

    def happens(self, kind: str, /, **fields: Any) -> None:
        """Send an event; it opens the deal first, where nothing has yet."""
        self.claimed()
        if not self.is_open:
            self.open()
            if not self.is_open:
                return
        self.deliver(self.line(kind, fields))

    def line(self, kind: str, fields: Mapping[str, Any]) -> bytes:
        """Write an event as a line of JSON."""
        actor = self.actors.get(fields.get("by", "us" if kind in OURS else ""), "")
        head = {"id": f"e{len(self.lines) + 1}", "deal": DEAL, "at": self.at, "type": kind}
        role = self.role if kind in SPOKEN and fields.get("by", "us") == "us" else ""
        who = {key: text for key, text in (("actor", actor), ("role", role)) if text}
        return msgspec.json.encode({**head, **fields, **who})

    def deliver(self, line: bytes) -> None:
        """Send a line to the stream and keep the answer."""
        self.claimed()
        self.lines.append(line)
        answer = next(self.stream.line(line, f"event {len(self.lines)}", 1))
        self.take(answer)

    def consider(self, terms: Mapping[str, str]) -> None:
        """Ask about one more offer of ours, which is not made."""
        self.claimed()
        if not self.is_open:
            self.open()
        if self.is_open:
            self.take(self.stream.ask(DEAL, terms, self.actors.get("us", ""), self.at, self.role))

    def take(self, answer: object) -> None:
        """Keep an answer; a scenario with an incident has failed."""
        assert isinstance(answer, Decision | DeadLetter)
        self.earlier, self.answer, self.sent_by = self.answer, answer, self.step
        self.unclaimed = isinstance(answer, DeadLetter)
        if self.engines.incidents:
            incident = self.engines.incidents.pop()
            raise Missed(f"incident at event `{incident.event}`: {incident.what}")

    def claimed(self) -> None:
        """Check that the last event gave a decision, or that the scenario knows that it did not.

        Raises:
            Undecided: With the dead letter's findings.
        """
        if self.unclaimed and isinstance(self.answer, DeadLetter):
            self.unclaimed = False
            raise Undecided(f"this event gave no decision; it is a dead letter\n{letter_text(self.answer)}")

    def changes(self, **fields: Any) -> None:
        """State something of the deal: with its opening, or by an update once it is open."""
        if self.is_open:
            self.happens("update", **fields)
            return
        self.facts |= fields.get("facts", {})
        self.limits = merged(self.limits, fields.get("limits", {}))
        self.batna = fields.get("batna", self.batna)
        self.alternatives = [*self.alternatives, *fields.get("alternatives", ())]

    def others_take(self, name: str, amount: str) -> None:
        """Let other deals have taken an amount of a budget, whatever its key."""
        if name not in self.policy.budgets:
            raise Misunderstood(f"`{name}` is no budget of this policy. {nearest(name, self.policy.budgets)}")
        policy = self.policy
        taken = self.value(amount, Unit(Kind.MONEY, policy.home or policy.currency))
        assert isinstance(taken, int)
        self.stream.parties.taken.beside[name] = taken

    # What is seen

    def decided(self) -> Decision:
        """Return the last event's decision.

        Raises:
            Misunderstood: Where there is none.
        """
        self.claimed()
        if not isinstance(self.answer, Decision):
            raise Misunderstood("nothing has been decided yet: say what happens first, as in `When the deal opens`")
        return self.answer

    def seen(self) -> Mapping[str, Exact | None]:
        """Return every fact as the last event found it."""
        engine, found = self.evaluated[self.decided().event]
        return engine.all_facts(found)

    def seen_afterwards(self) -> Mapping[str, Exact | None]:
        """Return every fact as a tick at this moment finds it."""
        self.decided()
        tick = self.version.decoder.decode(self.line("tick", {})).value
        assert tick is not None
        engine = self.version.engine
        return engine.all_facts(engine.evaluate(self.position, tick))

    def counteroffers(self) -> tuple[Counteroffer, ...]:
        """Return what the last event's decision proposes instead; they are sought only where a scenario asks."""
        engine, found = self.evaluated[self.decided().event]
        return self.engines.seeker(engine).counteroffers(found)

    def unit(self, fact: str) -> Unit:
        """Return a fact's unit."""
        entry = self.policy.catalog.get(fact)
        if entry is None:
            raise Misunderstood(f"`{fact}` is no fact of this policy. {nearest(fact, self.policy.catalog)}")
        return entry.unit

    def value(self, text: str, unit: Unit) -> Value:
        """Read a value as people write it."""
        try:
            return parse_value(text.strip(), unit)
        except NotAValue as problem:
            raise Misunderstood(f"{problem}. {problem.hint}".strip(". ")) from problem

    def shown(self, fact: str, value: Exact | None) -> str:
        """Write a fact's value."""
        return "unknown" if value is None else format_value(value, self.unit(fact))


def letter_text(letter: DeadLetter) -> str:
    """Return a dead letter's findings in lines."""
    return "\n".join(click.unstyle(finding_text(f)) for f in letter.findings)
