"""The endpoints of the Authorization API, and where they are found."""

import re
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from walkaway import InvalidInput, Session, StoreProblem
from walkaway_edge.authzen import obligations, tasks
from walkaway_edge.authzen.deals import DecisionPoint, told_to_agent
from walkaway_edge.authzen.messages import answered, single
from walkaway_edge.http.answers import Problem, invalid, problem
from walkaway_edge.http.call import Call, Front
from walkaway_edge.http.desk import Desk, Write
from walkaway_edge.http.identity import Identity, Role
from walkaway_edge.http.reading import sent
from walkaway_edge.http.repeats import key_of, sent_call
from walkaway_edge.http.sayable import sayable
from walkaway_edge.http.serving import Api, Endpoint, on_the_grid, problem_response
from walkaway_edge.problems import EdgeProblem

_ASKS = frozenset({Role.REP, Role.FEED, Role.AGENT, Role.APPROVER})
_TASKS = frozenset({Role.REP, Role.FEED})
_ID = re.compile(r"[\x21-\x7e]{1,200}")
PATHS = {"access_evaluation_endpoint": "evaluation", "access_evaluations_endpoint": "evaluations"}


class AuthZen:
    """Answers policy enforcement points that speak AuthZEN."""

    def __init__(self, desk: Desk, front: Front, api: Api) -> None:
        self.desk, self.front, self.api = desk, front, api

    def addresses(self) -> dict[tuple[str, ...], Endpoint]:
        """Return every address."""
        found: dict[tuple[str, ...], Endpoint] = {
            ("access", "v1", name): Endpoint(
                f"/access/v1/{name}", {"POST": partial(self.evaluate, name == "evaluations")}
            )
            for name in PATHS.values()
        }
        known = Endpoint("/.well-known/authzen-configuration", {"GET": self.configuration})
        where = ("access", "v1", tasks.PATH)
        found[where] = Endpoint("/access/v1/requests", {"POST": self.request})
        found[*where, "{id}"] = Endpoint("/access/v1/requests/{id}", {"GET": self.follow})
        return {**found, (".well-known", "authzen-configuration"): known}

    async def request(self, request: Request, params: dict[str, str]) -> Response:
        """Have an approval asked for that a no wants; the same again by its key is the same."""
        who = await self.requester(request)
        key = key_of(request.headers.getlist("idempotency-key"), is_wanted=False)
        body = await self.body(request)
        again = sent_call(key, who, "POST", request.scope["raw_path"], body) if key else None
        call = Call(self.front, who, body=body, made=again.id if again else "")
        try:
            asked = single(body)
            do = partial(self.desk.ask, partial(tasks.requested, call), asked.resource.id)
            found: Response = await (do() if again is None else self.api.repeats.once(again, do))
        except Problem as wrong:
            raise (tasks.duplicate() if wrong.details.findings[0].code == "key-reused" else wrong) from wrong
        except InvalidInput as error:
            raise invalid(error.findings) from error
        except (StoreProblem, EdgeProblem) as error:
            raise problem("busy", headers={"Retry-After": "1"}) from error
        return found

    async def follow(self, request: Request, params: dict[str, str]) -> Response:
        """Say how far a request is."""
        call = Call(self.front, await self.requester(request), params)
        try:
            return await self.desk.ask(partial(tasks.followed, call))
        except InvalidInput as error:
            raise invalid(error.findings) from error
        except (StoreProblem, EdgeProblem) as error:
            raise problem("busy", headers={"Retry-After": "1"}) from error

    async def requester(self, request: Request) -> Identity:
        """Return who asks for access, or follows it.

        Raises:
            Problem: Where nobody does who may.
        """
        who = await self.api.who(request)
        if not who.may(_TASKS):
            raise problem("not-your-role")
        return who

    async def evaluate(self, batch: bool, request: Request, params: dict[str, str]) -> Response:
        """Answer one question, or several against one state of the deals."""
        try:
            response = await self.told(batch, request)
        except Problem as wrong:
            response = problem_response(wrong)
        said = request.headers.get("x-request-id", "")
        if _ID.fullmatch(said):
            response.headers["X-Request-Id"] = said
        return response

    async def told(self, batch: bool, request: Request) -> Response:
        """Return the answer; to an agent one bit, and nothing that how long it took would tell.

        Raises:
            Problem: Where there is none.
        """
        who = await self.api.who(request)
        if not who.may(_ASKS):
            raise problem("not-your-role")
        if not who.is_sayable:
            return Response(await self.answer(batch, request, who), media_type="application/json")
        async with on_the_grid():
            if batch:
                raise problem("bad-question", "an agent asks one question at a time", hint="send them one by one")
            return await self.asked_by_agent(request, who)

    async def asked_by_agent(self, request: Request, who: Identity) -> Response:
        """Answer an agent's question: it is counted as any other ask.

        Raises:
            Problem: Where there is none.
        """
        body, call = await self.body(request), Call(self.front, who)
        asked = single(body)

        def ask(session: Session) -> Response | Write:
            return told_to_agent(asked, call, session)

        try:
            found: Response = await self.desk.ask(ask, asked.resource.id, looks=True)
        except InvalidInput as error:  # its deal cannot be folded any more
            raise sayable(invalid(error.findings)) from error
        except (StoreProblem, EdgeProblem) as error:
            raise problem("busy", headers={"Retry-After": "1"}) from error
        return found

    async def body(self, request: Request) -> bytes:
        """Return what was sent.

        Raises:
            Problem: Where it is of another kind.
        """
        try:
            return await sent(request)
        except Problem as wrong:
            if wrong.details.status == 415:
                raise problem("bad-question", "the body is of another kind", hint="send `application/json`") from wrong
            raise

    async def answer(self, batch: bool, request: Request, who: Identity) -> bytes:
        """Return the answer to our own people and feeds.

        Raises:
            Problem: Where there is none.
        """
        body, call = await self.body(request), Call(self.front, who)

        def ask(session: Session) -> bytes:
            return answered(body, DecisionPoint(call, session), batch=batch)

        try:
            return await self.desk.ask(ask, looks=True)
        except (StoreProblem, EdgeProblem) as error:
            raise problem("busy", headers={"Retry-After": "1"}) from error

    async def configuration(self, request: Request, params: dict[str, str]) -> Response:
        """Say where the endpoints are."""
        paths = {**PATHS, "access_request_endpoint": tasks.PATH}
        found = {name: f"{self.front.url}/access/v1/{path}" for name, path in paths.items()}
        said = {"policy_decision_point": self.front.url, **found, obligations.DECLARED: [obligations.TYPE]}
        return Response(msgspec.json.encode(said), media_type="application/json")
