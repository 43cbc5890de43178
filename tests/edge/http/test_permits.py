"""Permits: signed, exact, for a minute and for one use; whoever has none, or another one, sends nothing."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

import jwt  # noqa: E402
from tests.edge.http.test_asking import OFFER, finely, with_face  # noqa: E402
from tests.helpers.agents import KEY, NOW, Face, Told  # noqa: E402

from walkaway.log import store as db  # noqa: E402
from walkaway.log.sqlite import Sqlite  # noqa: E402
from walkaway.log.verify import verify  # noqa: E402
from walkaway_cli.main import walkaway as command  # noqa: E402
from walkaway_edge.permits.keys import make, read_private  # noqa: E402
from walkaway_edge.permits.tokens import NoPermit, Permits, verified  # noqa: E402
from walkaway_edge.problems import EdgeProblem  # noqa: E402

__all__ = ["finely"]

pytestmark = pytest.mark.serve

SECONDS = int(NOW.timestamp())


async def asked(face: Face, terms: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Ask for a permit, and return the answer."""
    body = {"deal": "D-0", "terms": terms or OFFER["terms"]}
    found: dict[str, Any] = (await face.call("POST", "/v1/permits", body, face.token("agent"))).json
    return found


def claims(permit: str) -> dict[str, Any]:
    """Return what a permit says, unverified."""
    part = permit.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def redeem(face: Face, permit: str, terms: object, jti: str = "") -> Told:
    """Redeem a permit."""
    of = jti or claims(permit)["jti"]
    body = {"permit": permit, "terms": terms}
    return await face.call("POST", f"/v1/permits/{of}/redeem", body, face.token("executor", "gateway"))


def test_a_yes_is_redeemed_once_and_is_on_record_as_said_by_the_agent_through_the_executor(tmp_path: Path) -> None:
    """The offer is event `jti`, by the agent, via the executor; the same permit again is refused."""
    store = str(tmp_path / "log.db")

    async def use(face: Face) -> tuple[dict[str, Any], Told, Told]:
        answer = await asked(face)
        return answer, *[await redeem(face, answer["permit"], answer["terms"]) for _ in range(2)]

    answer, first, second = with_face(use, store)
    jti = claims(answer["permit"])["jti"]
    assert (first.status, first.json["event"], second.status) == (200, jti, 409)
    with closing(Sqlite(Path(store), writable=False)) as kept:
        (entry,) = [e for e in db.entries(kept) if e.event == jti]
        assert b'"via":"gateway"' in entry.leaf
        assert entry.verdict == "proceed"
        assert not verify(kept).damages


def test_a_redemption_sent_again_by_its_key_has_the_answer_that_it_had() -> None:
    """Whoever lost the answer may send; by another key the permit is used."""

    async def use(face: Face) -> list[Told]:
        answer = await asked(face)
        jti, body = claims(answer["permit"])["jti"], {"permit": answer["permit"], "terms": answer["terms"]}
        token = face.token("executor", "gateway")
        keys = ("one", "one", "two")
        path = f"/v1/permits/{jti}/redeem"
        return [await face.call("POST", path, body, token, {"Idempotency-Key": key}) for key in keys]

    first, again, other = with_face(use)
    assert [t.status for t in (first, again, other)] == [200, 200, 409]
    assert again.body == first.body


def test_an_enforcement_point_redeems_as_an_obligation_of_a_yes_says() -> None:
    """It is sent where obligations of its type are known, with a permit that counts; no yes or no says more by it."""

    async def use(face: Face) -> None:
        resource = {"type": "deal", "id": "D-0", "properties": {"terms": OFFER["terms"]}}
        question = {"subject": {"type": "agent", "id": "agent"}, "action": {"name": "send_offer"}, "resource": resource}

        async def told(declared: object, terms: object = OFFER["terms"]) -> dict[str, Any]:
            said = {**question, "resource": {**resource, "properties": {"terms": terms}}}
            body = {**said, "context": {"obligations_supported": declared}}
            reply = await face.call("POST", "/access/v1/evaluation", body, face.token("agent"))
            found: dict[str, Any] = reply.json
            return found

        yes = await told(["custom"])
        (obligation,) = yes["context"]["obligations"]
        assert (yes["decision"], obligation["type"], obligation["action"]) == (True, "custom", "redeem_permit")
        assert "obligations" not in (await told(["step-up"]))["context"]
        no = await told(["custom"], {**OFFER["terms"], "discount": "40%"})
        assert (no["decision"], "obligations" in no["context"]) == (False, False)
        assert (await redeem(face, obligation["permit"], yes["context"]["terms"])).status == 200

    with_face(use)


def test_of_two_redemptions_at_once_one_is_answered_with_yes() -> None:
    """However many executors send at once, the terms are sent once."""

    async def use(face: Face) -> list[int]:
        answer = await asked(face)
        told = await asyncio.gather(*(redeem(face, answer["permit"], answer["terms"]) for _ in range(20)))
        return sorted(t.status for t in told)

    assert with_face(use) == [200, *[409] * 19]


def refused_after(change: Callable[[Face], Awaitable[object]]) -> bool:
    """Return whether a permit is refused after something has happened, and nothing is on record then."""

    async def use(face: Face) -> bool:
        answer = await asked(face)
        await change(face)
        told = await redeem(face, answer["permit"], answer["terms"])
        events = (await face.asked(lambda s: s.state("D-0"))).events
        return told.status == 409 and claims(answer["permit"])["jti"] not in events

    return bool(with_face(use))


def test_a_permit_counts_in_the_state_of_its_deal_alone() -> None:
    """A move of theirs, an offer of ours, a minute: each ends it."""

    async def theirs(face: Face) -> None:
        said = {"type": "reject", "by": "them", "at": "2027-06-01T12:00:00Z", "id": "x", "deal": "D-0"}
        await face.decide({**said, "type": "offer", "terms": {"discount": "30%"}})

    async def ours(face: Face) -> None:
        said = {"type": "offer", "by": "us", "at": "2027-06-01T12:00:00Z", "id": "x", "deal": "D-0", "actor": "ana"}
        await face.decide({**said, "terms": {"term": "13 months"}})

    async def later(face: Face) -> None:
        face.now += timedelta(seconds=60)

    assert all(refused_after(change) for change in (theirs, ours, later))


def test_a_kill_voids_all_open_permits_also_those_of_before_a_resume() -> None:
    """From a kill on no permit is given or redeemed; after the resume, only new ones are."""

    async def stop(face: Face, halt: bool) -> Told:
        body = {"halt": halt, "reason": "The price list is wrong."}
        return await face.call("POST", "/v1/halt", body, face.token("approver:cfo", "carla"))

    async def use(face: Face) -> tuple[list[int], dict[str, Any], int]:
        before = await asked(face)
        low = await face.call("POST", "/v1/halt", {"halt": True, "reason": "x"}, face.token("approver:manager"))
        statuses = [low.status, (await stop(face, True)).status]
        statuses.append((await redeem(face, before["permit"], before["terms"])).status)
        during = await asked(face)
        statuses += [(await stop(face, False)).status, (await redeem(face, before["permit"], before["terms"])).status]
        after = await asked(face)
        return statuses, during, (await redeem(face, after["permit"], after["terms"])).status

    statuses, during, after = with_face(use)
    assert statuses == [403, 201, 409, 201, 409]
    assert (during["turn"], "permit" in during, after) == ("human", False, 200)


def test_only_the_very_terms_are_sent() -> None:
    """`1.0%` is not `1%`, one term less is other terms, and the address names the permit."""

    async def use(face: Face) -> list[int]:
        answer = await asked(face)
        terms = dict(answer["terms"])
        others: list[object] = [
            {**terms, "discount": "1.0%"}, {**terms, "discount": "2%"}, {"discount": "1%"}, {}, [], {**terms, "x": "1"},
        ]  # fmt: skip
        told = [(await redeem(face, answer["permit"], each)).status for each in others]
        return [*told, (await redeem(face, answer["permit"], terms, "permit-other")).status]

    assert set(with_face(use)) <= {409, 422}


@pytest.fixture(scope="module")
def permit() -> dict[str, Any]:
    """Return an answer with a permit."""
    found: dict[str, Any] = with_face(asked)
    return found


def counts(token: str, now: int = SECONDS, **more: Any) -> bool:
    """Return whether a permit counts."""
    try:
        verified(token, [KEY.public_key()], now, **more)
    except NoPermit:
        return False
    return True


def test_no_byte_of_a_permit_can_be_changed(permit: dict[str, Any]) -> None:
    """Every character, put in place by another one, makes it none."""
    token = permit["permit"]
    assert counts(token, aud="executor", terms=permit["terms"])
    for place, letter in enumerate(token):
        other = "A" if letter != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        if place == len(token) - 1:  # the last one has bits that stand for nothing
            continue
        assert not counts(changed), place


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("aud", "somebody"), ("exp", SECONDS - 1), ("exp", SECONDS + 10**6), ("iat", SECONDS + 3600), ("uses", 2),
        ("terms_sha256", "0" * 64), ("terms", {"discount": "99%"}), ("more", 1), ("uses", "1"), ("exp", None),
    ],
)  # fmt: skip
def test_what_a_permit_says_is_checked_even_where_it_is_signed(permit: dict[str, Any], field: str, value: Any) -> None:
    """A signature on something else is no permit."""
    said = {**claims(permit["permit"]), field: value}
    data = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    kid = jwt.get_unverified_header(permit["permit"])["kid"]
    token = jwt.PyJWS().encode(data, KEY, algorithm="EdDSA", headers={"typ": "walkaway-permit+jws", "kid": kid})
    assert not counts(token, aud="executor")


def test_no_other_algorithm_type_or_key_is_believed(permit: dict[str, Any]) -> None:
    """`none`, a secret made of the public key, another type, an unknown key: no permit."""
    data = base64.urlsafe_b64decode(permit["permit"].split(".")[1] + "==")
    kid = jwt.get_unverified_header(permit["permit"])["kid"]
    public = KEY.public_key().public_bytes_raw().hex()

    def signed(head: Mapping[str, object], key: Any, algorithm: str) -> str:
        return jwt.PyJWS().encode(data, key, algorithm=algorithm, headers=dict(head))

    typ = {"typ": "walkaway-permit+jws", "kid": kid}
    forged = [
        signed(typ, None, "none"),
        signed(typ, public, "HS256"),
        signed({**typ, "typ": "JWT"}, KEY, "EdDSA"),
        signed({**typ, "kid": "other"}, KEY, "EdDSA"),
        "",
        "a.b",
        "a.b.c",
    ]
    assert not any(map(counts, forged))


def test_a_permit_is_verified_by_others_without_our_code(permit: dict[str, Any]) -> None:
    """PyJWT with the published key, and thirty lines of anybody's, come to the same."""

    async def use(face: Face) -> Told:
        return await face.call("GET", "/v1/keys")

    (key,) = with_face(use).json["keys"]
    token = permit["permit"]
    found = jwt.decode(
        token,
        jwt.PyJWK(key).key,
        algorithms=["EdDSA"],
        audience="executor",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert found["terms"] == permit["terms"]

    head, body, signature = token.split(".")
    unpadded = [part + "=" * (-len(part) % 4) for part in (key["x"], signature, body)]
    x, sig, said = map(base64.urlsafe_b64decode, unpadded)
    Ed25519PublicKey.from_public_bytes(x).verify(sig, f"{head}.{body}".encode())
    written = json.dumps(permit["terms"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert json.loads(said)["terms_sha256"] == hashlib.sha256(written.encode()).hexdigest()
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(x).verify(sig, f"{head}.{body}x".encode())


def test_the_command_makes_keys_and_verifies_without_a_server(permit: dict[str, Any], tmp_path: Path) -> None:
    """It exits 0 for a permit that counts, 1 for one that does not, 2 where it cannot be asked."""
    key, terms = tmp_path / "permit.key", tmp_path / "terms.json"
    run = CliRunner()
    assert run.invoke(command, ["permit", "keygen", "--out", str(key)], standalone_mode=False).return_value == 0
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(EdgeProblem):
        make(key)
    terms.write_text(json.dumps(permit["terms"]))
    import time

    signed = Permits(read_private(key), (), "here")
    token = signed.sign(int(time.time()), "a", "D", "offer", "", permit["terms"], "s", 1)
    verify_ = ["permit", "verify", "--key", f"{key}.pub", "--terms", str(terms)]
    assert run.invoke(command, [*verify_, token], standalone_mode=False).return_value == 0
    assert run.invoke(command, [*verify_, permit["permit"]], standalone_mode=False).return_value == 1
    terms.write_text('{"discount": "2%"}')
    assert run.invoke(command, [*verify_, token], standalone_mode=False).return_value == 1
    with pytest.raises(click.UsageError):
        run.invoke(
            command, ["permit", "verify", "--key", str(terms), token], standalone_mode=False, catch_exceptions=False
        )


def test_a_customer_and_a_server_without_a_key_get_yes_without_a_permit() -> None:
    """Nothing but an agent's yes is a permit, and only where the server signs them."""

    async def use(face: Face) -> list[Told]:
        path = "/v1/deals/D-0/check"
        found = [await face.call("POST", path, OFFER, face.token("customer"))]
        face.front.permits = None
        return [*found, await face.call("POST", path, OFFER, face.token("agent"))]

    assert [(t.json["next"], "permit" in t.json) for t in with_face(use)] == [("send", False), ("send", False)]


RACES = 200


def test_of_two_reps_who_write_at_once_one_wins_and_the_other_is_told_so(tmp_path: Path) -> None:
    """Two hundred times: one event, one 412; one id fifty times at once is one entry with the same bytes."""
    store = str(tmp_path / "log.db")

    async def use(face: Face) -> tuple[list[list[int]], set[bytes]]:
        tokens = [face.token("rep", sub) for sub in ("ana", "bo")]
        found = []
        for race in range(RACES):
            tag = dict((await face.call("GET", "/v1/deals/D-0", None, tokens[0])).headers)[b"etag"].decode()
            body = {"type": "offer", "by": "them", "terms": {"term": f"{13 + race} months"}}
            told = await asyncio.gather(
                *(
                    face.call("PUT", f"/v1/deals/D-0/events/r{race}{n}", body, token, {"If-Match": tag})
                    for n, token in enumerate(tokens)
                )
            )
            found.append(sorted(t.status for t in told))
        tag = dict((await face.call("GET", "/v1/deals/D-0", None, tokens[0])).headers)[b"etag"].decode()
        body = {"type": "offer", "by": "them", "terms": {"discount": "30%"}}
        put = ("PUT", "/v1/deals/D-0/events/same", body, tokens[0], {"If-Match": tag})
        same = await asyncio.gather(*(face.call(*put) for _ in range(50)))
        return found, {t.body for t in same}

    statuses, same = with_face(use, store)
    assert statuses == [[201, 412]] * RACES
    assert len(same) == 1
    with closing(Sqlite(Path(store), writable=False)) as kept:
        assert not verify(kept).damages
        assert len([e for e in db.entries(kept) if e.event == "same"]) == 1
