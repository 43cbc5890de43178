"""A small policy over another in which names of each kind stand in many places, for whoever gives them another name."""

from pathlib import Path

UPPER = """\
policy: upper
version: 1
side: seller
currency: USD
deal: {rep: {type: text, optional: yes}, segment: {one of: [small, large], default: small}}
issues:
  term: {type: months, values: [12 months, 24 months], start: 12 months, label: Length}
  price:
    {type: money, start: "100 USD", by: term, worth: {12 months: 1 USD per 1 USD, 24 months: 2 USD per 1 USD}}
  seats: {type: count, start: 5, worth: 1 USD per 1, walk: 'floors[deal.segment].seats'}
  reference: {type: yes/no, start: no, worth: 5 USD, owed: 60 days after close}
tables: {floors: {file: floors.csv, key: segment}}
roles: [rep, cfo]
define: {dear: offer.price < 80 USD}
mandates: {rep: {may: [price, term], price: at least 90 USD}}
approvals: {table: matrix.csv, on: our terms}
rules:
  late:
    {why: The price counts., on: our terms, when: dear and not offer.reference, then: escalate, to: cfo}
"""
LOWER = """\
policy: lower
version: 1
extends: upper.yaml
side: seller
currency: USD
define: {low: offer.price < 70 USD}
rules:
  lower: {why: It is low., on: our terms, when: low, then: escalate, to: rep}
"""
TOLD = """\
Feature: told
  Scenario: the price of it
    Given the policy "lower.yaml"
    Given the rep "price" approved a price of 75 USD
    When we offer a price of 75 USD
    Then offer.price is 75 USD
"""


def write_layers(folder: Path) -> None:
    """Write the policy, the one above it, its matrix, its table and a feature into a folder."""
    tables = {
        "matrix.csv": "price,approver\n< 90 USD,cfo\n>= 90 USD,nobody\n",
        "floors.csv": "segment,seats\nsmall,1\nlarge,2\n",
    }
    policies = {"upper.yaml": UPPER, "lower.yaml": LOWER, "told.feature": TOLD}
    for name, text in {**tables, **policies}.items():
        (folder / name).write_text(text, encoding="utf-8")
