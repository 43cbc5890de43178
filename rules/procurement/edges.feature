Feature: procurement at its edges

  Scenario: enough-quotes fires at give.value > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | it         |
      | quotes        | 2          |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | price | 9,000.01 USD |
    Then rule "enough-quotes" fires

  Scenario: enough-quotes does not fire at give.value > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | it         |
      | quotes        | 2          |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 14,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 13,000 USD |
    And it is 2026-11-02T12:00:00Z
    And this event comes:
      """
      {"id":"e4","deal":"D-1","at":"2026-11-02T12:00:00+00:00","type":"approve","approver":"mara","role":"category_manager","terms":{"price":"9,500 USD"},"override":["enough-quotes"],"reason":"the third supplier left the market","until":"2026-12-31T00:00:00Z"}
      """
    And it is 2026-11-02T13:00:00Z
    And "jo" acts for us
    And we offer:
      | price | 9,500 USD |
    And nobody says who acts for us
    When we offer:
      | price | 9,500 USD |
    Then rule "enough-quotes" does not fire

  Scenario: single-source fires at give.value > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | it         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And single_source by us is confirmed
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | price | 9,000.01 USD |
    Then rule "single-source" fires

  Scenario: single-source does not fire at give.value > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | it         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And single_source by us is confirmed
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | price | 9,000 USD |
    Then rule "single-source" does not fire

  Scenario: above-own-authority fires at give.value > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price    | 10,000 USD |
      | target_price     | 11,000 USD |
      | budget           | 20,000 USD |
      | category         | it         |
      | quotes           | 3          |
      | supplier_checked | yes        |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | price | 10,000.01 USD |
    Then rule "above-own-authority" fires

  Scenario: above-own-authority does not fire at give.value > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price    | 9,000 USD  |
      | target_price     | 11,000 USD |
      | budget           | 20,000 USD |
      | category         | it         |
      | quotes           | 3          |
      | supplier_checked | yes        |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 42,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 30,000 USD |
    And it is 2026-11-02T12:00:00Z
    And this event comes:
      """
      {"id":"e4","deal":"D-1","at":"2026-11-02T12:00:00+00:00","type":"approve","approver":"ida","role":"cpo","terms":{"price":"20,000 USD"}}
      """
    And it is 2026-11-02T13:00:00Z
    And "jo" acts for us
    And we offer:
      | price | 20,000 USD |
    And nobody says who acts for us
    When we offer:
      | price | 20,000 USD |
    Then rule "above-own-authority" does not fire

  Scenario: near-the-budget fires at give.value > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price    | 19,000 USD |
      | target_price     | 11,000 USD |
      | budget           | 20,000 USD |
      | category         | it         |
      | quotes           | 3          |
      | supplier_checked | yes        |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | price | 19,000.01 USD |
    Then rule "near-the-budget" fires

  Scenario: near-the-budget does not fire at give.value > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price    | 9,000 USD  |
      | target_price     | 11,000 USD |
      | budget           | 20,000 USD |
      | category         | it         |
      | quotes           | 3          |
      | supplier_checked | yes        |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 42,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 30,000 USD |
    And it is 2026-11-02T12:00:00Z
    And this event comes:
      """
      {"id":"e4","deal":"D-1","at":"2026-11-02T12:00:00+00:00","type":"approve","approver":"ida","role":"cpo","terms":{"price":"20,000 USD"}}
      """
    And it is 2026-11-02T13:00:00Z
    And "jo" acts for us
    And we offer:
      | price | 20,000 USD |
    And nobody says who acts for us
    When we offer:
      | price | 20,000 USD |
    Then rule "near-the-budget" does not fire

  Scenario: wait-for-their-move fires at give.net > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price    | 9,000 USD  |
      | target_price     | 11,000 USD |
      | budget           | 20,000 USD |
      | category         | it         |
      | quotes           | 3          |
      | supplier_checked | yes        |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And we offer:
      | price   | 9,119.01 USD |
      | payment | 120 days     |
    When we offer:
      | price   | 9,119.02 USD |
      | payment | 120 days     |
    Then rule "wait-for-their-move" fires

  Scenario: wait-for-their-move does not fire at give.net > 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | it         |
      | quotes        | 2          |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 14,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 13,000 USD |
    And it is 2026-11-02T12:00:00Z
    And this event comes:
      """
      {"id":"e4","deal":"D-1","at":"2026-11-02T12:00:00+00:00","type":"approve","approver":"mara","role":"category_manager","terms":{"price":"9,500 USD"},"override":["enough-quotes"],"reason":"the third supplier left the market","until":"2026-12-31T00:00:00Z"}
      """
    And it is 2026-11-02T13:00:00Z
    And "jo" acts for us
    And we offer:
      | price | 9,500 USD |
    And nobody says who acts for us
    When we offer:
      | price | 9,500 USD |
    Then rule "wait-for-their-move" does not fire

  Scenario: buy-elsewhere does not fire at theirs.flat >= 1
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | it         |
      | quotes        | 3          |
    And our BATNA is worth -12,000 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When they offer:
      | price | 12,000 USD |
    Then rule "buy-elsewhere" does not fire

  Scenario: buy-elsewhere does not fire at move.value <= 0 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | it         |
      | quotes        | 3          |
    And our BATNA is worth -12,000 USD
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | price | 12,000 USD |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | price | 12,000.01 USD |
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | price | 12,000 USD |
    Then rule "buy-elsewhere" does not fire

  Scenario: short-of-want does not fire at want of price
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 2,000 USD |
      | target_price  | 3,000 USD |
      | budget        | 4,000 USD |
      | category      | office    |
      | quotes        | 2         |
    And the deal opens
    And it is 2026-11-02T11:00:00Z
    When they offer:
      | price | 3,000 USD |
    Then rule "short-of-want" does not fire

  Scenario: nothing-for-nothing fires at start of liability
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price    | 9,000 USD  |
      | target_price     | 11,000 USD |
      | budget           | 20,000 USD |
      | category         | it         |
      | quotes           | 3          |
      | supplier_checked | yes        |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | price     | 9,600 USD      |
      | warranty  | 54 months      |
      | liability | contract value |
    Then rule "nothing-for-nothing" fires

  Scenario: above-own-authority fires at alone in table categories: 5,000 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | office     |
      | quotes        | 2          |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | price   | 5,000.01 USD |
      | payment | 1 day        |
    Then rule "above-own-authority" fires

  Scenario: above-own-authority does not fire at alone in table categories: 5,000 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | office     |
      | quotes        | 2          |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | price   | 5,000 USD |
      | payment | 1 day     |
    Then rule "above-own-authority" does not fire

  Scenario: above-own-authority fires at alone in table categories: 25,000 USD
    Given the policy "rules/procurement"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | opening_price | 9,000 USD  |
      | target_price  | 11,000 USD |
      | budget        | 20,000 USD |
      | category      | services   |
      | quotes        | 2          |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | price | 25,000.01 USD |
    Then rule "above-own-authority" fires
