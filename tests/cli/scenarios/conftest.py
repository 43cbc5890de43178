"""Write a feature beside a small policy, run it as `walkaway test` does, and see what comes of it."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent

import pytest
from click.testing import CliRunner

from walkaway_cli.commands.test import command

POLICY = """
policy: small
version: 1
side: seller
currency: USD
deal:
  list_price: {type: money, default: "100,000 USD"}
  segment: {one of: [smb, enterprise], default: smb}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: 20%}
  term: {type: months, start: 12 months, worth: 100 USD per month}
signals: [deception]
roles: [director]
rules:
  nothing-for-nothing:
    why: Every concession buys something of equal value.
    on: our offer
    when: give.value > get.value
    then: trade
    say: Happy to, with a longer term.
  bad-faith: {why: Lies end a deal., on: any, when: signals.deception >= 1, then: walk, door: closed}
"""

Tell = Callable[..., tuple[int, str]]


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tell:
    """Return a function: the steps of one scenario, a whole feature or cases in YAML, to exit status and output."""

    def told(text: str, *, policy: str = POLICY, file: str = "told.feature") -> tuple[int, str]:
        steps = dedent(text).strip()
        whole = file != "told.feature" or steps.startswith("Feature:")
        (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
        (tmp_path / file).write_text(
            (steps if whole else f"Feature: f\n  Scenario: s\n{indent(steps, '    ')}") + "\n", encoding="utf-8"
        )
        monkeypatch.chdir(tmp_path)
        result = CliRunner().invoke(command, [file], standalone_mode=False)
        if result.exception is not None:
            raise result.exception
        return result.return_value, result.output

    return told
