"""The way in by an issuer: a browser is sent there, and comes back."""

import secrets
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from walkaway_edge.http.answers import Problem
from walkaway_edge.http.identity import Identity
from walkaway_edge.http.oidc_login import WAITS_S, BrowserLogin
from walkaway_edge.page.screens import Screen
from walkaway_edge.problems import EdgeProblem

BEGIN = "/login/issuer"
_AWAY = "The issuer cannot be asked now. Try again in a minute."


class SigningIn:
    """Lets people in by the issuer.

    Args:
        login: How; the address at which people begin is answered only where there is one.
        visit: The cookie of visits, from which the name of the one here is made.
        seconds: Tells the time, in seconds since 1970.
        page: Shows a screen with a status.
        entered: Begins a visit with an answer.
        may_enter: Whether somebody has a page to begin at.
    """

    def __init__(
        self,
        login: BrowserLogin,
        visit: str,
        *,
        is_secure: bool,
        seconds: Callable[[], int],
        page: Callable[[Request, Screen, int], Response],
        entered: Callable[[Identity, Response], Response],
        may_enter: Callable[[Identity], bool],
    ) -> None:
        self.login, self.cookie, self.is_secure, self.seconds = login, f"{visit}-login", is_secure, seconds
        self.page, self.entered, self.may_enter = page, entered, may_enter

    async def begin(self, request: Request, params: Mapping[str, str]) -> Response:
        """Send a browser to the issuer."""
        if request.method == "HEAD":
            return RedirectResponse("/login", 303)
        cookie = secrets.token_urlsafe(32)
        try:
            response = RedirectResponse(await self.login.begin(cookie), 303)
        except EdgeProblem:
            return self.wrong(request, _AWAY, 503)
        # Another site sends the browser back, so that `strict` would keep the cookie from coming along.
        response.set_cookie(
            self.cookie, cookie, max_age=WAITS_S, httponly=True, samesite="lax", secure=self.is_secure, path="/"
        )
        return response

    async def end(self, request: Request, params: Mapping[str, str]) -> Response:
        """Let in whoever comes back from the issuer, once."""
        if request.method == "HEAD":  # whoever only looks where a link leads does not use it up
            return RedirectResponse("/login", 303)
        came = dict(request.query_params.multi_items())
        if len(came) < len(request.query_params.multi_items()):
            return self.wrong(request, "This is no answer of the issuer. Log in again.", 403)
        try:
            who = await self.login.end(came, request.cookies.get(self.cookie, ""), self.seconds())
        except EdgeProblem:
            return self.wrong(request, _AWAY, 503)
        except Problem as wrong:
            why = wrong.details.findings[0].message
            return self.wrong(request, f"{why[:1].upper()}{why[1:]}. Log in again.", wrong.details.status)
        if not self.may_enter(who):
            return self.wrong(request, "None of your roles has a page here.", 403)
        # A page and no redirect: a browser sends the cookie of a visit with what begins here, and this began elsewhere.
        response = self.entered(who, self.page(request, Screen("entered.html", {}), 200))
        self.forget(response)
        return response

    def wrong(self, request: Request, why: str, status: int) -> Response:
        """Show the login again, with why it was none."""
        response = self.page(request, Screen("login.html", {"wrong": why}), status)
        self.forget(response)
        return response

    def forget(self, response: Response) -> None:
        """Let go of the cookie that a login begins with."""
        response.delete_cookie(self.cookie, path="/", secure=self.is_secure, httponly=True, samesite="lax")
