"""A draft of the policy: its findings, cases, where it answers otherwise, what is proved; and nothing decided by it."""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.agents import Face, Told  # noqa: E402
from tests.helpers.logs import FLOORS, POLICY  # noqa: E402

from walkaway_cli.jobs.bounds import JobQuestion  # noqa: E402
from walkaway_cli.jobs.kinds import outcome  # noqa: E402
from walkaway_edge.http.drafts import KEPT_S, MOST, Drafts  # noqa: E402
from walkaway_edge.http.identity import Role, identity  # noqa: E402
from walkaway_edge.http.kept import KeptFile  # noqa: E402

pytestmark = pytest.mark.serve

CASES = """\
open: {facts: {list_price: "100,000 USD", segment: large}}
cases:
  - note: A discount for nothing asks for a trade.
    events:
      - {type: offer, by: us, terms: {discount: 5%}}
    want: trade
    fired: [nothing-for-nothing]
  - note: Sixteen percent wants a manager.
    events:
      - {type: offer, by: us, terms: {discount: 16%}}
    want: escalate
    fired: [nothing-for-nothing, deep]
"""
COMPANY = """\
policy: company
version: 1
side: seller
currency: USD
issues:
  price: {type: money, start: 100 USD, worth: 1 USD per 1 USD, want: 90 USD, walk: 80 USD}
rules: {}
"""
TEAM = """\
policy: team
version: 1
extends: ../company/policy.yaml
side: seller
currency: USD
rules: {}
"""
PATIENCE_S = 500


class Ops:
    """Somebody at the pages of drafts."""

    def __init__(self, face: Face, role: str = "sales-ops") -> None:
        self.face, cookie = face, f"a-{role}"
        visits = face.front.visits
        visits.visits[hashlib.sha256(cookie.encode()).digest()] = (identity("sara", [role], ["*"]), 1e12)
        form = {"origin": "http://face", "content-type": "application/x-www-form-urlencoded"}
        self.headers, self.token = {"cookie": f"{face.pages.cookie}={cookie}", **form}, visits.form_token(cookie)

    async def get(self, path: str) -> Told:
        """Look at a page."""
        return await self.face.call("GET", path, None, headers=self.headers)

    async def post(self, path: str, fields: Mapping[str, str] | None = None) -> Told:
        """Send a form."""
        sent = urlencode({"form_token": self.token, **(fields or {})}).encode()
        return await self.face.call("POST", path, sent, headers=self.headers)

    async def tried(self, policy: str, cases: str = CASES) -> str:
        """Send a draft, and return where its results are."""
        fields = {"policy.yaml": policy, "floors.csv": FLOORS, "cases.yaml": cases}
        told = await self.post("/policies/drafts", {f"file.{name}": text for name, text in fields.items()})
        assert told.status == 303, told.body
        return dict(told.headers)[b"location"].decode()

    async def result(self, where: str) -> str:
        """Return the page of a draft of which nothing waits any more, as text."""
        async with asyncio.timeout(PATIENCE_S):
            while "data-again" in (page := (await self.get(where)).body.decode()):
                await asyncio.sleep(0.2)
        return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))


SERVED = {"policy.yaml": POLICY, "floors.csv": FLOORS}


def drafted(folder: Path, use: Callable[[Face], Awaitable[Any]], files: Mapping[str, str] = SERVED) -> Any:
    """Return what comes of pages over a policy with cases."""
    (folder / "policy").mkdir()
    for name, text in files.items():
        (folder / "policy" / name).write_text(text)

    async def run(face: Face) -> Any:
        async with face.jobs.running():
            return await use(face)

    with closing(Face(str(folder / "policy"), folder, str(folder / "log.db"))) as face:
        face.front.cases = files.get("cases.yaml", CASES)
        return asyncio.run(run(face))


def test_a_draft_is_tried_and_decides_nothing(tmp_path: Path) -> None:
    """What it changes is shown with a deal, a case that fails with why; it is proved where somebody asks."""

    async def use(face: Face) -> None:
        ops = Ops(face)
        form = (await ops.get("/policies/draft")).body.decode()
        assert all(f'name="file.{name}"' in form for name in ("policy.yaml", "floors.csv", "cases.yaml"))
        where = await ops.tried(POLICY.replace("offer.discount > 15%", "offer.discount > 20%").replace("\n", "\r\n"))
        page = await ops.result(where)
        assert re.search(r"policy\.yaml:\d+:\d+ WA\d+ +warning", page), page
        assert "Cases: 1 of 2 hold" in page
        assert re.search(r"Sixteen percent wants a manager\. +failed +cases\.yaml:8:", page), page
        assert str(tempfile.gettempdir()) not in page  # where it was run is nobody's business
        assert re.search(r"escalate +→", page), page
        assert re.search(r"by +deep", page), page
        assert (await ops.post(f"{where}/prove")).status == 303
        page = await ops.result(where)
        assert re.search(r"no-gift *: ", page), page
        assert (await ops.get(f"/policies/draft?from={where.rpartition('/')[2]}")).body.count(b"&gt; 20%") == 1
        served = await face.asked(lambda session: (session.policy.files["policy.yaml"], session.recorded))
        assert served == (POLICY.encode(), 0)

    drafted(tmp_path, use)


def test_a_draft_has_the_rates_that_are_published(tmp_path: Path) -> None:
    """A case in another currency is decided at them; they are no field of the draft, for they grow by themselves."""
    policy = (
        "policy: abroad\nversion: 1\nside: seller\ncurrency: USD\n"
        'currencies: {accepted: [EUR], rates: {file: rates.csv, per: EUR, published: "15:30 UTC", max_age: 6 days}}\n'
        "issues:\n  fee: {type: money, start: 0 USD, worth: -1 USD per 1 USD}\nrules:\n"
        "  much: {why: Much., on: our offer, when: 'offer.fee > 1,000 USD', then: refuse}\n"
    )
    cases = (
        "open: {currency: EUR}\ncases:\n  - note: A thousand dollars are 800 euros.\n"
        "    events: [{type: offer, by: us, terms: {fee: 800.01 EUR}}]\n    want: refuse\n    fired: [much]\n"
    )
    rates = "day,currency,rate\n2026-11-01,USD,1.25\n"

    async def use(face: Face) -> None:
        ops = Ops(face)
        assert b'name="file.rates.csv"' not in (await ops.get("/policies/draft")).body
        told = await ops.post("/policies/drafts", {"file.policy.yaml": policy, "file.cases.yaml": cases})
        page = await ops.result(dict(told.headers)[b"location"].decode())
        assert "cannot be read" not in page
        assert "Cases: 1 of 1 hold" in page, page

    drafted(tmp_path, use, {"policy.yaml": policy, "rates.csv": rates, "cases.yaml": cases})


def test_a_draft_with_errors_shows_each_at_its_place(tmp_path: Path) -> None:
    """With its line and a caret; what markup somebody writes stands there as text."""

    async def use(face: Face) -> None:
        ops = Ops(face)
        where = await ops.tried(POLICY.replace("    when: give", "    whem: <script>give", 1))
        page = await ops.result(where)
        assert re.search(r"policy\.yaml:\d+:5 WA201 +error: rule +nothing-for-nothing +has no key +whem", page), page
        assert page.count("It has errors: see the findings.") == 2
        raw = (await ops.get(where)).body.decode()
        assert "    whem: &lt;script&gt;give.value &gt; get.value\n    ^^^^</pre>" in raw

    drafted(tmp_path, use)


def test_drafts_are_for_sales_operations_and_read_by_auditors(tmp_path: Path) -> None:
    """Nobody else sees one; another site sends none; another file than those served is none of it."""

    async def use(face: Face) -> None:
        ops, where = Ops(face), "/policies/drafts/x"
        assert (await ops.get(where)).status == 404
        where = await ops.tried(POLICY)
        auditor = Ops(face, "auditor")
        assert (await auditor.get(where)).status == 200
        asked = [await auditor.post("/policies/drafts"), await auditor.post(f"{where}/prove")]
        asked += [await auditor.get("/policies/draft")]
        for role in (Role.REP, Role.CUSTOMER):
            asked += [await Ops(face, role).get(where), await Ops(face, role).post(f"{where}/prove")]
        assert [each.status for each in asked] == [403] * 7
        assert (await face.call("GET", where)).status == 303
        ops.headers["origin"] = "https://evil.example"
        assert (await ops.post("/policies/drafts", {"file.policy.yaml": POLICY})).status == 403
        ops.headers["origin"] = "http://face"
        assert (await ops.post("/policies/drafts", {"file.../../x": "", "file.policy.yaml": POLICY})).status == 422

    drafted(tmp_path, use)


def test_drafts_are_let_go_after_a_week_and_are_bounded(tmp_path: Path) -> None:
    """The oldest go first."""
    now = [0.0]

    async def use() -> None:
        drafts = Drafts(KeptFile(tmp_path / "kept"), lambda: now[0])
        try:
            for n in range(MOST + 2):
                now[0] = float(n)
                await drafts.add(f"d{n}", "sara", "0", {"policy.yaml": "x"})
            assert (drafts.find("d1"), drafts.find("d2") is not None) == (None, True)
            assert [each.id for each in drafts.latest(2)] == [f"d{MOST + 1}", f"d{MOST}"]
            now[0] += KEPT_S + 1
            assert (drafts.find(f"d{MOST + 1}"), drafts.latest()) == (None, [])
            await drafts.add("new", "sara", "0", {})
            assert [row for (row,) in drafts.file.rows("SELECT id FROM drafts")] == ["new"]
        finally:
            drafts.file.close()

    asyncio.run(use())


def test_cases_are_told_without_a_file_and_without_python_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy may stand above another folder's: nothing is written there, and no conftest.py on the way is run."""
    (tmp_path / "conftest.py").write_text("raise AssertionError\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    files = {
        "policy.yaml": TEAM,
        "../company/policy.yaml": COMPANY,
    }
    case = "  - {note: %s, events: [{type: offer, by: us, terms: {price: %s USD}}], want: proceed, fired: []}\n"
    told = f"open: {{facts: {{}}}}\ncases:\n{case % ('Within.', 90)}{case % ('Beyond.', 7)}"
    found = outcome(JobQuestion("cases", files, options={"cases": told}))
    answer = msgspec.json.decode(msgspec.json.encode(found.answer))
    assert (found.yes, [(each["scenario"], each["status"]) for each in answer]) == (
        False,
        [("Within.", "passed"), ("Beyond.", "failed")],
    )
    assert answer[1]["message"].startswith("cases.yaml:4: ")
    assert [path.name for path in tmp_path.iterdir()] == ["conftest.py"]
    (wrong,) = msgspec.json.decode(
        msgspec.json.encode(outcome(JobQuestion("cases", files, options={"cases": "x"})).answer)
    )
    assert (wrong["status"], wrong["scenario"]) == ("misunderstood", "")
