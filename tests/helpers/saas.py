"""The shipped policy on discounts, as docs/calculus.md works its examples under it: rules on give hear `our terms`."""

from functools import cache
from pathlib import Path

import yaml

from walkaway import policy
from walkaway.policy import Policy

FOLDER = Path(__file__).parents[2] / "rules" / "saas-discounting"
_OUR_TERMS = ("nothing-for-nothing", "cumulative-cap", "near-the-floor", "who-decides", "thin-pipeline", "below-want")
_NET = ("wait-for-their-move", "they-never-give", "not-in-haste")


@cache
def saas(**more: object) -> Policy:
    """Return the policy; *more* replaces whole keys of it."""
    said = yaml.load((FOLDER / "policy.yaml").read_text(), yaml.BaseLoader)
    rules = said["rules"]
    for name in _OUR_TERMS:
        rules[name]["on"] = "our terms"
    for name in _NET:
        rules[name]["on"] = ["our offer", "our acceptance"]
        rules[name]["when"] = yaml.load(
            yaml.dump(rules[name]["when"]).replace("give.value", "give.net"), yaml.BaseLoader
        )
    rules["below-want"]["when"] = "room.short_of_want >= 1 and give.value > 0 USD"
    said.update(more)
    text = yaml.dump(said, sort_keys=False, allow_unicode=True)
    return policy.read(text.encode(), str(FOLDER / "policy.yaml"), policy.files_beside(FOLDER / "policy.yaml")).unwrap()
