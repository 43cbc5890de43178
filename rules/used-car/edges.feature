# Where a comparison turns, and where a limit lies: the last value at which a rule fires, and the first at which it does
# not. `walkaway test --mutate` wrote them.
Feature: used-car at its edges

  Scenario: wait-for-their-move fires at give.value > 0 USD
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
      | inspected    | yes       |
    And our opening terms are price 5,900 USD
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth -6,500 USD
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | price | 6,000 USD |
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | price | 6,000.01 USD |
    Then rule "wait-for-their-move" fires

  Scenario: wait-for-their-move does not fire at give.value > 0 USD
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
    And our BATNA is worth -6,500 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And we offer:
      | price | 6,000 USD |
    When we offer:
      | price | 6,000 USD |
    Then rule "wait-for-their-move" does not fire

  Scenario: not-to-the-middle does not fire at offer.price >= 0.5 * theirs.last.price + 0.5 * ours.last.price
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
      | inspected    | yes       |
    And our opening terms are price 5,900 USD
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth -6,500 USD
    And the deal opens
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 7,000 USD |
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | price | 6,000 USD |
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | price | 6,499.99 USD |
    Then rule "not-to-the-middle" does not fire

  Scenario: not-to-the-middle fires at give.value > 0 USD
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
      | inspected    | yes       |
    And our opening terms are price 5,900 USD
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth -6,500 USD
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    And they offer:
      | price | 6,000.02 USD |
    And it is 2026-11-02T13:00:00Z
    And we offer:
      | price | 6,000 USD |
    And it is 2026-11-02T15:00:00Z
    When we offer:
      | price | 6,000.01 USD |
    Then rule "not-to-the-middle" fires

  Scenario: not-to-the-middle does not fire at give.value > 0 USD
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
      | inspected    | yes       |
    And our opening terms are price 5,900 USD
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth -6,500 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 6,500 USD |
    And it is 2026-11-02T11:00:00Z
    And we accept their offer
    When we offer:
      | price | 6,500 USD |
    Then rule "not-to-the-middle" does not fire

  Scenario: take-the-other-car does not fire at move.value <= 0 USD
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
      | inspected    | yes       |
    And our opening terms are price 5,900 USD
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth -6,500 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 7,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 7,000 USD |
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | price | 6,999.99 USD |
    Then rule "take-the-other-car" does not fire

  Scenario: take-the-other-car does not fire at offer.worth <= batna.worth
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
      | inspected    | yes       |
    And our opening terms are price 5,900 USD
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth -7,000.01 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 7,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 7,000 USD |
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | price | 7,000 USD |
    Then rule "take-the-other-car" does not fire

  Scenario: take-the-other-car fires at offer.worth <= batna.worth
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
      | inspected    | yes       |
    And our opening terms are price 5,900 USD
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth -7,000 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 7,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 7,000 USD |
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | price | 7,000 USD |
    Then rule "take-the-other-car" fires

  Scenario: alternative-gone fires at give.value > 0 USD
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
      | inspected    | yes       |
    And our opening terms are price 5,900 USD
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth -6,500 USD
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    And sold_elsewhere by them is confirmed
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | price | 5,900.01 USD |
    Then rule "alternative-gone" fires

  Scenario: alternative-gone does not fire at give.value > 0 USD
    Given the policy "rules/used-car"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_price | 7,500 USD |
      | inspected    | yes       |
    And our opening terms are price 5,900 USD
    And the limits are:
      | issue | wish | want | walk      |
      | price |      |      | 6,500 USD |
    And our BATNA is worth -6,500 USD
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    And sold_elsewhere by them is confirmed
    And it is 2026-11-02T13:00:00Z
    And we offer:
      | price | 6,000 USD |
    When we offer:
      | price | 6,000 USD |
    Then rule "alternative-gone" does not fire
