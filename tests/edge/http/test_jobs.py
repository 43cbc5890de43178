"""Long work over HTTP: asked for, done one after the other, looked at later, cancelled; a restart loses none."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.agents import Face, Told  # noqa: E402
from tests.helpers.processes import PATIENCE_S, wait_for  # noqa: E402
from tests.helpers.serving import ROOT, Client, serving  # noqa: E402

from walkaway import Diagnostic, Policy  # noqa: E402
from walkaway_cli.jobs import kinds as worker  # noqa: E402
from walkaway_cli.jobs.bounds import JobQuestion  # noqa: E402
from walkaway_edge.http import jobs as room  # noqa: E402
from walkaway_edge.http.table import ROUTES  # noqa: E402
from walkaway_edge.problems import EdgeProblem  # noqa: E402

pytestmark = pytest.mark.serve

POLICY = ROOT / "rules" / "used-car"
FILES = {"policy.yaml": (POLICY / "policy.yaml").read_text()}
DEAL = [msgspec.json.decode(line) for line in (POLICY / "deal.jsonl").read_bytes().splitlines()]
SLEEPS = ("sh", "-c", "exec sleep 60")
ANSWERS = ("sh", "-c", 'cat > /dev/null; printf \'{"yes": true, "answer": {"n": 1}}\'')


def run(folder: Path, use: Callable[[Face], Awaitable[Any]], program: tuple[str, ...] = ()) -> Any:
    """Use a server that does jobs, by this program in place of the real one where it is given."""

    async def used(face: Face) -> Any:
        async with face.jobs.running():
            return await use(face)

    with closing(Face(str(POLICY), folder, str(folder / "log.db"))) as face:
        face.jobs.program = program or face.jobs.program
        return asyncio.run(used(face))


async def asked(face: Face, path: str, body: object = None, role: str = "sales-ops", key: str = "") -> Told:
    """Ask for a job."""
    headers = {"Idempotency-Key": key} if key else None
    return await face.call("POST", path, {} if body is None else body, face.token(role), headers)


async def over(face: Face, of: str, role: str = "sales-ops") -> dict[str, Any]:
    """Wait until a job is over, and return it."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        told = await face.call("GET", f"/v1/jobs/{of}", None, face.token(role))
        assert told.status == 200, told.body
        if told.json["state"] not in ("waiting", "running"):
            return dict(told.json)
        assert (b"retry-after", b"2") in told.headers
        await asyncio.sleep(0.05)
    raise AssertionError(f"{of} is not over")


async def played(face: Face) -> None:
    """Have a deal on record."""
    for event in DEAL:
        await face.decide(event)


def test_every_kind_is_answered_as_its_command_answers(tmp_path: Path) -> None:
    """Lint, prove, diff, backtest and replay: asked with 202, waited for, and answered by the very bytes."""

    async def use(face: Face) -> dict[str, dict[str, Any]]:
        await played(face)
        asks = {
            "lint": ("/v1/policies/lint", {"files": {"policy.yaml": "policy: x\n"}}, "sales-ops"),
            "prove": ("/v1/policies/prove", {"only": ["nothing-beyond-walk"]}, "sales-ops"),
            "diff": ("/v1/policies/diff", {"files": FILES}, "sales-ops"),
            "backtest": ("/v1/policies/backtests", {"files": FILES}, "sales-ops"),
            "replay": ("/v1/log/replays", {}, "auditor"),
        }
        made = {}
        for kind, (path, body, role) in asks.items():
            told = await asked(face, path, body, role)
            assert told.status == 202, told.body
            assert (told.json["kind"], told.json["state"]) == (kind, "waiting")
            made[kind] = told.json["id"]
            assert (b"location", f"/v1/jobs/{made[kind]}".encode()) in told.headers
        found = {kind: await over(face, of) for kind, of in made.items()}
        listed = (await face.call("GET", "/v1/jobs", None, face.token("auditor"))).json["jobs"]
        assert [row["kind"] for row in listed] == list(reversed(asks))
        return found

    found = run(tmp_path, use)
    assert {kind: job["state"] for kind, job in found.items()} == dict.fromkeys(found, "done"), found
    assert found["lint"]["yes"] is False
    assert {"code", "line", "column", "hint"} <= set(found["lint"]["answer"][0])
    (proof,) = found["prove"]["answer"]
    assert (proof["name"], proof["outcome"], found["prove"]["yes"]) == ("nothing-beyond-walk", "proved", True)
    assert (found["diff"]["yes"], found["diff"]["answer"]["regions"]) == (True, [])
    assert (found["backtest"]["yes"], found["backtest"]["answer"]["events"]) == (True, len(DEAL))
    assert found["replay"]["answer"] == {
        "differences": [], "different": 0, "erased": 0, "of_other_meaning": 0, "same": len(DEAL), "would_differ_now": 0,
    }  # fmt: skip


def test_a_policy_that_cannot_be_read_fails_with_its_findings(tmp_path: Path) -> None:
    """Each with code, place and hint; no file of this machine that the policy names is read."""
    (tmp_path / "secret.yaml").write_text("canary: 173719\n")
    draft = f"policy: x\nextends: {os.path.relpath(tmp_path, Path.cwd())}/secret.yaml\n"

    async def use(face: Face) -> dict[str, Any]:
        told = await asked(face, "/v1/policies/diff", {"files": {"policy.yaml": draft}})
        return await over(face, told.json["id"])

    found = run(tmp_path, use)
    assert found["state"] == "failed"
    assert "WA215" in {f["code"] for f in found["findings"]}
    assert all(f["file"] == "policy.yaml" and f["hint"] for f in found["findings"] if f["severity"] == "error")
    assert "173719" not in str(found)


@pytest.mark.parametrize(
    ("path", "body", "at"),
    [
        ("/v1/policies/lint", {"files": {}}, "/files"),
        ("/v1/policies/lint", {"files": []}, "/files"),
        ("/v1/policies/lint", {"files": {"policy.yaml": 1}}, "/files/policy.yaml"),
        ("/v1/policies/lint", {"files": {"policy.yaml": "", "../x.csv": ""}}, "/files/..~1x.csv"),
        ("/v1/policies/lint", {"files": {"policy.yaml": "", "/etc/x": ""}}, "/files/~1etc~1x"),
        ("/v1/policies/lint", {"files": {"policy.yaml": "", "a/.x": ""}}, "/files/a~1.x"),
        ("/v1/policies/lint", {"strict": "yes"}, "/strict"),
        ("/v1/policies/lint", {"files": {"policy.yaml": ""}, "sha256": "x"}, "/sha256"),
        ("/v1/policies/prove", {"only": [1]}, "/only"),
        ("/v1/policies/diff", {"against": "0" * 64}, "/against"),
        ("/v1/policies/diff", {"sha256": 1}, "/sha256"),
        ("/v1/policies/backtests", {"sha256": "0" * 64}, "/sha256"),
        ("/v1/policies/backtests", {"mandatory": True}, "/mandatory"),
        ("/v1/log/replays", {"files": {}}, "/files"),
    ],
)
def test_what_is_no_question_is_told_with_its_place(path: str, body: object, at: str, tmp_path: Path) -> None:
    """Code, pointer and hint, and no job is made."""

    async def use(face: Face) -> None:
        told = await asked(face, path, body)
        assert told.status == 422, told.body
        assert [f["pointer"] for f in told.json["findings"]] == [at]
        assert all(f["hint"] for f in told.json["findings"])
        assert face.jobs.listed(1 << 62, 10) == []

    run(tmp_path, use, SLEEPS)


def test_jobs_are_done_one_after_the_other_and_bounded(tmp_path: Path) -> None:
    """One runs and five of one person wait; one more is 429, and what is cancelled makes room."""

    async def use(face: Face) -> None:
        made = [(await asked(face, "/v1/policies/lint")).json["id"]]
        while face.jobs.find(made[0]).state != "running":  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
        made += [(await asked(face, "/v1/policies/lint")).json["id"] for _ in range(room.MOST_OWN)]
        told = await asked(face, "/v1/policies/lint")
        assert (told.status, told.json["findings"][0]["code"]) == (429, "too-many-jobs")
        assert [job.state for _, job in face.jobs.listed(1 << 62, 10)] == ["waiting"] * room.MOST_OWN + ["running"]
        pid = face.jobs.process.pid  # type: ignore[union-attr]
        for of in made:
            told = await face.call("DELETE", f"/v1/jobs/{of}", None, face.token("sales-ops"))
            assert (told.status, told.json["state"]) == (200, "cancelled")
        again = await face.call("DELETE", f"/v1/jobs/{made[0]}", None, face.token("sales-ops"))
        assert (again.status, again.json["findings"][0]["code"]) == (409, "job-over")
        assert (await asked(face, "/v1/policies/lint")).status == 202
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.01)

    run(tmp_path, use, SLEEPS)


def test_jobs_that_come_at_once_are_counted_one_after_the_other(tmp_path: Path) -> None:
    """Who asks for many together has no more of them wait than who asks for one after the other."""

    async def use(face: Face) -> list[int]:
        told = await asyncio.gather(*(asked(face, "/v1/policies/lint") for _ in range(8)))
        return sorted(each.status for each in told)

    with closing(Face(str(POLICY), tmp_path, str(tmp_path / "log.db"))) as face:
        assert asyncio.run(use(face)) == [202] * room.MOST_OWN + [429] * 3


def test_the_oldest_answers_go_where_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fills the disk with answers; those that are not over yet stay."""
    monkeypatch.setattr(room, "KEPT_BYTES", 70)

    async def use(face: Face) -> list[bool]:
        made = []
        for _ in range(4):
            made.append((await asked(face, "/v1/policies/lint")).json["id"])
            await over(face, made[-1])
        face.jobs.program = SLEEPS
        made.append((await asked(face, "/v1/policies/lint")).json["id"])
        return [face.jobs.find(of) is not None for of in made]

    assert run(tmp_path, use, ANSWERS) == [False, False, True, True, True]


def test_who_may_is_said_by_the_role(tmp_path: Path) -> None:
    """Sales operations ask for all kinds, auditors for a replay; each ends their own; others are told of none."""

    async def use(face: Face) -> None:
        mine = (await asked(face, "/v1/policies/lint")).json["id"]
        assert (await asked(face, "/v1/policies/lint", role="auditor")).status == 403
        assert (await face.call("GET", f"/v1/jobs/{mine}", None, face.token("auditor"))).status == 200
        assert (await face.call("DELETE", f"/v1/jobs/{mine}", None, face.token("auditor"))).status == 403
        theirs = (await asked(face, "/v1/log/replays", role="auditor")).json["id"]
        assert (await face.call("DELETE", f"/v1/jobs/{theirs}", None, face.token("auditor"))).status == 200
        for role in ("rep", "approver:cfo", "feed", "agent", "customer", "executor"):
            for route in ROUTES:
                if route.work is not None:
                    told = await face.call(route.method, route.path.replace("{id}", mine), {}, face.token(role))
                    assert told.status == 403, (role, route.path)
        assert (await face.call("GET", "/v1/jobs/none", None, face.token("auditor"))).status == 404

    run(tmp_path, use, SLEEPS)


def test_a_question_sent_again_is_the_same_job(tmp_path: Path) -> None:
    """By its key; without one no job is made."""

    async def use(face: Face) -> None:
        one, two = [(await asked(face, "/v1/policies/lint", {}, key="k-1")) for _ in range(2)]
        assert one.json == two.json
        assert len(face.jobs.listed(1 << 62, 10)) == 1
        none = await asked(face, "/v1/policies/lint", {}, key=" ")
        assert (none.status, len(face.jobs.listed(1 << 62, 10))) == (400, 1)

    run(tmp_path, use, ANSWERS)


def test_jobs_survive_a_restart(tmp_path: Path) -> None:
    """What waited or was being done is done by the next server; what two of them ended with says so."""

    async def begins(face: Face) -> list[str]:
        made = [(await asked(face, "/v1/policies/lint")).json["id"] for _ in range(2)]
        while face.jobs.find(made[0]).state != "running":  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
        return made

    async def sees(face: Face) -> list[dict[str, Any]]:
        return [await over(face, of) for of in made]

    (tmp_path / "one").mkdir()
    made = run(tmp_path / "one", begins, SLEEPS)
    first, second = run(tmp_path / "one", sees, ANSWERS)
    assert (first["state"], first["answer"], second["state"]) == ("done", {"n": 1}, "done")

    async def begins_again(face: Face) -> None:
        while face.jobs.find(made[0]).state != "running":  # type: ignore[union-attr]
            await asyncio.sleep(0.01)

    (tmp_path / "two").mkdir()
    made = run(tmp_path / "two", begins, SLEEPS)
    run(tmp_path / "two", begins_again, SLEEPS)
    first, second = run(tmp_path / "two", sees, ANSWERS)
    assert (first["state"], "twice" in first["wrong"], second["state"]) == ("failed", True, "done")


def test_a_job_whose_end_was_not_written_is_done_anew_and_its_question_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file could not be written for a while: the job ends none the less, and its policy is kept no longer."""
    monkeypatch.setattr(room, "_AGAIN_S", 0.01)

    async def use(face: Face) -> list[tuple[Any, ...]]:
        ended, left = face.jobs._ended, [1]

        async def failing(*end: Any) -> None:
            if left:
                left.pop()
                raise EdgeProblem("the disk is full")
            await ended(*end)

        monkeypatch.setattr(face.jobs, "_ended", failing)
        of = (await asked(face, "/v1/policies/lint")).json["id"]
        assert (await over(face, of))["state"] == "done"
        return face.front.kept.rows("SELECT tries, question FROM jobs")

    assert run(tmp_path, use, ANSWERS) == [(2, b"")]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "gave no answer"),
        ("echo no JSON", "gave no answer"),
        ("head -c 20000 /dev/zero", "is longer than"),
        ("sleep 60", "took longer than"),
        ("kill -XCPU $$", "of processor time"),
        ("kill -KILL $$", "it was killed"),
    ],
)
def test_a_job_that_goes_wrong_fails_and_says_why(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too long, too much or nothing: it is over, and the next one is done."""
    monkeypatch.setattr(room, "LONGEST", 10_000)
    monkeypatch.setattr(room, "GRACE", 1 if "sleep" not in script else 0.002)

    async def use(face: Face) -> None:
        found = await over(face, (await asked(face, "/v1/policies/lint")).json["id"])
        assert found["state"] == "failed"
        assert said in found["wrong"]
        face.jobs.program = ANSWERS
        monkeypatch.setattr(room, "GRACE", 1)
        found = await over(face, (await asked(face, "/v1/policies/lint")).json["id"])
        assert found["state"] == "done"

    run(tmp_path, use, ("sh", "-c", script))


def has_ended(process: str) -> bool:
    """Return whether a process goes on no more, whoever has still to hear of it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_job_ends_with_its_server_and_is_done_by_the_next(tmp_path: Path) -> None:
    """Over a real socket: after SIGKILL no process goes on, and the same job has its answer."""
    key = {"Idempotency-Key": "k-1"}
    with serving(tmp_path) as first:
        ops = first.client("sales-ops", sub="olga")
        told = ops.call("POST", "/v1/policies/prove", {}, key)
        assert told.status == 202, told.body
        wait_for(lambda: ops.get(f"/v1/jobs/{told.json['id']}").json["state"] == "running")
        children = Path(f"/proc/{first.process.pid}/task/{first.process.pid}/children")
        wait_for(children.read_text)
        (child,) = children.read_text().split()
        first.stop(signal.SIGKILL)
        wait_for(lambda: has_ended(child))
    with serving(tmp_path) as second:
        ops = Client(second.url, ops.token)
        again = ops.call("POST", "/v1/policies/prove", {}, key)
        assert (again.status, again.body) == (202, told.body)
        of = f"/v1/jobs/{told.json['id']}"
        assert ops.get(of).json["state"] in ("waiting", "running")
        assert ops.call("DELETE", of).json["state"] == "cancelled"


def test_a_solver_is_asked_for_the_time_of_the_job_and_leaves_some_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is for all properties, which are told in the order of the laws, whichever was decided first."""
    pytest.importorskip("z3", reason="the extra `prove` is not installed")
    from walkaway.proof import dead, diff, layers, prove

    times: list[float] = []

    def proved(policy: Policy, _: Any, seconds: float, only: tuple[str, ...]) -> list[prove.Proof]:
        times.append(seconds)
        outcome = prove.Outcome.PROVED
        return [prove.Proof(one.name, one.says, outcome) for one in reversed(prove.properties(policy))]

    def strict(_: Policy, clock: Any, seconds: float, file: str) -> list[Diagnostic]:
        times.append(seconds)
        return []

    def compared(old: Policy, new: Policy, _: Any, seconds: float, *, milder: bool) -> diff.Comparison:
        times.append(seconds)
        return diff.Comparison((), (), ())

    monkeypatch.setattr(prove, "prove", proved)
    monkeypatch.setattr(dead, "strict", strict)
    monkeypatch.setattr(layers, "loosened", strict)
    monkeypatch.setattr(diff, "compare", compared)
    answer = worker.outcome(JobQuestion("prove", FILES, seconds=100)).answer
    assert [p["name"] for p in msgspec.json.decode(answer)][:2] == ["nothing-beyond-walk", "no-gift"]
    assert worker.outcome(JobQuestion("lint", FILES, seconds=100, options={"strict": True})).yes
    assert worker.outcome(JobQuestion("diff", FILES, FILES, seconds=100)).yes
    assert times == [90.0, 45.0, 45.0, 90.0]


def test_the_process_answers_what_it_is_asked_and_tells_what_is_wrong() -> None:
    """A question of each kind in this process: an unknown property, a log that is not there, a slip in a policy."""
    ask = JobQuestion
    assert "no property `x`" in worker.outcome(ask("prove", FILES, options={"only": ["x"]})).wrong
    assert worker.outcome(ask("backtest", FILES, store="/nowhere/log.db")).wrong
    assert worker.outcome(ask("backtest", FILES, options={"segment": "nobody"})).wrong
    found = worker.outcome(ask("diff", {"policy.yaml": "policy: x\n"}, FILES))
    assert msgspec.json.decode(msgspec.json.encode(found))["findings"]
