"""The route table: every address of the API with who may use it and who does the work. All else follows from it."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.responses import Response

from walkaway import Session
from walkaway_edge.http import approvals, brackets, bulk, deals, halting, long_work, proofs, records, redeeming, sayable
from walkaway_edge.http.call import Call
from walkaway_edge.http.desk import Desk, Write
from walkaway_edge.http.identity import READERS, TABLE, Role
from walkaway_edge.http.jobs import Jobs

Handler = Callable[[Call, Session], Response | Write]
LineHandler = Callable[[Call, Session, bulk.Numbered], list[bulk.LineAnswer]]
JobHandler = Callable[[Call, Jobs, Desk], Awaitable[Response]]
_DESK = frozenset({Role.REP, Role.FEED})
_SAYABLE = frozenset({Role.AGENT, Role.CUSTOMER})
_WRITES = frozenset({Role.SALES_OPS})


class Route(msgspec.Struct, frozen=True):
    """One address and method.

    Attributes:
        path: Segments in braces are named by the call.
        roles: Who may use it.
        query: What may stand behind the address.
        body: Whether it takes a JSON object.
        writes: The segment that names the deal written in; `body` where the body names it, empty where nothing is.
        run: Answers the call; none where lines, jobs or a stream are asked for.
        lines: Answers some lines of a body of JSON lines.
        work: Answers a call about jobs.
        alone: Whether nothing is decided beside it.
        asks: Whether agents ask there: of several parties they are answered together.
        is_open: Whether it is answered without a token too, where the server's log is public.
        key: What of an `Idempotency-Key`: `taken`, `wanted`, or empty where the address itself says what is done once.
    """

    method: str
    path: str
    run: Handler | None
    roles: frozenset[Role]
    summary: str
    query: Sequence[str] = ()
    body: bool = False
    writes: str = ""
    lines: LineHandler | None = None
    alone: bool = False
    asks: bool = False
    key: str = ""
    is_open: bool = False
    work: JobHandler | None = None

    @property
    def is_stream(self) -> bool:
        """Return whether its answer goes on as long as somebody listens."""
        return self.run is None and self.lines is None and self.work is None

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the parts of its path."""
        return tuple(self.path.strip("/").split("/"))


ROUTES = (
    Route("GET", "/v1/deals", deals.list_deals, TABLE | _DESK, "List deals", deals.LISTED),
    Route("POST", "/v1/deals", deals.open_deal, _DESK, "Open a deal", ("for",), body=True, writes="body", key="taken"),
    Route("GET", "/v1/deals/{deal}", deals.show_deal, TABLE | _DESK | _SAYABLE, "Say where a deal stands"),
    Route("GET", "/v1/deals/{deal}/events", deals.show_events, TABLE, "Say what happened in a deal"),
    Route(
        "PUT",
        "/v1/deals/{deal}/events/{event}",
        deals.put_event,
        _DESK | {Role.APPROVER, Role.AGENT},
        "Record an event",
        ("for",),
        body=True,
        writes="deal",
    ),
    Route("GET", "/v1/deals/{deal}/history", deals.show_history, TABLE, "Say what moves gave and got", ("as",)),
    Route(
        "GET",
        "/v1/deals/{deal}/asked",
        brackets.show,
        READERS | {Role.REP},
        "Say what agents and customers were told, and what whoever read all of it knows",
    ),
    Route(
        "POST",
        "/v1/deals/{deal}/check",
        deals.check,
        frozenset({Role.REP, Role.SALES_OPS}) | _SAYABLE,
        "Say what an offer would be answered, and keep nothing; to agents and customers yes or no, which is counted",
        ("search",),
        body=True,
        asks=True,
        key="taken",
    ),
    Route(
        "POST",
        "/v1/deals/{deal}/proposals",
        sayable.propose,
        _SAYABLE,
        "Name terms that may be asked about",
        body=True,
    ),
    Route("GET", "/v1/deals/{deal}/words", sayable.words, _SAYABLE, "Say what may be said"),
    Route(
        "POST",
        "/v1/permits",
        sayable.ask_permit,
        frozenset({Role.AGENT}),
        "Ask whether terms may be sent, and for the permit",
        body=True,
        asks=True,
        writes="body",
        key="wanted",
    ),
    Route(
        "POST",
        "/v1/permits/{id}/redeem",
        redeeming.redeem,
        frozenset({Role.EXECUTOR}),
        "Redeem a permit: its terms are sent once this is answered with 200, and only then",
        body=True,
        alone=True,
        key="wanted",
    ),
    Route("GET", "/v1/halt", halting.show, TABLE, "Say whether all offers are stopped"),
    Route(
        "POST",
        "/v1/halt",
        halting.change,
        frozenset({Role.APPROVER}),
        "Stop all our offers, in every deal, or let them go on",
        body=True,
        alone=True,
        key="taken",
    ),
    Route(
        "POST",
        "/v1/checks",
        None,
        frozenset({Role.REP, Role.SALES_OPS}),
        "Say what many offers would be answered, a line each",
        lines=bulk.check_lines,
    ),
    Route(
        "POST",
        "/v1/events",
        None,
        frozenset({Role.FEED}),
        "Record many events, a line each",
        ("for",),
        lines=bulk.record_lines,
    ),
    Route("GET", "/v1/stream", None, TABLE | _DESK, "Tell decisions as they are recorded", ("deal",)),
    Route("GET", "/v1/approvals", approvals.list_approvals, TABLE, "List requests for approvals", ("state",)),
    Route(
        "POST",
        "/v1/approvals",
        approvals.ask_approval,
        frozenset({Role.REP}),
        "Ask for an approval",
        body=True,
        writes="body",
        key="wanted",
    ),
    Route("GET", "/v1/approvals/{id}", approvals.show_approval, TABLE, "Show a request for an approval"),
    Route(
        "POST",
        "/v1/approvals/{id}",
        approvals.answer_approval,
        frozenset({Role.APPROVER}),
        "Approve, decline or counter",
        body=True,
        writes="request",
        alone=True,
        key="wanted",
    ),
    Route("GET", "/v1/policies", records.list_policies, READERS, "Say which policy deals open under"),
    *(
        Route("POST", path, None, roles, summary, body=True, key="wanted", work=work)
        for path, roles, summary, work in (
            ("/v1/policies/lint", _WRITES, "Find every mistake in a policy, as a job", long_work.lint),
            (
                "/v1/policies/prove",
                _WRITES,
                "Prove what must be so of a policy's every answer, as a job",
                long_work.prove,
            ),
            ("/v1/policies/diff", _WRITES, "Show where two policies differ, as a job", long_work.diff),
            ("/v1/policies/backtests", _WRITES, "Decide the log's deals under a policy, as a job", long_work.backtest),
            ("/v1/log/replays", READERS, "Decide everything in the log again, as a job", long_work.replay),
        )
    ),
    Route("GET", "/v1/jobs", None, READERS, "List jobs", ("before", "limit"), work=long_work.list_jobs),
    Route("GET", "/v1/jobs/{id}", None, READERS, "Say how far a job is, and its answer", work=long_work.show_job),
    Route("DELETE", "/v1/jobs/{id}", None, READERS, "Cancel a job", work=long_work.cancel_job),
    Route("GET", "/v1/policies/{sha256}", records.show_policy, READERS, "Say which files a policy has"),
    Route("GET", "/v1/policies/{sha256}/files/{file}", records.show_file, READERS, "Return a policy's file"),
    Route("GET", "/v1/decisions", records.list_decisions, READERS | {Role.REP}, "Search decisions", records.ASKED),
    Route("GET", "/v1/decisions/{n}", records.show_decision, READERS | {Role.REP}, "Show one decision"),
    Route("GET", "/v1/decisions/{n}/entry", proofs.show_entry, READERS, "Return a decision's entry as it is stored"),
    Route("GET", "/v1/decisions/{n}/proof", proofs.show_proof, READERS, "Prove that a decision is in the log"),
    Route("GET", "/v1/log/checkpoint", proofs.show_checkpoint, TABLE, "Return the newest checkpoint", is_open=True),
    Route(
        "GET",
        "/v1/log/consistency",
        proofs.show_consistency,
        TABLE,
        "Prove that the log only grew between two checkpoints",
        ("old", "new"),
        is_open=True,
    ),
    *(
        Route("GET", f"/v1/log/tile/{{level}}/{tail}", proofs.show_tile, TABLE, "Return a tile of hashes", is_open=True)
        for tail in ("{a}", "{a}/{b}", "{a}/{b}/{c}", "{a}/{b}/{c}/{d}")
    ),
)
