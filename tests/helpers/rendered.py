"""Hold every decision that is recorded against the one that its evidence renders."""

from collections.abc import Callable

from walkaway.decide.decision import Decision, encode
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.evidence import pack, unpack
from walkaway.decide.render import Renderer

_readers: dict[int, tuple[Renderer, Renderer]] = {}


def assert_rendered_again(engine: Engine, evaluation: Evaluation, decision: Decision, before: str = "") -> bytes:
    """Fail where a decision's evidence, read back, does not give the same bytes; return the evidence as bytes."""
    data = pack(engine.evidence(evaluation, before))
    _, reader = _readers.get(id(engine.renderer)) or _kept(engine)
    found = reader.render(unpack(data))
    assert encode(found) == encode(decision), data.decode()
    return data


def _kept(engine: Engine) -> tuple[Renderer, Renderer]:
    found = _readers[id(engine.renderer)] = engine.renderer, Renderer(engine.policy)
    return found


def rendering(engine: Engine) -> Callable[[Evaluation, str], Decision]:
    """Return what records an engine's decisions, each held against what its evidence renders."""

    def record(evaluation: Evaluation, before: str = "") -> Decision:
        decision = engine.record(evaluation, before)
        assert_rendered_again(engine, evaluation, decision, before)
        return decision

    return record
