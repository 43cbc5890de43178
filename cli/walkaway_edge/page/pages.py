"""The addresses of the pages: who is let in, which page shows what, and what a form does."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from walkaway import InvalidInput, Session, StoreProblem
from walkaway_edge.http.answers import InputFinding, Problem, invalid, problem
from walkaway_edge.http.call import Call, Front
from walkaway_edge.http.desk import Desk, Write
from walkaway_edge.http.encoding import packed
from walkaway_edge.http.identity import Identity, Role
from walkaway_edge.http.oidc_login import BACK, BrowserLogin
from walkaway_edge.http.reading import FORM, sent
from walkaway_edge.http.sayable import sayable
from walkaway_edge.http.serving import Endpoint, on_the_grid
from walkaway_edge.http.urls import link
from walkaway_edge.page import asked, auditing, dealing, talking
from walkaway_edge.page.called import FILTERS, calling, naming
from walkaway_edge.page.drafting import Drafting
from walkaway_edge.page.forms import read_form
from walkaway_edge.page.screens import Screen
from walkaway_edge.page.signing_in import BEGIN, SigningIn
from walkaway_edge.problems import EdgeProblem

STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_KEPT = {"Cache-Control": "public, max-age=3600"}


class Show(Protocol):
    """Puts a page's content together; with findings where a form on it was not done."""

    def __call__(self, call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen: ...


Act = Callable[[Call, Session, Mapping[str, str]], str | Screen | Write]
"""Does what a form says; returns where its reader goes on, what is shown, or what is recorded, whose answer says it."""
Respond = Callable[[Request, dict[str, str]], Awaitable[Response]]

HOMES = (
    (Role.REP, "deals"), (Role.APPROVER, "approvals"), (Role.AUDITOR, "decisions"), (Role.SALES_OPS, "policies"),
    (Role.CUSTOMER, "talks"),
)  # fmt: skip
"""Where a role begins, and what stands in its navigation; the first of somebody's roles counts."""
SEES = {
    "deals": frozenset({Role.REP, Role.AUDITOR, Role.SALES_OPS, Role.APPROVER}),
    "approvals": frozenset({Role.REP, Role.APPROVER, Role.AUDITOR, Role.SALES_OPS}),
    "decisions": frozenset({Role.REP, Role.AUDITOR, Role.SALES_OPS}),
    "policies": frozenset({Role.AUDITOR, Role.SALES_OPS}),
    "talks": frozenset({Role.CUSTOMER}),
}
ANEW = "Whoever runs this server makes you a new one."
_REP, _APPROVER = frozenset({Role.REP}), frozenset({Role.APPROVER})

SHOWN: tuple[tuple[str, Show, frozenset[Role]], ...] = (
    ("deals", dealing.deals, SEES["deals"]),
    ("deals/{deal}", dealing.deal, SEES["deals"]),
    ("deals/{deal}/chart.svg", dealing.chart, SEES["deals"]),
    ("approvals", asked.approvals, SEES["approvals"]),
    ("decisions", auditing.decisions, SEES["decisions"]),
    ("decisions/{n}", auditing.decision, SEES["decisions"]),
    ("policies", auditing.policies, SEES["policies"]),
    ("policies/{sha256}/{file}", auditing.file, SEES["policies"]),
    ("talks", talking.talks, SEES["talks"]),
    ("talks/{deal}", talking.talk, SEES["talks"]),
)
"""Path, what it shows, and to whom."""

DONE: tuple[tuple[str, Act, frozenset[Role], Show], ...] = (
    ("deals", dealing.opened, _REP, dealing.deals),
    ("deals/{deal}/record", dealing.recorded, _REP, dealing.deal),
    ("deals/{deal}/ask", asked.requested, _REP, dealing.deal),
    ("approvals/{id}", asked.answered, _APPROVER, asked.approvals),
    ("talks/{deal}/ask", talking.asked, SEES["talks"], talking.talk),
)
"""Path, what its form does, who may, and the page that is shown again where something is wrong."""


class Pages:
    """Shows the pages.

    Attributes:
        cookie: Its name; that of a server behind https is kept to it by the browser, others are told apart by port.
    """

    def __init__(self, desk: Desk, front: Front) -> None:
        self.desk, self.front = desk, front
        self.is_secure = front.url.startswith("https://")
        self.cookie = "__Host-wa" if self.is_secure else f"wa-{front.url.rpartition(':')[2]}"
        self.templates = Environment(
            loader=PackageLoader("walkaway_edge.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals["link"] = link
        self.templates.filters |= FILTERS
        self.signing = None if front.login is None else self.signing_in(front.login)
        self.files = {p.name: p.read_bytes() for p in sorted(STATIC.iterdir()) if p.suffix in KINDS}

    def addresses(self) -> dict[tuple[str, ...], Endpoint]:
        """Return every address of the pages."""
        methods: dict[str, dict[str, Respond]] = {
            "": {"GET": self.home},
            "enter": {"GET": self.enter},
            "login": {"GET": self.login, "POST": self.logged_in},
            "logout": {"POST": self.logout},
            "static/{file}": {"GET": self.static},
            "favicon.svg": {"GET": self.icon},
        }
        if self.signing is not None:
            methods |= {BEGIN[1:]: {"GET": self.signing.begin}, BACK[1:]: {"GET": self.signing.end}}
        for path, show, roles in SHOWN:
            methods.setdefault(path, {})["GET"] = partial(self.show, show, roles)
        for path, act, roles, again in DONE:
            methods.setdefault(path, {})["POST"] = partial(self.act, act, roles, again)
        found = {tuple(path.split("/")): Endpoint(f"/{path}", of) for path, of in methods.items()}
        return Drafting(self).addresses() | found

    def signing_in(self, login: BrowserLogin) -> SigningIn:
        """Return the way in by an issuer."""
        return SigningIn(
            login,
            self.cookie,
            is_secure=self.is_secure,
            seconds=self.seconds,
            page=self.page,
            entered=self.visiting,
            may_enter=lambda who: self.home_of(who) != "/login",
        )

    # Who

    def visitor(self, request: Request) -> tuple[Identity, str] | None:
        """Return who looks, with the cookie of the visit; nobody where there is no visit."""
        cookie = request.cookies.get(self.cookie, "")
        found = self.front.visits.find(cookie) if cookie else None
        if found is not None and self.is_over(found):
            self.front.visits.end(cookie)
            found = None
        if found is not None:
            request.scope["identity"] = found
        return None if found is None else (found, cookie)

    def is_over(self, who: Identity) -> bool:
        """Return whether a visit has ended with the token that began it."""
        if who.until:
            return self.seconds() >= who.until
        return bool(who.key) and not self.front.tokens.counts(who.key, self.seconds())

    def count(self, request: Request, who: Identity) -> None:
        """Count what somebody asks.

        Raises:
            Problem: Where they ask too often.
        """
        if self.front.limits is not None:
            request.scope["told"] = self.front.limits.take(who)

    def seconds(self) -> int:
        """Return the time, in seconds since 1970."""
        return int(self.front.clock().timestamp())

    def home_of(self, who: Identity) -> str:
        """Return where somebody begins."""
        return next((f"/{home}" for role, home in HOMES if role in who.roles), "/login")

    async def home(self, request: Request, params: dict[str, str]) -> Response:
        """Lead everybody to where they begin."""
        found = self.visitor(request)
        return RedirectResponse("/login" if found is None else self.home_of(found[0]), 303)

    async def enter(self, request: Request, params: dict[str, str]) -> Response:
        """Let somebody in by a one-time link."""
        if request.method == "HEAD":  # whoever only looks where a link leads does not use it up
            return RedirectResponse("/login", 303)
        who = self.front.visits.enter(request.query_params.get("code", ""))
        if who is None:
            return self.page(request, Screen("login.html", {"wrong": "This link was used, or is none. " + ANEW}), 403)
        return self.entered(who)

    async def login(self, request: Request, params: dict[str, str]) -> Response:
        """Ask for a token."""
        return self.page(request, Screen("login.html", {"wrong": ""}))

    async def logged_in(self, request: Request, params: dict[str, str]) -> Response:
        """Let somebody in by a token."""
        self.same_site(request)
        form = read_form(await sent(request, FORM))
        try:
            who = await self.front.holder(form.get("token", "").strip(), self.seconds())
        except Problem:
            who = None
        if who is None or self.home_of(who) == "/login":
            return self.page(request, Screen("login.html", {"wrong": "This token lets nobody in here. " + ANEW}), 403)
        return self.entered(who)

    def entered(self, who: Identity) -> Response:
        """Begin a visit, and lead to where it begins."""
        return self.visiting(who, RedirectResponse(self.home_of(who), 303))

    def visiting(self, who: Identity, response: Response) -> Response:
        """Begin a visit with an answer."""
        cookie = self.front.visits.begin(who)
        response.set_cookie(
            self.cookie, cookie, max_age=12 * 3600, httponly=True, samesite="strict", secure=self.is_secure, path="/"
        )
        return response

    async def logout(self, request: Request, params: dict[str, str]) -> Response:
        """End a visit."""
        _, cookie = await self.trusted(request)
        self.front.visits.end(cookie)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(self.cookie, path="/", secure=self.is_secure, httponly=True, samesite="strict")
        return response

    def same_site(self, request: Request) -> None:
        """See to it that no other site sent a form.

        Raises:
            Problem: Where one did.
        """
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "")
        # A page that sends no referrer, as ours are, has the origin `null`: then the browser has to say it itself.
        is_ours = origin == self.origin(request)
        if site not in (None, "same-origin") or not (is_ours or (site is not None and origin in ("", "null"))):
            raise problem("cross-site")

    def origin(self, request: Request) -> str:
        """Return what `Origin` says of a page of ours."""
        return self.front.url if self.is_secure else f"http://{request.headers.get('host', '')}"

    async def trusted(self, request: Request) -> tuple[dict[str, str], str]:
        """Return what a form of one of our pages sends, and the cookie of the visit.

        Raises:
            Problem: Where it did not come from there.
        """
        self.same_site(request)
        form = read_form(await sent(request, FORM))
        cookie = request.cookies.get(self.cookie, "")
        if not self.front.visits.is_form_token(cookie, form.pop("form_token", "")):
            raise problem("cross-site")
        return form, cookie

    # Pages

    async def show(self, show: Show, roles: frozenset[Role], request: Request, params: dict[str, str]) -> Response:
        """Show a page."""
        found = self.visitor(request)
        if found is None:
            return RedirectResponse("/login", 303)
        who, cookie = found
        async with _paced(who):
            try:
                self.count(request, who)
                call = Call(self.front, who, params, _query(request))
                return self.page(request, await self.screen(show, call, roles), cookie=cookie)
            except Problem as wrong:
                return self.wrong(request, _heard(who, wrong), cookie)

    async def screen(
        self, show: Show, call: Call, roles: frozenset[Role], wrong: tuple[InputFinding, ...] = ()
    ) -> Screen:
        """Have a page's content put together at the desk.

        Raises:
            Problem: Where it cannot be, or is not for whoever asks.
        """
        if not call.who.may(roles):
            raise problem("not-your-role")
        try:
            found: Screen = await self.desk.ask(lambda session: calling(show(call, session, wrong), session.policy))
        except InvalidInput as error:
            raise invalid(error.findings) from error
        except (StoreProblem, EdgeProblem) as error:
            raise problem("busy", headers={"Retry-After": "1"}) from error
        return found

    async def act(
        self, act: Act, roles: frozenset[Role], again: Show, request: Request, params: dict[str, str]
    ) -> Response:
        """Do what a form says, then lead on; where something is wrong, show its page again with what was typed."""
        found = self.visitor(request)
        if found is None:
            return RedirectResponse("/login", 303)
        async with _paced(found[0]):
            return await self.acted(act, roles, again, request, params, *found)

    async def acted(
        self,
        act: Act,
        roles: frozenset[Role],
        again: Show,
        request: Request,
        params: dict[str, str],
        who: Identity,
        cookie: str,
    ) -> Response:
        """Do for somebody what a form says."""
        form: Mapping[str, str] = {}
        try:
            form, _ = await self.trusted(request)
            self.count(request, who)
            if not who.may(roles):
                raise problem("not-your-role")
            call = Call(self.front, who, params)
            goes_on = await self.desk.ask(lambda session: act(call, session, form), self.written(params, form))
            if isinstance(goes_on, Screen):
                return self.page(request, goes_on, cookie=cookie)
            return RedirectResponse(str(goes_on), 303)
        except InvalidInput as error:
            wrong = invalid(error.findings)
        except (StoreProblem, EdgeProblem):
            wrong = problem("busy")
        except Problem as error:
            wrong = error
        wrong = _heard(who, wrong)
        if wrong.details.status in (403, 404, 429):
            return self.wrong(request, wrong, cookie)
        call = Call(self.front, who, params, {**form, "again": "yes"})
        try:
            screen = await self.screen(again, call, roles, wrong.details.findings)
        except Problem as error:
            return self.wrong(request, _heard(who, error), cookie)
        return self.page(request, screen, wrong.details.status, cookie)

    def written(self, params: Mapping[str, str], form: Mapping[str, str]) -> str:
        """Return the deal that a form writes in: the address says it, and only an opening names it itself."""
        if "id" in params:
            return self.front.requests.deal_of(params["id"])
        return params.get("deal") or form.get("deal", "").strip()

    def wrong(self, request: Request, wrong: Problem, cookie: str) -> Response:
        """Show what is wrong."""
        shown = {"title": wrong.details.title, "findings": wrong.details.findings}
        response = self.page(request, Screen("problem.html", shown), wrong.details.status, cookie)
        response.headers.update(wrong.headers)
        return response

    def page(self, request: Request, screen: Screen, status: int = 200, cookie: str = "") -> Response:
        """Render a page."""
        if screen.data is not None:
            return Response(screen.data, status, media_type=screen.kind)
        who = self.front.visits.find(cookie) if cookie else None
        known: dict[str, Any] = {
            "who": who,
            "places": [] if who is None else [p for p, roles in SEES.items() if who.may(roles)],
            "here": request.url.path.split("/")[1],
            "form_token": self.front.visits.form_token(cookie),
            "roles": frozenset() if who is None else who.roles,
            "issuer": "" if self.signing is None else urlsplit(self.signing.login.issuer.settings.issuer).netloc,
        }
        with naming(screen, request.headers.get("accept-language", "")):
            html = self.templates.get_template(screen.template).render(known | dict(screen.known))
        return Response(html, status, media_type="text/html; charset=utf-8")

    async def static(self, request: Request, params: dict[str, str]) -> Response:
        """Return a file that pages load."""
        data = self.files.get(params["file"])
        if data is None:
            raise problem("absent")
        return await packed(request, Response(data, 200, _KEPT, KINDS[Path(params["file"]).suffix]))

    async def icon(self, request: Request, params: dict[str, str]) -> Response:
        """Return the icon."""
        return Response(self.files["favicon.svg"], 200, _KEPT, "image/svg+xml")


def _paced(who: Identity) -> AbstractAsyncContextManager[None]:
    """Return in what a page is made: for the other side, so that how long it takes tells nothing."""
    return on_the_grid() if who.is_sayable else nullcontext()


def _heard(who: Identity, wrong: Problem) -> Problem:
    """Return what is wrong as whoever looks may hear it."""
    return sayable(wrong) if who.is_sayable else wrong


def _query(request: Request) -> dict[str, str]:
    found = dict(request.query_params.multi_items())
    if len(found) < len(request.query_params.multi_items()):
        raise problem("bad-query", "a field stands twice", hint="write it once")
    return found
