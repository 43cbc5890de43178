"""A permit: a JSON Web Signature in its compact form, over canonical JSON, by Ed25519 and nothing else.

It names the whole package, in the very bytes that may be sent, the state of the deal that it was given in, and by which
event of the deal it is redeemed: an event is recorded once, so that a permit has one use.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from walkaway.deal.encode import canonical
from walkaway_edge.permits.keys import jwk_of, kid_of

TYP = "walkaway-permit+jws"
LASTS_S = 60
"""So long a permit counts."""
MOST_S = 15 * 60
"""No permit counts longer, whatever it says."""
SKEW_S = 60
"""Seconds by which the clock of whoever signed may go ahead."""
_jws = jwt.PyJWS(algorithms=["EdDSA"])


class Permit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a permit says.

    Attributes:
        aud: For whom it is: whoever sends for the agent.
        sub: The agent.
        jti: Names it, and the event by which its terms are said.
        act: `offer` or `accept`.
        role: In which role it is said; empty where the policy knows none of the agent's.
        terms: The whole package, as people write it: issue → value.
        terms_sha256: Of the terms as canonical JSON, in hexadecimal.
        state: Stands for the deal's state in which it was given.
        entry: How many events had happened in the deal, but for asks.
    """

    iss: str
    aud: str
    sub: str
    jti: str
    iat: int
    exp: int
    deal: str
    act: str
    role: str
    terms: Mapping[str, str]
    terms_sha256: str
    state: str
    entry: int
    uses: int


class NoPermit(Exception):
    """A text that is no permit, or none that counts; it says why, and nothing of what it holds."""


_claims = msgspec.json.Decoder(Permit, strict=True).decode


def terms_digest(terms: Mapping[str, str]) -> str:
    """Return the SHA-256 of terms as canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(dict(terms))).hexdigest()


def verified(
    token: str, keys: Collection[Ed25519PublicKey], now: int, aud: str = "", terms: Mapping[str, str] | None = None
) -> Permit:
    """Return a permit that counts now.

    Args:
        keys: Of whoever may have signed it.
        now: Seconds since 1970.
        aud: For whom it has to be; anybody, if left out.
        terms: What is to be sent, which has to be the very terms that it names, text by text; not looked at, if none.

    Raises:
        NoPermit: Where it does not.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise NoPermit("it is no signed text") from None
    if header.get("typ") != TYP or header.get("alg") != "EdDSA" or "crit" in header:
        raise NoPermit("it is no permit")
    key = next((key for key in keys if hmac.compare_digest(kid_of(key), str(header.get("kid", "")))), None)
    if key is None:
        raise NoPermit("nobody known has signed it")
    try:
        data = _jws.decode(token, key, algorithms=["EdDSA"])
        found = _claims(data)
    except jwt.InvalidTokenError:
        raise NoPermit("its signature is not right") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NoPermit("it says something else than permits do") from None
    wrong = _wrong(found, now, aud, terms)
    if wrong or canonical(msgspec.to_builtins(found)) != data:
        raise NoPermit(wrong or "it is written otherwise than permits are")
    return found


def _wrong(found: Permit, now: int, aud: str, terms: Mapping[str, str] | None) -> str:
    if found.iat > now + SKEW_S or not 0 < found.exp - found.iat <= MOST_S or found.uses != 1:
        return "it is not for now"
    if now >= found.exp:
        return "its time is over"
    if aud and found.aud != aud:
        return "it is for somebody else"
    if found.terms_sha256 != terms_digest(found.terms):
        return "its terms are not those that it counts"
    if terms is not None and dict(terms) != dict(found.terms):
        return "it permits other terms"
    return ""


class Permits:
    """Signs permits, and knows the keys by which they are verified.

    Args:
        private: By which new ones are signed.
        older: Keys whose permits still count.
        iss: Under which address the server is known.
        aud: Whose they are to be.
    """

    def __init__(
        self, private: Ed25519PrivateKey, older: Sequence[Ed25519PublicKey], iss: str, aud: str = "executor"
    ) -> None:
        self.private, self.iss, self.aud = private, iss, aud
        self.keys = (private.public_key(), *older)
        self.secret = hashlib.sha256(b"walkaway permit" + private.private_bytes_raw()).digest()

    def sign(
        self, now: int, sub: str, deal: str, act: str, role: str, terms: Mapping[str, str], state: str, entry: int
    ) -> str:
        """Return a permit, signed.

        Args:
            now: Seconds since 1970.
            state: As `state` gives it.
            entry: How many events had happened in the deal, but for asks.
        """
        said = Permit(
            self.iss, self.aud, sub, self.name(deal, act, terms, state), now, now + LASTS_S, deal, act, role, terms,
            terms_digest(terms), state, entry, 1,
        )  # fmt: skip
        header = {"typ": TYP, "kid": kid_of(self.keys[0])}
        return _jws.encode(canonical(msgspec.to_builtins(said)), self.private, algorithm="EdDSA", headers=header)

    def name(self, deal: str, act: str, terms: Mapping[str, str], state: str) -> str:
        """Return what a permit is called: the same for the same terms in the same state of their deal."""
        return f"permit-{self.hashed([deal, act, terms_digest(terms), state])}"

    def state(self, deal: str, moves: int, stops: int) -> str:
        """Return what stands for a deal's state: it tells nothing of it.

        Args:
            moves: How many events have happened that are no asks.
            stops: How often all offers were stopped, or went on.
        """
        return self.hashed([deal, moves, stops])

    def hashed(self, said: Sequence[object]) -> str:
        """Return a keyed hash, 32 characters."""
        return hmac.new(self.secret, canonical(list(said)), hashlib.sha256).hexdigest()[:32]

    def verify(self, token: str, now: int, terms: Mapping[str, str] | None = None) -> Permit:
        """Return a permit of this server that counts now.

        Raises:
            NoPermit: Where it does not.
        """
        return verified(token, self.keys, now, self.aud, terms)

    def published(self) -> dict[str, list[dict[str, str]]]:
        """Return the public keys as a JSON Web Key Set."""
        return {"keys": [jwk_of(key) for key in self.keys]}
