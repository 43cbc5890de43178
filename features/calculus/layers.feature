Feature: A layer only adds
  What a region says stands beside what the company says, and never in place of it: docs/calculus.md.

  Background:
    Given the policy "policies/region"

  Scenario: A rule that is milder below stays what it is above
    Given the director "dana" approved a discount of 5%
    When we offer a discount of 5%
    Then the verdict is trade
    And rule "nothing-for-nothing" answers trade

  Scenario: An issue of a lower layer pays for nothing above
    Given the director "dana" approved a discount of 5%
    When we offer discount 5% and goodwill yes
    Then the verdict is trade

  Scenario Outline: The tightest of the limits holds: <payment>
    When we offer payment <payment>
    Then rule "beyond-walk" <answer>

    Examples: 60 days above, 45 days below
      | payment | answer        |
      | 45 days | does not fire |
      | 46 days | fires         |

  Scenario Outline: A layer between may tighten, and none below it loosens: <payment>
    Given the policy "policies/branch"
    And the deal's seats is 100
    When we offer payment <payment>
    Then rule "beyond-walk" <answer>

    Examples: 60 days above, 45 days between, 60 days below
      | payment | answer        |
      | 45 days | does not fire |
      | 46 days | fires         |
      | 60 days | fires         |

  Scenario: What is not prepared above is not let through by a role of a layer below
    Given the policy "policies/branch"
    And the rep "rita" approved a discount of 0%
    When we offer a discount of 0%
    Then the verdict is hold
    And rule "unprepared" fires
