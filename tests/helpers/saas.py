"""The shipped policy on discounts, as docs/calculus.md works its examples under it: rules on give hear `our terms`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from walkaway import policy
from walkaway.policy import Policy

FOLDER = Path(__file__).parents[2] / "rules" / "saas-discounting"
FILE = FOLDER / "policy.yaml"
_OUR_TERMS = ("nothing-for-nothing", "cumulative-cap", "near-the-floor", "who-decides", "thin-pipeline", "below-want")
_PATIENCE = ("wait-for-their-move", "they-never-give")
_NET = (*_PATIENCE, "not-in-haste", "cumulative-cap")


def _base() -> dict[str, Any]:
    said: dict[str, Any] = yaml.load((FOLDER / "policy.yaml").read_text(), yaml.BaseLoader)
    rules = said["rules"]
    for name in _OUR_TERMS:
        rules[name]["on"] = "our terms"
    for name in _PATIENCE:
        rules[name]["on"] = ["our offer", "our acceptance"]
    for name in _NET:
        net = yaml.dump(rules[name]["when"]).replace("give.value", "give.net")
        rules[name]["when"] = yaml.load(net, yaml.BaseLoader)
    rules["below-want"]["when"] = "room.short_of_want >= 1 and give.value > 0 USD"
    return said


BASE = _base()
"""What the policy says, each scalar a text."""


def saas(**more: Any) -> Policy:
    """Return the policy; *more* replaces whole keys of it."""
    return _read(**more) if more else _as_it_is()


@cache
def _as_it_is() -> Policy:
    return _read()


def _read(**more: Any) -> Policy:
    return policy.read(_text(BASE | more), str(FILE), policy.files_beside(FILE)).unwrap()


def below(team: Mapping[str, Any], **more: Any) -> Policy:
    """Return a policy that extends this one."""
    beside = policy.files_beside(FILE)
    upper = _text(BASE | more)
    lower = _text({**team, "extends": "upper.yaml"})
    return policy.read(lower, str(FILE), lambda name: upper if name == "upper.yaml" else beside(name)).unwrap()


def _text(said: Mapping[str, Any]) -> bytes:
    return yaml.dump(dict(said), sort_keys=False, allow_unicode=True).encode()
