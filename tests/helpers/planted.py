"""The command `walkaway` with a C core that errs, for offers of ours of two discounts; run as a program of its own.

At 7% it fires `bad-faith` as well, at 17% nothing at all; else it answers rightly. A worker imports this file before it
works, so its core errs in the same way.
"""

from walkaway.decide.core import plain, rete
from walkaway.decide.core.program import Facts, Fired, Runner, Stage
from walkaway_cli.main import main


def load(stage: Stage, *layout: object) -> Runner:
    """Return a runner that errs; for facts in a layout of their own there is none, and the rooms ask.

    Raises:
        rete.CoreFailed: Where there is a layout.
    """
    if layout:
        raise rete.CoreFailed("this core takes facts by name")
    right = plain.load(stage)
    added = {place for place, rule in enumerate(stage.rules) if rule.id == "bad-faith"}

    def run(facts: Facts) -> Fired:
        match facts.get("offer.discount"):  # in 1/10,000 of a percent
            case 70_000:
                return tuple(sorted({*right(facts), *added}))
            case 170_000:
                return ()
            case _:
                return right(facts)

    return run


def is_available() -> bool:
    """Return that this core can be had, whatever is installed."""
    return True


vars(rete).update(load=load, is_available=is_available)
if __name__ == "__main__":
    main()
