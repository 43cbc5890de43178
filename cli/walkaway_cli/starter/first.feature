# What the policy is meant to do, in sentences that are run: walkaway test FOLDER
# Every sentence a scenario may use:                         walkaway test --sentences
Feature: Discounts are traded, never given away

  Background:
    Given a deal with list price 100,000 USD

  Scenario: A discount for nothing is not sent
    When we offer a discount of 5%
    Then the verdict is trade
    And rule "nothing-for-nothing" fires
    And give.value is 5,000 USD

  Scenario: The same discount for a longer term and payment up front is sent
    When we offer:
      | discount | 5%        |
      | term     | 36 months |
      | prepay   | yes       |
    Then the verdict is proceed

  Scenario: At the walk value a director decides, past it nobody can
    When we offer a discount of 20%
    Then the verdict is escalate
    And we must first get an approval: director
    When we offer a discount of 20.0001%
    Then the verdict is refuse
    And rule "beyond-walk" fires

  Scenario: Whoever lies to us is left for good
    Given they offered a discount of 10%
    When deception by them is confirmed
    Then the verdict is walk
    And the door is closed
