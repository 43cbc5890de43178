"""`walkaway.bulk`: many events in, verdicts and rules out; whatever the past is read from, and however it is cut."""

import doctest
import json
import re
from pathlib import Path
from random import Random

import pytest
from tests.engine.backtest.test_backtest import PAST, policy
from tests.helpers.strategies import SEED

import walkaway
from walkaway import bulk, load
from walkaway.backtest import EventVerdict, backtested, parameter, swept
from walkaway.backtest.exact import answered, lines_of
from walkaway.policy import Policy

pytestmark = pytest.mark.bulk
for extra in ("numpy", "polars"):
    pytest.importorskip(extra, reason="needs the extra `bulk`: pip install -e '.[bulk]'")

ROOT = Path(__file__).parents[2]
SAAS = ROOT / "rules" / "saas-discounting"


def past() -> list[bytes]:
    """Return deals in turn: most of them plain; some with a party, some that follow another, some with odd lines."""
    events = [json.loads(line) for line in (SAAS / "deal.jsonl").read_text(encoding="utf-8").splitlines()]
    rng, found = Random(SEED), []
    for event in events:
        for number in range(60):
            more = {}
            if event["type"] == "open":
                more = {"party": f"{rng.choice(['Acme', 'acme '])}{number % 4}"} if number % 6 == 0 else {}
                more |= {"follows": f"D-{number - 1}"} if number % 20 == 7 else {}
            text = json.dumps({**event, "deal": f"D-{number}", **more})
            if number % 10 == 3:
                text = text.replace('"deal"', '"d\\u0065al"')
            if number % 10 == 4:
                text = json.dumps({"terms": {}, **json.loads(text)})
            found.append(text.encode())
    return [*found, b"", b"{}", b"\xff", b'{"id": "x", "deal": "D-1"}']


def by_engine(given: Policy, lines: list[bytes]) -> list[EventVerdict]:
    """Return what the engine decides of lines, one by one."""
    return in_order(answered(lines_of([b"\n".join(lines)]), given))


def in_order(verdicts: object) -> list[EventVerdict]:
    """Return verdicts deal by deal."""
    return sorted(verdicts, key=lambda v: (v.deal, v.at, v.event))  # type: ignore[call-overload,no-any-return]


def decided(found: object) -> list[EventVerdict]:
    """Return what came out, event by event."""
    return in_order(verdict for answers in found for verdict in answers.each())  # type: ignore[attr-defined]


@pytest.mark.parametrize("most", [1 << 28, 20_000])
def test_answers_are_the_engines_however_the_past_is_cut(most: int) -> None:
    """Held in memory at once, or laid out in files by deal; with deals of a party, and odd lines, among them."""
    given, lines = load(SAAS).unwrap(), past()
    found = list(bulk.decide(given, lines, most=most))
    assert decided(found) == by_engine(given, lines)
    assert {answers.by_engine for answers in found} == {True, False}
    for answers in found:
        for n, (deal, event, _) in zip(answers.line.tolist(), answers.named(), strict=True):
            assert (json.loads(lines[n])["deal"], json.loads(lines[n])["id"]) == (deal, event)


def test_a_rule_is_asked_for_by_its_name() -> None:
    """Its bits say at which events it fires; the verdicts are places in `walkaway.Verdict`."""
    given = policy("10%")
    answers = next(bulk.decide(given, [PAST]))
    assert not answers.by_engine
    fires = answers.fires("cap").tolist()
    assert fires == ["cap" in verdict.rules for verdict in answers.each()]
    assert any(fires)
    assert [tuple(walkaway.Verdict)[n] for n in answers.verdict] == [v.verdict for v in answers.each()]
    with pytest.raises(ValueError, match="nothing-of-the-kind"):
        answers.fires("nothing-of-the-kind")


def test_files_say_what_lines_say(tmp_path: Path) -> None:
    """JSON lines, Parquet with whole events, and with a column for each field; an unreadable file is told."""
    import polars as pl

    lines = [line for line in past() if line.startswith(b'{"id"')]
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(lines))
    pl.DataFrame({"line": [line.decode() for line in lines]}).write_parquet(tmp_path / "lines.parquet")
    rows = [json.loads(line) for line in lines]
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(tmp_path / "fields.parquet")
    given = load(SAAS).unwrap()
    wanted = decided(bulk.decide(given, lines))
    assert wanted
    for name in ("past.jsonl", "lines.parquet", "fields.parquet"):
        assert decided(bulk.decide(given, tmp_path / name)) == wanted
    (tmp_path / "no.parquet").write_bytes(b"nothing")
    for file in ("no.parquet", "absent.jsonl", "absent.parquet"):
        with pytest.raises(OSError, match=file):
            list(bulk.decide(given, tmp_path / file))


def test_backtests_and_sweeps_are_the_same_cut_or_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums over chunks, and over some deals at once, are the sums over all."""
    new, lines = load(SAAS).unwrap(), [b"\n".join(past())]
    varied = parameter(new, "discount.walk=10%..20%:5%")
    old = varied.set(new, varied.values[0])
    whole, rows = backtested(lines, new, old).sums, swept(lines, new, [varied]).rows
    monkeypatch.setattr("walkaway.backtest.bulk.TOGETHER", 7)
    monkeypatch.setattr("walkaway.backtest.columnar.sweeping.TOGETHER", 7)
    cut = backtested(lines, new, old).sums
    one_by_one = backtested(lines, new, old, columns=False).sums
    for sums in (whole, cut, one_by_one):
        sums.changed.sort(key=repr)
        sums.exact.clear()
        sums.exact_events.clear()
    assert cut.flips
    assert (cut.flips, cut.changed, cut.unread, cut.deals) == (whole.flips, whole.changed, whole.unread, whole.deals)
    assert (cut.flips, cut.changed, cut.unread) == (one_by_one.flips, one_by_one.changed, one_by_one.unread)
    assert cut.new.verdicts == one_by_one.new.verdicts
    assert [row.tally for row in swept(lines, new, [varied]).rows] == [row.tally for row in rows]


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What docs/backtest.md shows of Python is what comes out, of the files that it shows."""
    page = (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for _, name, text in blocks:
        if name:
            (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (shown,) = (text for sort, _, text in blocks if sort == "python")
    told: list[str] = []
    failed = doctest.DocTestRunner().run(
        doctest.DocTestParser().get_doctest(shown, {}, "backtest.md", "backtest.md", 0), out=told.append
    )
    assert not failed.failed, "".join(told)
    assert failed.attempted == 2


def test_columns_are_those_that_were_promised() -> None:
    """What comes out changes only together with tests/api.json, as the names and parameters do."""
    pinned = json.loads((ROOT / "tests" / "api.json").read_text(encoding="utf-8"))["bulk"]
    assert pinned["columns"] == [name for name in bulk.BulkAnswers.__struct_fields__ if name != "lines"]


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is read."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'walkaway\[bulk\]'"):
        bulk.decide("nowhere", [])
