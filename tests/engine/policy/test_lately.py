"""What was read lately is not read again while the same files lie beside it; a change of any of them is seen."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from walkaway import Policy, policy
from walkaway.language.diagnostics import Checked
from walkaway.policy.lately import KEPT, last_readings

TEXT = """\
policy: licences
version: 1
side: seller
currency: USD
deal: {list_price: money, segment: {one of: [small, large]}}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: "floors[deal.segment].walk"}
tables:
  floors: {file: floors.csv, key: segment}
rules:
  bought: {why: w, on: our offer, when: give.value > get.value, then: trade}
"""
FLOORS = b"segment,walk\nsmall,20%\nlarge,30%\n"
ABOVE = b"policy: company\nversion: 1\nside: seller\ncurrency: USD\ndeal: {list_price: money}\nrules: {}\n"


def read(text: str, files: Mapping[str, bytes], file: str = "policy.yaml") -> Checked[Policy]:
    return policy.read(text.encode(), file, files.get)


def test_the_same_bytes_are_the_same_policy() -> None:
    """Whoever reads a policy again has the one that was read before, with its findings."""
    first = read(TEXT, {"floors.csv": FLOORS})
    assert first.unwrap().sha256
    assert read(TEXT, {"floors.csv": FLOORS}) is first


def test_a_policy_under_another_name_is_another_one() -> None:
    """Places name the file in which they were found."""
    one, other = (read(TEXT, {"floors.csv": FLOORS}, file) for file in ("one.yaml", "other.yaml"))
    assert [found.unwrap().file for found in (one, other)] == ["one.yaml", "other.yaml"]
    assert other.unwrap().rules[0].span.file == "other.yaml"


@pytest.mark.parametrize(
    "changed", [FLOORS.replace(b"20%", b"25%"), FLOORS.replace(b"20%", b"-"), None], ids=["other", "wrong", "gone"]
)
def test_a_table_that_has_changed_is_read(changed: bytes | None) -> None:
    """A file beside a policy that is another, or gone, or there again, is seen at once."""
    before = read(TEXT, {"floors.csv": FLOORS})
    after = read(TEXT, {} if changed is None else {"floors.csv": changed})
    assert after != before
    assert (after.value is None) == (changed != FLOORS.replace(b"20%", b"25%"))
    assert read(TEXT, {"floors.csv": FLOORS}).unwrap() == before.unwrap()


def test_a_layer_that_has_changed_is_read(tmp_path: Path) -> None:
    """A policy above another is a file beside it."""
    (tmp_path / "above.yaml").write_bytes(ABOVE)
    (tmp_path / "policy.yaml").write_text(TEXT.replace("deal:", "extends: above.yaml\ndeal:"), encoding="utf-8")
    (tmp_path / "floors.csv").write_bytes(FLOORS)
    before = policy.load(tmp_path).unwrap()
    assert policy.load(tmp_path).unwrap() is before
    (tmp_path / "above.yaml").write_bytes(ABOVE + b"signals: [deception]\n")
    assert (before.signals, policy.load(tmp_path).unwrap().signals) == ((), ("deception",))
    (tmp_path / "above.yaml").unlink()
    assert policy.load(tmp_path).value is None


def test_published_rates_are_read_each_time(tmp_path: Path) -> None:
    """They are no part of a policy: each reading of it has the file of them as it is then."""
    rates = "currencies: {accepted: [EUR], rates: {file: rates.csv, per: USD, max_age: 7 days}}\n"
    (tmp_path / "policy.yaml").write_text(TEXT + rates, encoding="utf-8")
    (tmp_path / "floors.csv").write_bytes(FLOORS)
    first, second = (policy.load(tmp_path).unwrap() for _ in range(2))
    assert first.rates is not None
    assert first.rates is not second.rates


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest make room."""
    made: list[str] = []
    anew: Callable[..., Checked[Policy]] = policy._read

    def counted(data: bytes, *rest: object) -> Checked[Policy]:
        made.append(data.decode())
        return anew(data, *rest)

    monkeypatch.setattr(policy, "_read", counted)
    last_readings.cache_clear()
    texts = [TEXT.replace("version: 1", f"version: {1000 + n}") for n in range(KEPT + 1)]
    for text in (*texts, texts[-1], texts[0]):
        read(text, {"floors.csv": FLOORS})
    assert made == [*texts, texts[0]]
