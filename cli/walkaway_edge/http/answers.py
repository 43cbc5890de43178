"""What is sent back: answers, and what is wrong as problem details (RFC 9457) with every finding.

A verdict is never an error: `refuse` is an answer. What cannot be done is one of `PROBLEMS` or a finding of the
engine, each with code, message, hint and a pointer (RFC 6901) into what was sent.
"""

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from walkaway import Code, Diagnostic, page

PROBLEMS: Mapping[str, tuple[int, str, str]] = {
    "not-json": (400, "The body is no JSON object", "send one object, UTF-8, as `application/json`"),
    "bad-query": (400, "The question in the address is not understood", "see /openapi.json for what may stand there"),
    "no-key": (
        400,
        "This call names no `Idempotency-Key`",
        'send `Idempotency-Key: "…"`, as a UUID: another one for each call, the same where you send a call again',
    ),
    "bad-key": (400, "This is no `Idempotency-Key`", 'send one, of 1 to 200 characters without blanks, as `"7b1f…"`'),
    "bad-question": (400, "This is no question of the Authorization API", "see docs/serve.md for its form"),
    "not-requestable": (400, "No approval is wanted for this", "ask again whether it may be done"),
    "invalid-denial": (400, "This is not what was answered with a no", "ask again, and send what its answer says"),
    "no-token": (401, "Nobody is named by a valid token", "send `Authorization: Bearer wa_…`; ask for a new token"),
    "not-your-role": (403, "Your role does not do this", "see docs/serve.md for what each role does"),
    "own-offer": (403, "Nobody approves what they made", "ask somebody of that role who made no move in this deal"),
    "cross-site": (403, "This form was not sent by a page of this server", "open the page again and send it there"),
    "absent": (404, "There is nothing here for you", "look at what `GET /v1/deals` lists"),
    "no-checkpoint": (404, "No checkpoint reaches that", "have the log's keeper sign one: `walkaway log checkpoint`"),
    "unknown-task": (404, "There is no such request for you", "ask for it at the endpoint that the answer names"),
    "wrong-method": (405, "This address does not do that", "see /openapi.json"),
    "too-slow": (408, "The body did not come in time", "send it again, at once"),
    "answered": (409, "This request has been answered", "look at `GET /v1/approvals`"),
    "log-differs": (409, "The log is not what was signed", "tell the operator: `walkaway log verify` says where"),
    "no-permit": (409, "This permit does not count", "ask again, and redeem within a minute, with the same terms"),
    "still-running": (409, "What was asked by this `Idempotency-Key` is being done", "send it again in a second"),
    "job-over": (409, "This job is over", "look at `GET /v1/jobs/{id}`"),
    "denial-expired": (410, "This no has expired", "ask again whether it may be done"),
    "stale-deal": (412, "The deal has moved on", "read it again, and send the new `ETag` as `If-Match`"),
    "too-large": (413, "The body is longer than 1 MiB", "send less at once"),
    "media-type": (415, "The body is of another kind", "send `Content-Type: application/json`"),
    "wrong-host": (421, "This server goes by another name", "use the address that `walkaway serve` printed"),
    "key-reused": (422, "Something else was asked by this `Idempotency-Key`", "send another key with another call"),
    "identity-in-body": (422, "Who acts is said by the token", "leave it out"),
    "path-in-body": (422, "The body says something else than its address", "leave it out, or say the same"),
    "unknown-field": (422, "The body has a field that is not known here", "leave it out"),
    "repeated-key": (422, "A key stands twice in one object", "keep one of the two"),
    "wrong-field": (422, "A field has another shape", "see /openapi.json for its form"),
    "nothing-to-approve": (422, "No approval is wanted for these terms", "send the offer, or change its terms"),
    "no-if-match": (428, "It is not said which state of the deal is meant", "send the deal's `ETag` as `If-Match`"),
    "too-many": (429, "Too many calls came by this token", "wait as long as `Retry-After` says, then send it again"),
    "too-many-jobs": (429, "Too many jobs wait", "wait until one is over, or cancel one"),
    "busy": (503, "The log cannot be written now", "send it again: the same id is never recorded twice"),
    "fault": (500, "A fault of walkaway", "tell the operator the `X-Request-Id` of this answer"),
}
"""Code → status, title and what to do: what the engine has no code for."""

_CONFLICTS = {Code.ID_REUSED: 409}


class InputFinding(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    Attributes:
        pointer: To it in the body, RFC 6901; empty for the body as a whole, or where there is none.
    """

    code: str
    message: str
    hint: str
    pointer: str = ""


class ProblemDetails(msgspec.Struct, frozen=True):
    """RFC 9457: `type` leads to a page about it."""

    type: str
    title: str
    status: int
    findings: tuple[InputFinding, ...]


class Problem(Exception):
    """An answer that is none: it goes out as problem details."""

    def __init__(self, details: ProblemDetails, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(details.title)
        self.details, self.headers = details, dict(headers or {})


def problem(
    code: str, message: str = "", pointer: str = "", hint: str = "", headers: Mapping[str, str] | None = None
) -> Problem:
    """Return one of `PROBLEMS`.

    Args:
        message: What exactly is wrong; the title, if left out.
    """
    status, title, default = PROBLEMS[code]
    found = InputFinding(code, message or title[0].lower() + title[1:], hint or default, pointer)
    return Problem(ProblemDetails(f"/problems/{code}", title, status, (found,)), headers)


def invalid(findings: Sequence[Diagnostic], body: object = None) -> Problem:
    """Return what the engine found wrong with what was sent."""
    first, words = findings[0].code, [_token(f) for f in findings]
    at = pointers(body, frozenset(words))
    details = ProblemDetails(
        f"/problems/{first}",
        title_of(first),
        _CONFLICTS.get(first, 422),
        tuple(
            InputFinding(f.code, f.message, f.hint or _explained(f.code), at.get(word, ""))
            for f, word in zip(findings, words, strict=True)
        ),
    )
    return Problem(details)


def several(problems: Iterable[Problem]) -> None:
    """Raise all of some problems as one, if there is any: the first gives its status.

    Raises:
        Problem: Where there is one.
    """
    found = list(problems)
    if found:
        findings = tuple(f for each in found for f in each.details.findings)
        raise Problem(msgspec.structs.replace(found[0].details, findings=findings), found[0].headers)


def digested(data: bytes) -> dict[str, str]:
    """Return the header that tells the digest of a body (RFC 9530)."""
    return {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"}


def title_of(code: Code) -> str:
    """Return a finding's pattern as a title, as `Event value`."""
    return code.pattern.replace("-", " ").capitalize()


def explained(code: str) -> str | None:
    """Return the page about a code, as Markdown; none where there is no such code."""
    if code in PROBLEMS:
        status, title, hint = PROBLEMS[code]
        return f"# {code}\n\n{title} (status {status}). {hint[:1].upper()}{hint[1:]}.\n"
    try:
        return page(Code(code))
    except ValueError:
        return None


def _explained(code: str) -> str:
    return f"/problems/{code} explains it"


def _token(finding: Diagnostic) -> str:
    """Return the word of an event that a finding is about, without its quotes."""
    span = finding.span
    said = span.text[span.column - 1 : span.column - 1 + span.length]
    if said.startswith('"') and said.endswith('"') and len(said) > 1:
        try:
            return str(msgspec.json.decode(said))
        except msgspec.DecodeError:
            return ""
    return said


_Place = tuple["_Place", str] | None
"""Where a value stands: its key, behind where what holds it stands; written out only where somebody asks for it."""


def pointers(body: object, words: Collection[str]) -> dict[str, str]:
    """Return a pointer to each of some keys of what was sent, the outermost; those that it has not are left out."""
    found: dict[str, str] = {}
    level: list[tuple[_Place, object]] = [(None, body)]
    while level and len(found) < len(words):
        below: list[tuple[_Place, object]] = []
        for place, value in level:
            children: Iterable[tuple[str, Any]] = ()
            if isinstance(value, dict):
                children = value.items()
                found |= {key: _written((place, key)) for key in value if key in words and key not in found}
            elif isinstance(value, list):
                children = ((str(number), each) for number, each in enumerate(value))
            below += [((place, key), child) for key, child in children if isinstance(child, dict | list)]
        level = below
    return found


def _written(place: _Place) -> str:
    keys: list[str] = []
    while place is not None:
        place, key = place
        keys.append(key.replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{key}" for key in reversed(keys))
