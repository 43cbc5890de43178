"""How well its scenarios try a policy: coverage, and mutation testing with the deals that kill mutants."""

from typing import TYPE_CHECKING

from walkaway.language.later import exported

if TYPE_CHECKING:
    from walkaway.testing.coverage import Coverage as Coverage
    from walkaway.testing.coverage import LeafCoverage as LeafCoverage
    from walkaway.testing.coverage import Point as Point
    from walkaway.testing.coverage import RuleCoverage as RuleCoverage
    from walkaway.testing.coverage import Watch as Watch
    from walkaway.testing.killers import KillingDeal as KillingDeal
    from walkaway.testing.killers import differ as differ
    from walkaway.testing.killers import fires as fires
    from walkaway.testing.killers import killing_deal as killing_deal
    from walkaway.testing.killers import shortest_killing_deal as shortest_killing_deal
    from walkaway.testing.killers.inputs import Deal as Deal
    from walkaway.testing.killers.inputs import Event as Event
    from walkaway.testing.killers.reachability import may_have_other_cells as may_have_other_cells
    from walkaway.testing.killers.targets import targets_of as targets_of
    from walkaway.testing.mutants import Mutant as Mutant
    from walkaway.testing.mutants import RuleChange as RuleChange
    from walkaway.testing.mutants import mutants_of as mutants_of
    from walkaway.testing.simulation.attacks import Attack as Attack
    from walkaway.testing.simulation.attacks import Attacker as Attacker
    from walkaway.testing.simulation.bargaining import Answering as Answering
    from walkaway.testing.simulation.bargaining import Ending as Ending
    from walkaway.testing.simulation.bargaining import Opponents as Opponents
    from walkaway.testing.simulation.bargaining import Spoken as Spoken
    from walkaway.testing.simulation.bargaining import Summary as Summary
    from walkaway.testing.simulation.bargaining import bargains as bargains
    from walkaway.testing.simulation.bargaining import summed as summed
    from walkaway.testing.simulation.deals import Dealer as Dealer
    from walkaway.testing.simulation.deals import amount as amount
    from walkaway.testing.simulation.space import Scenario as Scenario

__getattr__ = exported(
    __name__,
    {
        "RuleChange": "mutants",
        "Coverage": "coverage",
        "Deal": "killers.inputs",
        "Event": "killers.inputs",
        "KillingDeal": "killers",
        "LeafCoverage": "coverage",
        "Mutant": "mutants",
        "Point": "coverage",
        "RuleCoverage": "coverage",
        "Watch": "coverage",
        "differ": "killers",
        "fires": "killers",
        "killing_deal": "killers",
        "may_have_other_cells": "killers.reachability",
        "mutants_of": "mutants",
        "shortest_killing_deal": "killers",
        "targets_of": "killers.targets",
        "Answering": "simulation.bargaining",
        "Attack": "simulation.attacks",
        "Attacker": "simulation.attacks",
        "Dealer": "simulation.deals",
        "Ending": "simulation.bargaining",
        "Opponents": "simulation.bargaining",
        "Scenario": "simulation.space",
        "Summary": "simulation.bargaining",
        "Spoken": "simulation.bargaining",
        "amount": "simulation.deals",
        "bargains": "simulation.bargaining",
        "summed": "simulation.bargaining",
    },
)
