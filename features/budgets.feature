Feature: Budgets over deals
  All deals of a key may give away so much together; what others have taken is known to the writer of a log.

  Background:
    Given the policy "policies/goodwill"
    And a deal with list price 100,000 USD
    And the deal's rep is ana

  Scenario Outline: What is left of a budget may be given, to the cent
    Given other deals have taken <taken> of the budget "goodwill"
    When we offer a discount of <at>
    Then the verdict is proceed
    When we offer a discount of <above>
    Then the verdict is escalate
    And rule "budgets-goodwill" fires

    Examples:
      | taken         | at       | above    |
      | 0 USD         | 50%      | 50.0001% |
      | 20,000 USD    | 30%      | 30.0001% |
      | 44,999.99 USD | 5%       | 5.0001%  |

  Scenario: What was let through is said again when the budget is spent
    When we offer a discount of 10%
    Then the verdict is proceed
    Given other deals have by now taken 50,000 USD of the budget "goodwill"
    When they accept our offer
    Then the verdict is proceed

  Scenario: The head of finance lets more through
    Given other deals have taken 45,000 USD of the budget "goodwill"
    When we offer a discount of 20%
    Then the verdict is escalate
    Given the cfo "carla" approved a discount of 20%
    When we offer a discount of 20%
    Then the verdict is proceed

  Scenario: A rule reads what others have taken
    Given other deals have taken 45,000 USD of the budget "goodwill"
    When we offer a discount of 2%
    Then the verdict is escalate
    And rule "nearly-spent" fires
    And budget.goodwill is 45,000 USD
