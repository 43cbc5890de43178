"""The corridor: which cores run, what is said where they differ, and that the more severe answer stands."""

import gc
import json
import sys
from pathlib import Path

import pytest

from walkaway import Stream, load, policy
from walkaway.deal.decode import Decoder
from walkaway.decide.core import plain, rete
from walkaway.decide.engine import Core, Engine

POLICY = """
policy: small
version: 1
side: seller
currency: USD
issues:
  discount: {type: percent, start: 0%, worth: -100 USD per 1%, walk: 20%}
signals: [deception]
roles: [manager, director]
rules:
  asks: {why: w, on: our offer, when: offer.discount >= 5%, then: trade}
  asks-too: {why: w, on: our offer, when: offer.discount >= 6%, then: trade}
  approval: {why: w, on: our offer, when: offer.discount >= 10%, then: escalate, to: director}
  leaves: {why: w, on: our offer, when: offer.discount >= 15%, then: walk}
  lied: {why: w, on: [our offer, signal], when: signals.deception >= 1, then: walk, door: closed}
"""
both_cores = pytest.mark.skipif(not rete.is_available(), reason="durable-rules is not installed")


def small():
    """Return the policy."""
    return policy.read(POLICY.encode(), "policy.yaml", lambda _: None).unwrap()


class Told:
    """A deal under one engine, told event by event, with the incidents reported and the stages each core loaded."""

    def __init__(self, core=Core.BOTH, rete_fires=None):
        self.incidents, self.loaded = [], []
        loads = {Core.PLAIN: plain.load, Core.RETE: rete_fires or rete.load}

        def noted(which):
            return lambda stage: (self.loaded.append((which, [r.id for r in stage.rules])), loads[which](stage))[1]

        planted = [Core.PLAIN, Core.RETE] if rete_fires or rete.is_available() else [Core.PLAIN]
        loaders = {which: noted(which) for which in planted}
        self.engine = Engine(small(), core, self.incidents.append, loaders)
        self.decoder = Decoder(self.engine.policy)
        self.position, self.count = None, 0
        self.tell({"type": "open", "facts": {}})

    def tell(self, event):
        """Decide one more event."""
        self.count += 1
        head = {"id": f"e{self.count}", "deal": "D", "at": f"2026-10-01T09:{self.count:02}:00Z"}
        decoded = self.decoder.decode(json.dumps({**head, **event}).encode()).unwrap()
        decision, self.position = self.engine.decide(self.position, decoded)
        return decision

    def offer(self, discount):
        """Decide an offer of ours."""
        return self.tell({"type": "offer", "by": "us", "actor": "rep", "terms": {"discount": discount}})


def firing(*names):
    """Return a loader whose runner fires these on offers of ours, whatever the facts, and else answers rightly."""

    def load(stage):
        places = tuple(i for i, rule in enumerate(stage.rules) if rule.id in names)
        return (lambda _: places) if any(r.id == "asks" for r in stage.rules) else plain.load(stage)

    return load


def failing(problem, *, at_load):
    """Return a loader that raises, or whose runner does, on offers of ours."""

    def load(stage):
        if not any(r.id == "asks" for r in stage.rules):
            return plain.load(stage)
        if at_load:
            raise problem

        def run(_):
            raise problem

        return run

    return load


def fired(decision):
    return [r.rule for r in decision.reasons]


# Which cores run


@both_cores
def test_both_cores_decide_by_default():
    """Unless told otherwise every decision is computed twice, and says that the two agree."""
    decision = Told().offer("5%")
    assert (decision.cores.agree, decision.cores.note, decision.cores.ran) == (True, "", ("plain", "rete"))
    assert decision.cores.fired == {}
    assert decision.verdict == "trade"


@pytest.mark.parametrize("core", [Core.PLAIN, pytest.param(Core.RETE, marks=both_cores)])
def test_one_core_decides_alone_where_asked_to(core):
    """With one core chosen that one runs, and the decision names it."""
    told = Told(core)
    decision = told.offer("10%")
    assert decision.verdict == "escalate"
    assert (decision.cores.agree, decision.cores.note, decision.cores.ran) == (True, "", (core.value,))
    assert {which for which, _ in told.loaded} == {core}


@both_cores
@pytest.mark.parametrize("discount", ["0%", "4.9999%", "5%", "6%", "9.9999%", "10%", "15%", "20%", "20.0001%"])
def test_every_choice_of_cores_gives_one_answer(discount):
    """Verdict and fired rules are the same whichever core is chosen."""
    answers = [Told(core).offer(discount) for core in Core]
    assert len({(a.verdict, a.door, *fired(a)) for a in answers}) == 1


def test_plain_runs_alone_without_the_c_extension(monkeypatch):
    """Where durable-rules is not installed every decision is plain's, and every decision says so."""
    monkeypatch.setattr(rete, "_engine", None)
    told = Told()
    for decision in (told.offer("5%"), told.offer("10%"), told.tell({"type": "tick"})):
        assert decision.cores.note == "durable-rules is not installed; plain ran alone"
        assert (decision.cores.agree, decision.cores.ran) == (True, ("plain",))
    assert decision.verdict == "proceed"
    assert told.incidents == []


def test_rete_cannot_be_chosen_without_the_c_extension(monkeypatch):
    """Asked for alone where it cannot be had, `rete` is refused at once and says what to install."""
    monkeypatch.setattr(rete, "_engine", None)
    with pytest.raises(rete.CoreFailed, match="pip install durable-rules"):
        Engine(small(), Core.RETE)


def test_plain_chosen_without_the_c_extension_needs_no_note(monkeypatch):
    """Who asks for `plain` is not told that `rete` is missing."""
    monkeypatch.setattr(rete, "_engine", None)
    assert Told(Core.PLAIN).offer("5%").cores.note == ""


@both_cores
def test_stages_are_loaded_when_first_needed():
    """Nothing is loaded for a kind of event that never comes."""
    told = Told()
    loaded = len(told.loaded)
    told.offer("1%")
    told.offer("2%")
    assert [which for which, rules in told.loaded[loaded:] if "asks" in rules] == [Core.PLAIN, Core.RETE]
    assert len(told.loaded) == loaded + 2


# Where they differ


def test_more_severe_answer_stands_where_rete_is_the_more_severe():
    """A rule that `rete` alone fires decides where it is the more severe; the decision shows what each fired."""
    told = Told(rete_fires=firing("leaves"))
    decision = told.offer("10%")
    assert (decision.verdict, decision.door, fired(decision)) == ("walk", "open", ["leaves"])
    assert not decision.cores.agree
    assert decision.cores.ran == ("plain", "rete")
    assert decision.cores.fired == {"plain": ("approval", "asks", "asks-too"), "rete": ("leaves",)}
    assert decision.cores.note == "the cores disagreed at event `e2`; rete is switched off"
    assert told.position.left is None  # what is only asked about an offer of ours is no walk


def test_more_severe_answer_stands_where_plain_is_the_more_severe():
    """Rules that `rete` misses decide all the same."""
    told = Told(rete_fires=firing())
    decision = told.offer("10%")
    assert (decision.verdict, fired(decision)) == ("escalate", ["approval", "asks", "asks-too"])
    assert decision.cores.fired == {"plain": ("approval", "asks", "asks-too"), "rete": ()}


def test_equally_severe_answers_leave_plain():
    """Where the verdicts are the same though other rules fired, those of `plain` are reported."""
    decision = Told(rete_fires=firing("asks-too")).offer("5%")
    assert (decision.verdict, fired(decision)) == ("trade", ["asks"])
    assert not decision.cores.agree


def test_closed_door_is_more_severe_than_an_open_one():
    """Of two walks the one for good stands, whichever core found it."""
    decision = Told(rete_fires=firing("lied")).offer("15%")
    assert (decision.verdict, decision.door) == ("walk", "closed")
    told = Told(rete_fires=firing("leaves"))
    told.tell({"type": "signal", "by": "them", "kind": "deception"})
    assert told.offer("15%").door == "closed"


def test_approvals_count_in_what_is_more_severe():
    """A rule that an approval meets is no verdict: what is more severe is seen after approvals, not before."""
    told = Told(rete_fires=firing("asks"))
    told.tell({"type": "approve", "approver": "dee", "role": "director", "terms": {"discount": "12%"}})
    decision = told.offer("4%")
    assert decision.verdict == "trade"
    told = Told(rete_fires=firing("approval"))
    told.tell({"type": "approve", "approver": "dee", "role": "director", "terms": {"discount": "12%"}})
    decision = told.offer("5%")
    assert (decision.verdict, fired(decision)) == ("trade", ["asks"])


def test_disagreement_is_reported_once_and_rete_is_off_afterwards():
    """The first disagreement is the last: it is reported, later decisions are plain's alone and carry the mark."""
    told = Told(rete_fires=firing("leaves"))
    told.offer("5%")
    assert [(i.policy, i.event) for i in told.incidents] == [("small", "e2")]
    assert told.incidents[0].what == "plain fired ['asks'], rete fired ['leaves']"
    assert told.engine.cores.core is Core.PLAIN
    for later in (told.offer("5%"), told.offer("10%"), told.tell({"type": "tick"})):
        assert later.cores.note == "the cores disagreed at event `e2`; rete is switched off"
        assert later.cores.ran == ("plain",)
        assert "leaves" not in fired(later)
    assert len(told.incidents) == 1


@pytest.mark.parametrize("at_load", [True, False])
def test_rete_that_fails_leaves_plain_and_an_incident(at_load):
    """A failure of the C core costs no answer: `plain` decides, the incident is reported once, `rete` is off."""
    told = Told(rete_fires=failing(rete.CoreFailed("durable-rules failed: error 303"), at_load=at_load))
    decision = told.offer("10%")
    assert (decision.verdict, fired(decision)) == ("escalate", ["approval", "asks", "asks-too"])
    assert not decision.cores.agree
    assert [i.what for i in told.incidents] == ["durable-rules failed: error 303"]
    again = told.offer("10%")
    assert (again.verdict, again.cores.ran) == ("escalate", ("plain",))
    assert len(told.incidents) == 1


@both_cores
def test_rete_alone_that_fails_gives_no_answer():
    """With `rete` chosen alone nothing stands in for it: a failure is raised, never a milder answer."""
    told = Told(Core.RETE, failing(rete.CoreFailed("gone"), at_load=False))
    with pytest.raises(rete.CoreFailed, match="gone"):
        told.offer("10%")
    assert told.count == 2
    assert told.position.ours.offers == 0


def test_mistake_of_our_own_gives_no_answer():
    """An error that is no failure of the C core is not caught: no verdict rather than a wrong one."""
    told = Told(rete_fires=failing(KeyError("offer.discount"), at_load=False))
    with pytest.raises(KeyError):
        told.offer("10%")


@pytest.mark.slow
@both_cores
@pytest.mark.skipif(sys.platform != "linux", reason="the memory held is read from /proc")
def test_memory_does_not_grow_with_engines():
    """A policy loaded, asked and dropped again and again, as on every change of its file, gives its memory back."""

    def resident(times):
        for _ in range(times):
            Told().offer("10%")
        gc.collect()
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4_096

    resident(30)
    before = resident(30)
    assert resident(100) - before < 10 * 1024 * 1024


@pytest.mark.parametrize("typed", ["low", "low/policy.yaml", "./low", "{here}/low", "../{name}/low"])
def test_a_reason_cites_its_line_as_seen_from_the_policy(tmp_path, monkeypatch, typed):
    """Whatever path was typed: the policy's own line, and that of the layer above, as the log has them."""
    for folder, text in (("up", UPPER), ("low", LOWER)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "policy.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    read = load(typed.format(here=tmp_path, name=tmp_path.name)).unwrap()
    opened = b'{"id": "a", "deal": "D", "at": "2026-10-05T09:00:00Z", "type": "open", "facts": {}}'
    more = b'"at": "2026-10-05T10:00:00Z", "type": "offer", "by": "us", "terms": {"price": "5 USD"}}'
    offered = b'{"id": "b", "deal": "D", ' + more
    *_, decision = Stream(Engine(read)).lines([opened, offered], "deal")
    assert {r.rule: r.source for r in decision.reasons} == {"own": "policy.yaml:5", "upper": "../up/policy.yaml:7"}


UPPER = """\
policy: up
version: 1
side: seller
currency: USD
issues: {price: {type: money, start: 9 USD, worth: 1 USD per 1 USD}}
rules:
  upper: {why: w, on: our offer, when: offer.price < 8 USD, then: trade}
"""
LOWER = """\
policy: low
version: 1
extends: ../up
rules:
  own: {why: w, on: our offer, when: offer.price < 7 USD, then: hold}
"""
