"""Tokens and the file that keeps them: private, append-only, and nothing in it that lets anybody in."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from walkaway_edge.http.identity import Role, folded, identity
from walkaway_edge.http.journal import Journal
from walkaway_edge.http.tokens import Noted, Tokens
from walkaway_edge.http.visits import LASTS_S, WAITS_S, Visits
from walkaway_edge.problems import EdgeProblem

ANA = Noted("", "", "Ana", ("rep",), ("D-*",), (), 1000)


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    """Return an empty file of tokens."""
    return Tokens(tmp_path / "tokens")


def test_a_token_is_kept_as_a_hash_in_a_private_file(tokens: Tokens, tmp_path: Path) -> None:
    """Whoever reads the file cannot come in, and nobody else reads it."""
    token = tokens.new(ANA)
    file = tmp_path / "tokens"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token.startswith("wa_")
    assert token.removeprefix("wa_") not in file.read_text()


def test_a_token_names_somebody_until_it_ends(tokens: Tokens) -> None:
    """Name, roles and deals come from the token; at its end it is nobody's."""
    token = tokens.new(ANA)
    found = tokens.find(token, 999)
    assert found is not None
    assert (found.sub, found.roles, found.covers("D-1"), found.covers("E-1")) == ("ana", {Role.REP}, True, False)
    assert tokens.find(token, 1000) is None


@pytest.mark.parametrize("token", ["", "wa_", "wa_nobody", "Bearer", "wa_\udcff"])
def test_an_unknown_token_names_nobody(tokens: Tokens, token: str) -> None:
    """Whatever is sent in place of a token lets nobody in."""
    tokens.new(ANA)
    assert tokens.find(token, 0) is None


def test_a_revocation_counts_at_once_in_another_process(tokens: Tokens, tmp_path: Path) -> None:
    """A server reads what the command has added since."""
    token = tokens.new(ANA)
    assert tokens.find(token, 0) is not None
    Tokens(tmp_path / "tokens").revoke(tokens.listed()[0].id)
    assert tokens.find(token, 0) is None
    assert tokens.listed() == []


def test_only_a_token_that_is_there_is_revoked(tokens: Tokens) -> None:
    """A slip in an id is no silent success."""
    with pytest.raises(EdgeProblem, match="there is no token `abc`"):
        tokens.revoke("abc")


@pytest.mark.parametrize("role", ["approver", "approver:", "rep:cfo", "agent:cfo", "boss", ""])
def test_no_role_is_given_that_there_is_not(tokens: Tokens, role: str) -> None:
    """An approver's role names the policy's, and no other role names one."""
    with pytest.raises(EdgeProblem, match="is no role"):
        tokens.new(Noted("", "", "ana", (role,), (), (), 1000))
    assert tokens.listed() == []


@pytest.mark.parametrize("name", ["Ana", "ANA", " ana ", "ａna".replace("ａ", "a"), "A\N{COMBINING DIAERESIS}na"])
def test_a_person_has_one_name_however_it_is_spelled(name: str) -> None:
    """Case, outer spaces and the form of Unicode tell nobody apart."""
    assert folded(name) == folded(folded(name).upper())
    assert folded("\N{LATIN CAPITAL LETTER A WITH DIAERESIS}na") == folded("A\N{COMBINING DIAERESIS}na")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_a_name_can_be_written(name: str) -> None:
    """Who acts is recorded by it."""
    with pytest.raises(EdgeProblem, match="a name is"):
        identity(name, ["rep"])
    with pytest.raises(EdgeProblem, match="a name is"):
        identity("crm", ["feed"], behalf=[name])


@pytest.mark.parametrize(
    ("roles", "behalf"),
    [(("feed", "approver:cfo"), ()), (("feed", "rep"), ("ana",)), (("rep", "approver:cfo"), ("ben",))],
)
def test_nobody_speaks_for_others_and_for_themselves(roles: tuple[str, ...], behalf: tuple[str, ...]) -> None:
    """Who records offers in another's name has no role of their own, least of all one that approves them."""
    with pytest.raises(EdgeProblem, match="feed"):
        identity("crm", roles, behalf=behalf)
    assert identity("crm", ["feed"], behalf=["Ana"]).behalf == ("ana",)


def test_a_file_is_read_once_however_many_read_it(tmp_path: Path) -> None:
    """Readers and writers of several threads see each line once, in one order."""
    journal = Journal(tmp_path / "j", Noted)

    def work(start: int) -> None:
        for n in range(start, start + 20):
            journal.note(Noted(f"A-{n}"))
            Journal(tmp_path / "j", Noted).note(Noted(f"B-{n}"))
            journal.all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(0, 80, 20)))
    seen = [line.id for line in journal.all()]
    assert sorted(seen) == sorted(f"{side}-{n}" for side in "AB" for n in range(80))
    assert seen == [line.id for line in Journal(tmp_path / "j", Noted).all()]


def test_the_file_is_looked_at_once_for_each_call(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a token still counts takes one question to the system, where nothing has changed."""
    token, asked = tokens.new(ANA), []
    assert tokens.find(token, 0) is not None
    stat, fstat = os.stat, os.fstat
    monkeypatch.setattr(os, "stat", lambda *args, **named: (asked.append("stat"), stat(*args, **named))[1])
    monkeypatch.setattr(os, "fstat", lambda *args: (asked.append("fstat"), fstat(*args))[1])
    assert tokens.find(token, 0) is not None
    assert asked == ["stat"]


def test_another_file_in_its_place_counts_at_once(tokens: Tokens, tmp_path: Path) -> None:
    """A token that stands in it no more lets nobody in, also where as many lines stand there as before."""
    token = tokens.new(ANA)
    assert tokens.find(token, 0) is not None
    other = Tokens(tmp_path / "other").new(ANA)
    (tmp_path / "other").replace(tmp_path / "tokens")
    assert (tokens.find(token, 0), tokens.find(other, 0) is not None) == (None, True)
    (tmp_path / "tokens").unlink()
    assert tokens.find(other, 0) is None


def test_a_line_that_was_not_ended_is_no_line(tmp_path: Path) -> None:
    """A writer that was killed leaves nothing half done, and the next one goes on."""
    journal = Journal(tmp_path / "j", Noted)
    assert not (tmp_path / "j").exists()
    journal.note(Noted("A-1"))
    assert stat.S_IMODE((tmp_path / "j").stat().st_mode) == 0o600
    with (tmp_path / "j").open("ab") as file:
        file.write(b'{"id":"A-2","sub":"b')
    other = Journal(tmp_path / "j", Noted)
    assert [line.id for line in other.all()] == ["A-1"]
    other.note(Noted("A-3"))
    assert [line.id for line in Journal(tmp_path / "j", Noted).all()] == ["A-1", "A-3"]
    assert [line.id for line in journal.all()] == ["A-1", "A-3"]


def test_another_file_is_not_taken_for_one(tmp_path: Path) -> None:
    """What holds something else is refused, and left as it is."""
    (tmp_path / "j").write_text('{"policy": "x"}\n')
    with pytest.raises(EdgeProblem, match="it holds a line of another kind"):
        Tokens(tmp_path / "j")
    assert (tmp_path / "j").read_text() == '{"policy": "x"}\n'


def test_a_link_lets_in_once_and_a_visit_ends() -> None:
    """A link that was used, one that waited too long, and a cookie after its time let nobody in."""
    now = [0.0]
    visits = Visits(lambda: now[0])
    ana = identity("ana", ["rep"])
    code = visits.link(ana)
    assert visits.enter(code) == ana
    assert visits.enter(code) is None
    late = visits.link(ana)
    cookie = visits.begin(ana)
    assert visits.find(cookie) == ana
    assert visits.is_form_token(cookie, visits.form_token(cookie))
    assert not visits.is_form_token("another", visits.form_token(cookie))
    now[0] = WAITS_S
    assert visits.enter(late) is None
    assert visits.find(cookie) == ana
    now[0] = LASTS_S
    assert visits.find(cookie) is None
