"""Prove a policy written in a test, and decide the deals that refute it once more, as `walkaway check` would."""

import time

from walkaway import DeadLetter, Decision, Engine, Policy, Stream
from walkaway.policy import read
from walkaway.proof.prove import Proof, prove

PLAIN = """\
policy: plain
version: 1
side: seller
currency: USD
deal:
  list_price: money
  rating: {type: count, optional: yes}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD"}, start: basic}
package: {base: deal.list_price}
signals: [deception]
roles: [manager]
rules:
  even: {why: w, on: our terms, when: give.value > get.value, then: trade}
  lied: {why: w, on: any, when: signals.deception >= 1, then: walk, door: closed}
"""
"""A policy that keeps to every property; it ends among its rules, so that a test can add one."""


def policy_of(text: str) -> Policy:
    """Read a policy; an error in it fails the test."""
    return read(text.encode(), "policy.yaml", lambda _: None).unwrap()


def proofs(text: str, *only: str) -> dict[str, Proof]:
    """Prove a policy's properties, with all the time the solver wants."""
    return {p.name: p for p in prove(policy_of(text), time.process_time, 600.0, only)}


def proof(text: str, name: str) -> Proof:
    """Prove one property."""
    return proofs(text, name)[name]


def decided(text: str, lines: tuple[bytes, ...]) -> list[Decision]:
    """Decide a deal's events afresh; one that cannot be decided fails the test."""
    answers = list(Stream(Engine(policy_of(text))).lines(lines, "deal"))
    assert not any(isinstance(a, DeadLetter) for a in answers)
    return [a for a in answers if isinstance(a, Decision)]
