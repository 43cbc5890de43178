"""Several versions of one policy at once: `--policy`, repeated, for `check`, `record`, `run` and `show`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.helpers.findings import unwrapped

from walkaway import load
from walkaway_cli.main import main, walkaway
from walkaway_cli.running import reload
from walkaway_cli.running.reload import PolicyWatch

POLICY = """\
policy: renewals
version: {version}
side: seller
currency: USD
effective: {effective}
deal: {{list_price: money}}
issues:
  discount: {{type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: {walk}%}}
rules: {{}}
"""
VERSIONS = ((1, "{to: 2026-12-31}", 15), (2, "{from: 2027-01-01, to: 2027-12-31}", 12), (3, "{from: 2027-07-01}", 10))
"""Number, days in force, walk value. In the second half of 2027 two versions are in force."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the files `v1.yaml`, `v2.yaml` and `v3.yaml`, and work in it."""
    for version, effective, walk in VERSIONS:
        write(tmp_path / f"v{version}.yaml", POLICY.format(version=version, effective=effective, walk=walk))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(file: Path, text: str) -> None:
    """Write a file."""
    file.write_text(text, encoding="utf-8")


def run(command: str, *arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(walkaway, [command, *arguments])


def given(*numbers: int) -> list[str]:
    """Return `--policy` for some versions."""
    return [word for number in numbers for word in ("--policy", f"v{number}.yaml")]


def event(name: str, at: str, sort: str, **fields: object) -> str:
    """Return an event of deal D at 09:00 of a day."""
    return json.dumps({"id": name, "deal": "D", "at": f"{at}T09:00:00Z", "type": sort, **fields})


def opened(at: str) -> str:
    """Return the event that opens the deal."""
    return event("e0", at, "open", facts={"list_price": "100,000 USD"})


def offer(name: str, at: str, discount: int) -> str:
    """Return an offer of ours."""
    return event(name, at, "offer", by="us", terms={"discount": f"{discount}%"})


def moves(name: str, at: str, to: str) -> str:
    """Return an update that moves the deal."""
    return event(name, at, "update", policy=to)


COURSE = (
    opened("2026-12-30"),
    offer("e1", "2027-01-02", 14),
    moves("e2", "2027-01-03", "renewals"),
    offer("e3", "2027-01-04", 14),
    moves("e4", "2027-08-04", "renewals@3"),
    offer("e5", "2027-08-05", 11),
    moves("e6", "2027-08-06", "renewals@2"),
    offer("e7", "2027-08-07", 11),
)
"""A deal that opens under version 1, then is moved to 2, to 3 and back to 2."""
DECIDED = [
    ("e0", "proceed", 1), ("e1", "proceed", 1), ("e2", "proceed", 2), ("e3", "refuse", 2),
    ("e4", "proceed", 3), ("e5", "refuse", 3), ("e6", "proceed", 2), ("e7", "proceed", 2),
]  # fmt: skip


def answers(result: Result) -> list[tuple[str, str, int]]:
    """Return event, verdict and version of each decision."""
    found = [json.loads(line) for line in result.stdout.splitlines()]
    return [(a["event"], a["verdict"], a["policy"]["version"]) for a in found]


def check(*lines: str, versions: tuple[int, ...] = (1, 2, 3), options: tuple[str, ...] = ()) -> Result:
    """Check the events of some lines under some versions."""
    write(Path("deal.jsonl"), "\n".join(lines))
    return run("check", *given(*versions), "--format", "json", *options, "deal.jsonl")


@pytest.mark.parametrize(
    ("day", "version"), [("2026-12-31", 1), ("2027-01-01", 2), ("2027-06-30", 2), ("2027-07-01", 3), ("2028-01-01", 3)]
)
@pytest.mark.parametrize("versions", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_a_deal_opens_under_the_newest_version_in_force_on_its_day(day, version, versions):
    """By the opening, whatever order the versions are given in; offers after a change stay under it."""
    found = answers(check(opened(day), offer("e1", "2028-01-02", 5), versions=versions))
    assert found == [("e0", "proceed", version), ("e1", "proceed", version)]


def test_an_update_moves_a_deal_to_the_version_it_names():
    """By name alone to the version in force on the update's day, by number to that one, back and forth."""
    assert answers(check(*COURSE)) == DECIDED


def test_all_commands_decide_alike(folder):
    """`check`, `record` and `run`, with a store, without one and with workers, write the same bytes; replay agrees."""
    checked = check(*COURSE, *COURSE).stdout
    common = [*given(2, 1, 3), "--format", "json"]
    assert run("record", "--store", "log.db", *common, "deal.jsonl").stdout == checked
    live = ["run", *common, "--from", "deal.jsonl", "--format", "full"]
    assert run(*live).stdout == checked
    assert run(*live, "--store", "run.db", "--batch", "3").stdout == checked
    for store in ("log.db", "run.db"):
        replayed = run("log", "replay", "--store", store)
        assert replayed.stdout == "8 entries replayed to the same bytes, 0 differences\n"
        assert run("log", "verify", "--store", store).exit_code == 0


@pytest.mark.slow
def test_workers_decide_alike(folder):
    """Several processes give each deal the version that one process gives it."""
    lines = [line.replace('"deal": "D"', f'"deal": "D-{n}"') for n in range(4) for line in COURSE]
    checked = check(*lines).stdout
    assert run("run", *given(1, 2, 3), "--from", "deal.jsonl", "--workers", "2", "--format", "full").stdout == checked


def test_people_are_told_which_version_decided():
    """Where several were given, and only there."""
    write(Path("deal.jsonl"), "\n".join(COURSE[:3]))
    for command in (["check"], ["record", "--store", "log.db"]):
        told = run(command[0], *given(1, 2), *command[1:], "deal.jsonl").stdout
        assert [line for line in told.splitlines() if "Under" in line] == [
            *["  Under renewals@1."] * 2,
            "  Under renewals@2.",
        ]
    assert "Under" not in run("check", *given(1), "deal.jsonl").stdout


def test_a_cloud_event_moves_a_deal_too():
    """The version stands in `data`, the deal in `subject`."""
    cloud = {"specversion": "1.0", "source": "x", "id": "e1", "subject": "D", "time": "2027-08-02T09:00:00Z"}
    move = json.dumps({**cloud, "type": "walkaway.update", "data": {"policy": "renewals@2"}})
    assert [version for _, _, version in answers(check(opened("2027-08-01"), move))] == [3, 2]


@pytest.mark.parametrize(
    "extension", [{"policy": "renewals@2"}, {"policy": 2}, {"deal": "E"}, {"at": "2027-02-01"}, {"time2": 1}]
)
def test_an_extension_of_a_cloud_event_moves_nothing(folder, extension):
    """Whatever it is called, `subject` names the deal and `data` what happened; every command decides alike."""
    cloud = {"specversion": "1.0", "source": "x", "subject": "D", **extension}
    first = {"id": "e0", "time": "2026-12-30T09:00:00Z", "type": "walkaway.open"}
    facts = {"facts": {"list_price": "100,000 USD"}}
    second = {"id": "e1", "time": "2027-08-02T09:00:00Z", "type": "walkaway.offer"}
    terms = {"by": "us", "terms": {"discount": "14%"}}
    done = check(json.dumps({**cloud, **first, "data": facts}), json.dumps({**cloud, **second, "data": terms}))
    assert answers(done) == [("e0", "proceed", 1), ("e1", "proceed", 1)]
    common = [*given(1, 2, 3), "--format", "json"]
    assert run("record", "--store", "log.db", *common, "deal.jsonl").stdout == done.stdout
    assert run("run", *common, "--from", "deal.jsonl", "--format", "full").stdout == done.stdout


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("renewals@9", "the deal would move to policy `renewals@9`, which is not given; it is under `renewals@3`"),
        ("renewals@", "the deal would move to policy `renewals@`, which is not given; it is under `renewals@3`"),
        ("others@1", "the deal would move to policy `others@1`, which is not given; it is under `renewals@3`"),
        ("renewals@1", "policy `renewals` is not in force on 2028-02-01 UTC, on which this deal moves to it"),
    ],
)
def test_an_update_to_a_version_that_is_not_to_be_had_is_a_dead_letter(to, message):
    """The deal stays where it is, in every command; what comes after is decided under its version."""
    lines = (opened("2027-08-01"), moves("e1", "2028-02-01", to), offer("e2", "2028-02-02", 11))
    done = check(*lines)
    assert message in unwrapped(done.stderr)
    assert answers(done) == [("e0", "proceed", 3), ("e2", "refuse", 3)]
    for command in (["record", "--store", "log.db", "deal.jsonl"], ["run", "--from", "deal.jsonl", "--format", "full"]):
        again = run(*command[:1], *given(1, 2, 3), "--format", "json", *command[1:])
        assert message in unwrapped(again.stderr)
        assert again.stdout == done.stdout


def test_an_update_that_is_refused_moves_nothing():
    """One with a fact that does not exist, one that is late: the deal stays under its version."""
    refused = (
        event("e2", "2027-08-03", "update", policy="renewals@2", facts={"list_price": "1 USD"}),
        event("e3", "2027-07-01", "update", policy="renewals@2"),
        event("e4", "2027-08-03", "update", policy="renewals@2", facts={"nothing": "1"}),
    )
    done = check(opened("2027-08-01"), offer("e1", "2027-08-02", 5), *refused, offer("e5", "2027-08-04", 11))
    places = [line.split(":")[1] for line in done.stderr.splitlines() if "error[" in line]
    assert places == ["3", "4", "5"]
    assert answers(done)[-1] == ("e5", "refuse", 3)
    ran = run("run", *given(1, 2, 3), "--from", "deal.jsonl", "--format", "full")
    assert ran.stdout == done.stdout


def test_a_version_that_cannot_read_the_past_of_a_deal_does_not_get_it(folder):
    """Events are read again under the version moved to; another unit there is a dead letter, in every command."""
    percent, money = "percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: 12%", "money, start: 0 USD"
    changed = Path("v2.yaml").read_text(encoding="utf-8").replace(percent, money + ", worth: -1 USD per 1 USD")
    write(folder / "v2.yaml", changed)
    done = check(opened("2027-08-01"), offer("e1", "2027-08-02", 5), moves("e2", "2027-08-03", "renewals@2"))
    unread = "event `e1` of this deal cannot be read under `renewals@2`: `discount`: `5%` is not an amount"
    assert unread in unwrapped(done.stderr)
    assert answers(done)[-1] == ("e1", "proceed", 3)
    recorded = run("record", "--store", "log.db", *given(1, 2, 3), "--format", "json", "deal.jsonl")
    assert recorded.stdout == done.stdout
    assert unread in unwrapped(recorded.stderr)


def test_a_late_event_is_not_folded_into_a_deal_that_was_moved():
    """Its past was counted under two versions; nothing says under which an older event belongs."""
    late = offer("e9", "2026-12-31", 1)
    done = check(*COURSE, late, options=("--allow-late",))
    assert "deal `D` was moved to another version of its policy; no older event fits in" in unwrapped(done.stderr)
    assert answers(done) == DECIDED
    unmoved = check(*COURSE[:2], late, options=("--allow-late",))
    assert answers(unmoved)[-1] == ("e9", "proceed", 1)


def test_a_question_is_answered_under_the_version_of_its_deal():
    """The rep asks without knowing of versions; 14% passes under the first alone."""
    for moved, version, verdict in ((2, 1, "proceed"), (3, 2, "refuse")):
        write(Path("deal.jsonl"), "\n".join(COURSE[:moved]))
        options = ("--deal", "deal.jsonl", "--offer", "discount=14%", "--format", "json")
        found = json.loads(run("check", *given(1, 2, 3), *options).stdout)
        assert (found["policy"]["version"], found["verdict"]) == (version, verdict)


def test_as_of_a_day_the_version_in_force_then_decides():
    """An update by name changes nothing then; where none is in force, that is said of all."""
    asked = check(*COURSE[:4], options=("--as-of", "2027-02-01"))
    assert answers(asked) == [("e0", "proceed", 2), ("e1", "refuse", 2), ("e2", "proceed", 2), ("e3", "refuse", 2)]
    none = check(*COURSE, versions=(1, 3), options=("--as-of", "2027-02-01"))
    assert none.exit_code == 2
    assert (
        "policy `renewals` is not in force on 2027-02-01 UTC, only version 1 to 2026-12-31, version 3 from 2027-07-01"
        in none.stderr
    )


def test_show_draws_a_deal_under_the_version_it_was_moved_to():
    """With the verdicts its events got, and the ledger of the version it is under now; from file and log alike."""
    write(Path("deal.jsonl"), "\n".join(COURSE))
    run("record", "--store", "log.db", *given(1, 2, 3), "deal.jsonl")
    shown = run("show", "deal.jsonl", *given(1, 2, 3))
    assert shown.exit_code == 0
    assert [line.split()[-2:] for line in shown.stdout.splitlines() if "update to" in line] == [
        ["renewals", "proceed"],
        ["renewals@3", "proceed"],
        ["renewals@2", "proceed"],
    ]
    assert "discount 14%                      14,000    0        0  proceed" in shown.stdout
    assert run("show", "D", "--store", "log.db").stdout == shown.stdout


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("policy: renewals", "policy: others"), "policies `renewals` and `others` are not versions of one policy"),
        (("version: 2", "version: 1"), "policy `renewals` is given twice in version 1"),
    ],
)
@pytest.mark.parametrize("command", [["check"], ["record", "--store", "log.db"], ["run", "--from"], ["show"]])
def test_policies_must_be_versions_of_one(folder, command, change, message):
    """Another policy, or a number that comes twice, is no question anybody can answer."""
    write(Path("deal.jsonl"), "\n".join(COURSE))
    write(folder / "v2.yaml", Path("v2.yaml").read_text(encoding="utf-8").replace(*change))
    done = run(command[0], *given(1, 2), *command[1:], "deal.jsonl")
    assert done.exit_code == 2
    assert f"--policy: {message}; give versions of one policy, each with its own `version`" in done.stderr
    assert done.stdout == ""


def test_findings_of_all_versions_are_shown_at_once(folder, monkeypatch, capsys):
    """Each with its file."""
    for number in (1, 2):
        write(folder / f"v{number}.yaml", Path(f"v{number}.yaml").read_text(encoding="utf-8") + "nonsense: 1\n")
    write(Path("deal.jsonl"), "\n".join(COURSE))
    monkeypatch.setattr("sys.argv", ["walkaway", "check", *given(1, 2, 3), "deal.jsonl"])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 2
    found = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in found if "error[" in line] == ["v1.yaml", "v2.yaml"]


def test_a_store_keeps_every_version_that_decided_and_no_other():
    """A later run that is given one version goes on with deals of the others, as the store has them."""
    write(Path("deal.jsonl"), "\n".join(COURSE[:4]))
    run("record", "--store", "log.db", *given(1, 2, 3), "deal.jsonl")
    write(Path("more.jsonl"), offer("e8", "2027-08-07", 12))
    found = run("record", "--store", "log.db", *given(3), "--format", "json", "more.jsonl")
    assert answers(found) == [("e8", "proceed", 2)]


def test_a_version_that_changes_is_taken_in_beside_the_others(folder, monkeypatch):
    """One with the number of another is not; who runs it is told."""
    turned, said = [], []
    paths = [Path("v1.yaml"), Path("v2.yaml")]
    policies = [load(path).unwrap() for path in paths]
    watch = PolicyWatch(paths, policies, lambda *now: turned.append([p.called for p in now]), said.append)
    monkeypatch.setattr("walkaway_cli.running.reload.EVERY_S", 0)
    text = Path("v2.yaml").read_text(encoding="utf-8")
    for version in (11, 1):
        write(folder / "v2.yaml", text.replace("version: 2", f"version: {version}"))
        watch.look()
    assert turned == [["renewals@1", "renewals@11"]]
    assert said == [
        "policy `renewals` version 11 decides the deals that open from now on, on days (UTC) when it is in force",
        "policy `renewals` was changed, but policy `renewals` is given twice in version 1: version 11 stays",
    ]


@pytest.mark.parametrize("together", [True, False])
def test_versions_that_are_renumbered_are_taken_in_together(folder, monkeypatch, together):
    """One whose new number another still has is not forgotten: it is taken in once that one has changed too."""
    turned = []
    paths = [Path("v1.yaml"), Path("v2.yaml")]
    watch = PolicyWatch(
        paths, [load(p).unwrap() for p in paths], lambda *now: turned.append([p.called for p in now]), print
    )
    monkeypatch.setattr("walkaway_cli.running.reload.EVERY_S", 0)
    for version, path in enumerate(paths, 1):
        write(path, path.read_text(encoding="utf-8").replace(f"version: {version}", f"version: {version + 1}"))
        if not together:
            watch.look()
            assert turned == ([] if version == 1 else [["renewals@2", "renewals@3"]])
    watch.look()
    assert turned == [["renewals@2", "renewals@3"]]


def test_what_changes_while_a_policy_is_read_is_taken_in_too(folder, monkeypatch):
    """Whoever saves twice gets the second, whatever was being read when it came."""
    turned, texts = [], [POLICY.format(version=n, effective="{}", walk=15) for n in (11, 12)]
    path = folder / "v1.yaml"
    watch = PolicyWatch([path], [load(path).unwrap()], lambda now: turned.append(now.version), print)
    monkeypatch.setattr(reload, "EVERY_S", 0)

    def slowly(path: Path):
        read = load(path)
        if texts:
            write(path, texts.pop(0))
        return read

    write(path, texts.pop(0))
    monkeypatch.setattr(reload, "load", slowly)
    for _ in range(3):
        watch.look()
    assert turned == [11, 12]


@pytest.mark.parametrize("command", ["rules", "facts"])
def test_where_one_policy_is_asked_about_a_second_is_not_left_out_silently(command):
    """The listing would be that of the last one alone."""
    assert run(command, *given(1)).exit_code == 0
    done = run(command, *given(1, 2))
    assert done.exit_code == 2
    assert "one policy is asked about here; give it once" in done.stderr
