"""Hold every decision of the features against the one that its evidence renders."""

import pytest
from tests.helpers.rendered import assert_rendered_again

from walkaway import Engine
from walkaway.decide.decision import Decision
from walkaway.decide.evaluation import Evaluation


@pytest.fixture(autouse=True)
def _rendered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    record = Engine.record

    def recorded(engine: Engine, evaluation: Evaluation, before: str = "") -> Decision:
        decision = record(engine, evaluation, before)
        assert_rendered_again(engine, evaluation, decision, before)
        return decision

    monkeypatch.setattr(Engine, "record", recorded)
