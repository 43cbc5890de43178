Feature: Worths and limits that hang on a term
  A discount costs more in a longer contract. What an issue is worth, and where we stop, is told apart by the term.

  Background:
    Given the policy "policies/across"
    And a deal with year 100,000 USD

  Scenario Outline: Each term has a walk value of its own
    When we offer discount <at> and term <term>
    Then rule "beyond-walk" does not fire
    When we offer discount <above> and term <term>
    Then the verdict is refuse

    Examples:
      | term      | at  | above    |
      | 12 months | 20% | 20.0001% |
      | 24 months | 18% | 18.0001% |
      | 36 months | 15% | 15.0001% |

  Scenario: A longer term may pay for a discount
    When we offer discount 10% and term 12 months
    Then the verdict is trade
    And give.value is 10,000 USD
    When we offer discount 10% and term 24 months
    Then the verdict is escalate
    And give.value is 20,000 USD

  Scenario Outline: An approval covers the term that it names
    Given the manager "dana" approved discount 9% and term 24 months
    When we offer discount 9% and term <term>
    Then the verdict is <verdict>

    Examples:
      | term      | verdict  |
      | 24 months | proceed  |
      | 36 months | escalate |

  Scenario: The term moves first, at what was cleared before
    When we offer discount 5% and prepay yes
    Then the verdict is proceed
    When we offer discount 5% and term 36 months and prepay yes
    Then offer.worth is 290,000 USD

  Scenario: Their offer is weighed at the term that it names
    When they offer discount 12% and term 36 months
    Then offer.worth is 264,000 USD
    When we accept their offer
    Then the verdict is not proceed
