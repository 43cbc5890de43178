Feature: Patterns over earlier events
  A pattern joins an event with earlier ones of the same deal. How often it has matched is a fact, the event judged
  included.

  Background:
    Given the policy "policies/patterns"

  Scenario: Asking for more than was settled
    Given they offered a discount of 10%
    And we offered a discount of 5%
    And they accepted our offer
    When they offer a discount of 5.0001%
    Then the verdict is refuse
    And pattern.nibble is 1

  Scenario: The same or less is no nibbling
    Given we offered a discount of 5%
    And they accepted our offer
    When they offer a discount of 5%
    Then the verdict is proceed
    And pattern.nibble is 0

  Scenario: Before anything is settled there is nothing to nibble at
    Given they offered a discount of 5%
    When they offer a discount of 10%
    Then the verdict is proceed

  Scenario: The order counts: a demand before the settlement is none after it
    Given they offered a discount of 30%
    And we offered a discount of 5%
    When they accept our offer
    Then pattern.nibble is 0

  Scenario: A match stays counted
    Given we offered a discount of 5%
    And they accepted our offer
    And they offered a discount of 10%
    When they offer a discount of 4%
    Then the verdict is proceed
    And pattern.nibble is 1

  Scenario: Every pair counts
    Given we offered discount 1% and term 12 months
    And we offered discount 2% and term 22 months
    When we offer discount 3% and term 32 months
    Then pattern.same_package is 3
    And the verdict is hold

  Scenario: What is only considered is no event
    Given we offered discount 1% and term 12 months
    And we offered discount 2% and term 22 months
    When we consider offering discount 3% and term 32 months
    Then the verdict is hold
    When we offer discount 4% and term 32 months
    Then pattern.same_package is 1
