Feature: Several currencies
  A deal is judged in its own currency; what the policy states in its own is converted at a published rate.

  Background:
    Given the policy "policies/abroad"
    And it is 2026-03-04

  Scenario Outline: Ten thousand dollars in each currency
    Given the deal is in <currency>
    And a deal with list price <price>
    When we offer a discount of <above>
    Then the verdict is escalate
    When we offer a discount of <at>
    Then the verdict is proceed

    Examples:
      | currency | price           | above   | at      |
      | USD      | 1,000,000 USD   | 1.0001% | 1%      |
      | EUR      | 1,000,000 EUR   | 0.8001% | 0.8%    |
      | GBP      | 1,000,000 GBP   | 0.6401% | 0.64%   |
      | JPY      | 100,000,000 JPY | 1.3601% | 1.36%   |

  Scenario: A rate that has moved is pinned anew
    Given the deal is in GBP
    And a deal with list price 100,000 GBP
    When we offer a discount of 1%
    Then the verdict is proceed
    And fx.drift is 0%
    Given it is 2026-03-11
    When we offer a discount of 2%
    Then the verdict is hold
    And fx.drift is 5%
    When the rate is pinned anew
    And we offer a discount of 2%
    Then the verdict is proceed

  Scenario: Where nobody published a rate every offer waits
    Given it is 2026-03-11
    And the deal is in JPY
    And a deal with list price 1,000,000 JPY
    When we offer a discount of 1%
    Then the verdict is hold
