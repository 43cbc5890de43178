Feature: No bargaining before the preparation is done
  Until every deal fact and every walk value that the policy asks for is stated, offers are on hold, ours and theirs.

  Background:
    Given the policy "policies/unprepared"

  Scenario: Everything that is missing is named at once
    Given they offered a discount of 5%
    When we offer a discount of 1%
    Then the verdict is hold
    And rule "unprepared" fires
    And we must first prepare: the deal fact list_price
    And we must first prepare: the deal fact segment
    And we must first prepare: the walk value of discount
    And we must first prepare: the walk value of the package
    And missing.items is 4

  Scenario Outline: Whatever is missing, nothing is bargained
    Given a deal with:
      | list price | 100,000 USD |
      | segment    | enterprise  |
    And the walk value of discount is 15%
    When <something is offered>
    Then the verdict is hold
    And rule "unprepared" decides
    And we must first prepare: the walk value of the package

    Examples:
      | something is offered          |
      | we offer a discount of 1%     |
      | they offer a discount of 1%   |
      | they offer a discount of 100% |

  Scenario: A fact with a default is never missing, nor is an optional one
    Given a deal with list price 100,000 USD and segment enterprise
    And the walk value of discount is 15%
    And the walk value of the package is 85,000 USD
    When we offer a discount of 1%
    Then the verdict is proceed
    And deal.contact is nobody
    And deal.pipeline is unknown

  Scenario: A fact that is known is looked at
    Given a deal with list price 100,000 USD, segment enterprise and pipeline 2.9
    And the walk value of discount is 15%
    And the walk value of the package is 85,000 USD
    When we offer a discount of 1%
    Then the verdict is hold
    And only rule "thin-pipeline" fires
    And we must first wait

  Scenario: What was missing may be stated later, and earlier offers then count
    Given they offered a discount of 30%
    And they offered a discount of 28%
    And the deal's list price is 100,000 USD
    And the deal's segment is enterprise
    And the walk value of discount is 15%
    And the walk value of the package is 85,000 USD
    When we offer a discount of 2%
    Then the verdict is proceed
    And theirs.net is 2,000 USD
    And get.value is 2,000 USD

  Scenario: Before worths are known, beyond-walk cannot be seen, and nothing passes either
    Given the walk value of discount is 15%
    When we offer a discount of 50%
    Then the verdict is hold
    And the verdict is not proceed

  Scenario: A rule that needs no missing fact decides all the same
    When deception by them is confirmed
    Then the verdict is walk

  Scenario: The limits of a deal may tighten while it runs
    Given a deal with list price 100,000 USD and segment enterprise
    And the limits are:
      | issue    | walk       |
      | discount | 15%        |
      | package  | 85,000 USD |
    And we offered a discount of 1%
    When the walk value of discount is now 10%
    And we offer a discount of 10.0001%
    Then the verdict is refuse
