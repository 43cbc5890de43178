# Where a comparison turns, and where a limit lies: the last value at which a rule fires, and the first at which it does
# not. `walkaway test --mutate` wrote them.
Feature: car-sale at its edges

  Scenario: sell-to-the-other does not fire at move.value <= 13,000 USD
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
      | papers_signed     | yes       |
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth 6,500 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 6,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 6,000 USD |
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | price | 6,000.01 USD |
    Then rule "sell-to-the-other" does not fire

  Scenario: sell-to-the-other does not fire at offer.worth <= batna.worth
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
      | papers_signed     | yes       |
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth 5,999.99 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 6,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 6,000 USD |
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | price | 6,000 USD |
    Then rule "sell-to-the-other" does not fire

  Scenario: sell-to-the-other fires at offer.worth <= batna.worth
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
      | papers_signed     | yes       |
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth 6,000 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 6,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 6,000 USD |
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | price | 6,000 USD |
    Then rule "sell-to-the-other" fires

  Scenario: alternative-gone fires at give.value > 13,000 USD
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
      | papers_signed     | yes       |
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth 6,500 USD
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    And buyer_gone by them is confirmed
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | price | 7,099.99 USD |
    Then rule "alternative-gone" fires

  Scenario: wait-for-their-move fires at give.net > 13,000 USD
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
      | papers_signed     | yes       |
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth 6,500 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 5,500 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 6,000 USD |
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | price | 7,000 USD |
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | price | 6,999.99 USD |
    Then rule "wait-for-their-move" fires

  Scenario: wait-for-their-move does not fire at give.net > 13,000 USD
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-02T10:00:00+00:00","type":"update","limits":{"price":{"walk":"6,500 USD"}},"batna":"6,500 USD"}
      """
    And it is 2026-11-02T11:00:00Z
    And we offer:
      | price | 7,100 USD |
    When we offer:
      | price | 7,100 USD |
    Then rule "wait-for-their-move" does not fire

  Scenario: not-to-the-middle does not fire at offer.price >= 0.5 * theirs.last.price + 0.5 * ours.cleared.price
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
      | papers_signed     | yes       |
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth 6,500 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 5,500 USD |
    And it is 2026-11-02T11:00:00Z
    When we offer:
      | price | 6,300.01 USD |
    Then rule "not-to-the-middle" does not fire

  Scenario: not-to-the-middle fires at offer.price > ours.cleared.price
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
      | papers_signed     | yes       |
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth 6,500 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 5,500 USD |
    And it is 2026-11-02T12:00:00Z
    And they offer:
      | price | 6,999.98 USD |
    And it is 2026-11-02T13:00:00Z
    And we offer:
      | price | 7,000 USD |
    And it is 2026-11-02T15:00:00Z
    When we offer:
      | price | 6,999.99 USD |
    Then rule "not-to-the-middle" fires

  Scenario: not-to-the-middle does not fire at offer.price > ours.cleared.price
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
      | papers_signed     | yes       |
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth 6,500 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 5,500 USD |
    And it is 2026-11-02T12:00:00Z
    And they offer:
      | price | 6,400 USD |
    And it is 2026-11-02T13:00:00Z
    And we offer:
      | price | 7,000 USD |
    And it is 2026-11-02T15:00:00Z
    And they offer:
      | price | 7,001 USD |
    When we offer:
      | price | 7,000 USD |
    Then rule "not-to-the-middle" does not fire

  Scenario: alternative-gone does not fire at give.value > 13,000 USD
    Given the policy "rules/car-sale"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,100 USD |
    And our BATNA is worth 6,500 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And buyer_gone by them is confirmed
    When we offer:
      | price | 7,100 USD |
    Then rule "alternative-gone" does not fire
