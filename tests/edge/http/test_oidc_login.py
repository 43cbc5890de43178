"""A login in the browser at an issuer: whom it lets in, and every way in which what comes back is nobody's."""

import asyncio
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.issuer import LocalIssuer, issuing  # noqa: E402
from tests.helpers.serving import Client, Reply, serving  # noqa: E402

from walkaway_edge.http import oidc  # noqa: E402
from walkaway_edge.http.answers import Problem  # noqa: E402
from walkaway_edge.http.identity import Identity, Role  # noqa: E402
from walkaway_edge.http.oidc_login import MOST, WAITS_S, BrowserLogin  # noqa: E402
from walkaway_edge.problems import EdgeProblem  # noqa: E402

pytestmark = pytest.mark.serve

CLIENT = "walkaway-pages"
FILE = """\
name = "email"
[login]
client = "walkaway-pages"
{more}
[groups]
sales = {{roles = ["rep"], deals = ["D-*"]}}
machines = {{roles = ["feed"], for = ["ana@example.com"]}}
"""


@pytest.fixture(scope="module")
def running() -> Iterator[LocalIssuer]:
    """Return an issuer that runs."""
    with issuing() as found:
        yield found


@pytest.fixture
def issuer(running: LocalIssuer) -> Iterator[LocalIssuer]:
    """Return it as it was in the beginning."""
    yield running
    running.answers, running.logs_in, running.secret, running.described = True, lambda _: {}, "", {}


def settings(issuer: LocalIssuer, folder: Path, more: str = "") -> Path:
    """Write the file of an issuer at which people log in."""
    path = folder / "oidc.toml"
    path.write_text(f'issuer = "{issuer.url}"\naudience = "walkaway"\n{FILE.format(more=more)}')
    return path


class Desk:
    """A server's side of it, with a clock of its own, and a browser that keeps one cookie."""

    def __init__(self, issuer: LocalIssuer, folder: Path, more: str = "") -> None:
        self.now = 1_000.0
        of = oidc.Issuer(oidc.read_settings(settings(issuer, folder, more)), lambda: self.now)
        of.read()
        self.login = BrowserLogin(of, "http://127.0.0.1:1", lambda: self.now)

    def goes(self, cookie: str = "c") -> dict[str, str]:
        """Send a browser to the issuer, which lets it in; return what it comes back with."""
        address = asyncio.run(self.login.begin(cookie))
        opener = urllib.request.build_opener(oidc._NoRedirect)
        try:
            opener.open(address, timeout=30)
        except urllib.error.HTTPError as led:
            with led:
                back = led.headers["Location"]
        assert back.startswith("http://127.0.0.1:1/login/back?")
        return dict(parse_qsl(urlsplit(back).query))

    def comes(self, came: dict[str, str], cookie: str = "c") -> Identity | str:
        """Let a browser come back; return who it is, or why it is nobody."""
        try:
            return asyncio.run(self.login.end(came, cookie, int(time.time())))
        except Problem as wrong:
            return wrong.details.findings[0].message


def test_somebody_is_let_in_with_the_roles_of_their_groups(issuer: LocalIssuer, tmp_path: Path) -> None:
    """What was asked has a state, a nonce and a challenge, each another one each time; the visit lasts as is said."""
    desk = Desk(issuer, tmp_path, "hours = 2")
    who = desk.comes(desk.goes())
    assert isinstance(who, Identity)
    assert (who.sub, who.roles, who.deals) == ("ana@example.com", {Role.REP}, ("D-*",))
    assert abs(who.until - time.time() - 7200) < 120
    desk.goes()
    first, second = issuer.asks[-2:]
    assert (first["client_id"], first["scope"]) == (CLIENT, "openid")
    assert all(first[name] != second[name] and len(first[name]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_a_client_with_a_secret_says_it_to_the_issuer_alone(issuer: LocalIssuer, tmp_path: Path) -> None:
    """From a file that nobody else reads; a wrong one lets nobody in."""
    issuer.secret = "s/e:c+r et"
    file = tmp_path / "secret"
    file.write_text(f"{issuer.secret}\n")
    file.chmod(0o644)
    with pytest.raises(EdgeProblem, match="chmod 600"):
        Desk(issuer, tmp_path, 'secret = "secret"')
    file.chmod(0o600)
    desk = Desk(issuer, tmp_path, 'secret = "secret"')
    assert isinstance(desk.comes(desk.goes()), Identity)
    assert issuer.secret not in str(issuer.asks)
    issuer.secret = "other"
    assert "took the login back" in str(desk.comes(desk.goes()))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda came: {**came, "state": "x"}, "did not begin here"),
        (lambda came: {k: v for k, v in came.items() if k != "state"}, "did not begin here"),
        (lambda came: {**came, "iss": "https://evil.example"}, "another issuer"),
        (lambda came: {**came, "code": "x"}, "took the login back"),
        (lambda came: {k: v for k, v in came.items() if k != "code"}, "could not log you in"),
        (lambda came: {**came, "error": "access_denied", "error_description": "<b>"}, "did not let you in"),
        (lambda came: {**came, "error": "server_error"}, "could not log you in"),
    ],
)
def test_what_was_changed_on_its_way_lets_nobody_in(
    issuer: LocalIssuer, tmp_path: Path, change: Callable[[dict[str, str]], dict[str, str]], why: str
) -> None:
    """And it was used by that: the right answer lets nobody in any more either, where its state was named."""
    desk = Desk(issuer, tmp_path)
    came = desk.goes()
    changed = change(came)
    assert why in str(desk.comes(changed))
    if changed.get("state") == came["state"]:
        assert "was used" in str(desk.comes(came))


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({"nonce": "x"}, "another login"),
        ({"nonce": None}, "another login"),
        ({"nonce": 7}, "another login"),
        ({"aud": "walkaway"}, "somebody else"),
        ({"aud": [CLIENT, "other"]}, "another program"),
        ({"aud": [CLIENT, "other"], "azp": "other"}, "another program"),
        ({"azp": "other"}, "another program"),
        ({"iss": "https://evil.example"}, "another issuer made it"),
        ({"exp": 1}, "expired"),
        ({"groups": ["canteen"]}, "none of this token's groups"),
        ({"email": None}, "names nobody"),
    ],
)
def test_a_token_for_something_else_lets_nobody_in(
    issuer: LocalIssuer, tmp_path: Path, says: dict[str, Any], why: str
) -> None:
    """Though the issuer signed it, and the code was the right one."""
    issuer.logs_in = lambda _: says
    desk = Desk(issuer, tmp_path)
    assert why in str(desk.comes(desk.goes()))


def test_a_login_counts_once_in_its_browser_and_in_its_time(issuer: LocalIssuer, tmp_path: Path) -> None:
    """Neither in another browser, nor with somebody else's code, nor twice, nor after ten minutes."""
    desk = Desk(issuer, tmp_path)
    came = desk.goes()
    assert "another browser" in str(desk.comes(came, "d"))
    mine, theirs = desk.goes("c"), desk.goes("d")
    assert "took the login back" in str(desk.comes({**mine, "code": theirs["code"]}))
    came = desk.goes()
    assert isinstance(desk.comes(came), Identity)
    assert "was used" in str(desk.comes(came))
    came = desk.goes()
    desk.now += WAITS_S
    assert "took too long" in str(desk.comes(came))


def test_memory_of_logins_is_bounded(issuer: LocalIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go first; those that are over before."""
    monkeypatch.setattr("walkaway_edge.http.oidc_login.MOST", 3)
    assert MOST > 3
    desk = Desk(issuer, tmp_path)

    async def many() -> list[str]:
        return [await desk.login.begin("c") for _ in range(9)]

    first = asyncio.run(many())[0]
    assert len(desk.login.begun) == 3
    assert "did not begin here" in str(desk.comes(dict(parse_qsl(urlsplit(first).query))))


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"}, {"token_endpoint": "http://elsewhere.example/token"},
        {"authorization_endpoint": None}, {"code_challenge_methods_supported": ["plain"]},
    ],
)  # fmt: skip
def test_an_issuer_that_says_something_else_sends_nobody(
    issuer: LocalIssuer, tmp_path: Path, described: dict[str, Any]
) -> None:
    """To no other issuer, over no open line, and never without a proof key."""
    desk = Desk(issuer, tmp_path)
    issuer.described = described
    with pytest.raises(EdgeProblem):
        asyncio.run(desk.login.begin("c"))


def test_an_issuer_that_is_away_is_asked_once_a_minute(issuer: LocalIssuer, tmp_path: Path) -> None:
    """However many want to log in meanwhile, at once or one after the other."""
    desk = Desk(issuer, tmp_path)
    issuer.answers = False
    fetch, asked = desk.login.issuer.fetch, list[str]()
    desk.login.issuer.fetch = lambda address: (asked.append(address), fetch(address))[1]

    async def many() -> list[object]:
        found: list[object] = []
        for _ in range(2):
            found += await asyncio.gather(*(desk.login.begin("c") for _ in range(9)), return_exceptions=True)
        return found

    assert all(isinstance(each, EdgeProblem) for each in asyncio.run(many()))
    assert 1 <= len(asked) <= 2  # two may ask at the same instant
    issuer.answers = True
    desk.now += oidc.AGAIN_S
    assert isinstance(desk.comes(desk.goes()), Identity)


def test_who_says_that_it_names_itself_has_to(issuer: LocalIssuer, tmp_path: Path) -> None:
    """An answer without `iss` may be another issuer's (RFC 9207)."""
    issuer.described = {"authorization_response_iss_parameter_supported": True}
    desk = Desk(issuer, tmp_path)
    came = desk.goes()
    assert "another issuer" in str(desk.comes({k: v for k, v in came.items() if k != "iss"}))


# The pages


class TypedBrowser:
    """A browser that keeps cookies and goes where it is led only when a test says so."""

    def __init__(self, url: str) -> None:
        self.url, self.cookies, self.said = url, dict[str, str](), list[str]()

    def get(self, path: str, method: str = "GET") -> Reply:
        """Get a page."""
        parts = urlsplit(self.url)
        with closing(http.client.HTTPConnection(str(parts.hostname), int(parts.port or 0), timeout=60)) as connection:
            sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
            connection.request(method, path, headers=sent)
            with connection.getresponse() as told:
                body = told.read()
                self.said = told.headers.get_all("set-cookie") or []
                found = Reply(told.status, {k.lower(): v for k, v in told.getheaders()}, body)
        for each in self.said:
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "max-age=0" in each.lower():
                del self.cookies[name]
        return found

    def back(self) -> str:
        """Begin a login, have the issuer let it in, and return the path to which that leads."""
        return led(self.get("/login/issuer").headers["location"]).removeprefix(self.url)


def led(address: str) -> str:
    """Return where the issuer leads a browser."""
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(str(parts.hostname), int(parts.port or 0), timeout=60)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        with connection.getresponse() as told:
            return str(told.headers["location"])


def test_a_browser_goes_there_and_comes_back(issuer: LocalIssuer, tmp_path: Path) -> None:
    """Its cookies are the server's alone; each answer counts once; no line of the log has a code or a token."""
    with serving(tmp_path, "--oidc", str(settings(issuer, tmp_path))) as server:
        ana = TypedBrowser(server.url)
        assert f'href="/login/issuer">Log in at {urlsplit(issuer.url).netloc}<' in ana.get("/login").body.decode()
        back = ana.back()
        (said,) = ana.said
        assert all(word in said.lower() for word in ("httponly", "samesite=lax", "path=/", f"max-age={WAITS_S}"))
        assert ana.get(back, "HEAD").status == 303
        stolen = TypedBrowser(server.url)
        other = stolen.get(ana.back())
        assert (other.status, b"another browser" in other.body, stolen.cookies) == (401, True, {})
        entered = ana.get(back)
        assert (entered.status, b"another browser" in entered.body) == (401, True)  # two began; the latest counts
        entered = ana.get(ana.back())
        assert (entered.status, b'content="0; url=/"' in entered.body) == (200, True)
        (visit,) = [each for each in ana.said if "max-age=0" not in each.lower()]
        assert all(word in visit.lower() for word in ("httponly", "samesite=strict", "path=/"))
        assert (len(ana.cookies), ana.get("/deals").status) == (1, 200)
        assert ana.get("/").headers["location"] == "/deals"
        for query in ("state=x&state=y", "state=x&code=y&next=https://evil.example", "error=x", ""):
            wrong = TypedBrowser(server.url).get(f"/login/back?{query}")
            assert (wrong.status in (401, 403), b"evil" in wrong.body) == (True, False), query
        issuer.logs_in = lambda _: {"groups": ["machines"]}
        machine = TypedBrowser(server.url)
        denied = machine.get(machine.back())
        assert (denied.status, b"None of your roles" in denied.body, machine.cookies) == (403, True, {})
        log = server.log()
    assert not any(part in log for part in (back.partition("code=")[2][:16], "eyJ", "state="))


def test_without_a_login_there_is_none(tmp_path: Path) -> None:
    """Where no file says how, nothing is there, and the page names no issuer."""
    with serving(tmp_path) as server:
        assert [Client(server.url).get(path).status for path in ("/login/issuer", "/login/back")] == [404, 404]
        assert b"Log in at" not in Client(server.url).get("/login").body
