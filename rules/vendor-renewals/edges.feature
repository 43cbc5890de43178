Feature: vendor-renewals at its edges

  Scenario: nothing-for-nothing fires at give.value > get.value
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.33 USD |
      | opening | 0%       |
      | tier         | important  |
      | days_left    | 90 days  |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 3% |
    Then rule "nothing-for-nothing" fires

  Scenario: above-want fires at give.value > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.33 USD |
      | opening | 0%       |
      | tier         | important  |
      | days_left    | 90 days  |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift    | 3.0001%   |
      | term      | 36 months |
      | support | yes       |
    Then rule "above-want" fires

  Scenario: above-want does not fire at give.value > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | important    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-02T10:00:00+00:00","type":"approve","approver":"ines","role":"head_of_purchasing","terms":{"uplift":"7%","term":"12 months","support":"yes"}}
      """
    And it is 2026-11-02T11:00:00Z
    And "jo" acts for us
    And we offer:
      | uplift    | 7%        |
      | term      | 12 months |
      | support | yes       |
    And nobody says who acts for us
    When we offer:
      | uplift    | 7%        |
      | term      | 12 months |
      | support | yes       |
    Then rule "above-want" does not fire

  Scenario: seven-percent-or-more fires at give.value > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.14 USD |
      | opening | 0%       |
      | tier         | important  |
      | days_left    | 90 days  |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift    | 7%        |
      | term      | 12 months |
      | support | yes       |
    Then rule "seven-percent-or-more" fires

  Scenario: seven-percent-or-more does not fire at give.value > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | important    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-02T10:00:00+00:00","type":"approve","approver":"ines","role":"head_of_purchasing","terms":{"uplift":"7%","term":"12 months","support":"yes"}}
      """
    And it is 2026-11-02T11:00:00Z
    And "jo" acts for us
    And we offer:
      | uplift    | 7%        |
      | term      | 12 months |
      | support | yes       |
    And nobody says who acts for us
    When we offer:
      | uplift    | 7%        |
      | term      | 12 months |
      | support | yes       |
    Then rule "seven-percent-or-more" does not fire

  Scenario: more-seats-than-are-needed fires at give.value > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.20 USD |
      | opening | 0%       |
      | tier         | important  |
      | days_left    | 90 days  |
      | needed        | 104.9999% |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | seats | 105%       |
      | term  | 12 months |
    Then rule "more-seats-than-are-needed" fires

  Scenario: not-at-the-last-minute fires at give.net > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.50 USD |
      | opening | 0%       |
      | tier         | important  |
      | days_left    | 14 days  |
    And the deal opens
    And it is 2026-11-03T11:00:00Z
    And this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-03T11:00:00+00:00","type":"update","facts":{"days_left":"13 days"}}
      """
    And it is 2026-11-03T12:00:00Z
    When we offer:
      | uplift | 2% |
    Then rule "not-at-the-last-minute" fires

  Scenario: not-at-the-last-minute does not fire at give.net > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | important    |
      | days_left    | 13 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 0% |
    Then rule "not-at-the-last-minute" does not fire

  Scenario: a-threat-is-answered-with-questions fires at give.net > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 2 USD   |
      | opening | 0%      |
      | tier         | important |
      | days_left    | 90 days |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | uplift | 9% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | uplift | 7% |
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | uplift | 1% |
    And it is 2026-11-02T14:00:00Z
    And cut_off_threat by them is confirmed
    And it is 2026-11-02T15:00:00Z
    When we offer:
      | uplift | 1.5% |
    Then rule "a-threat-is-answered-with-questions" fires

  Scenario: a-threat-is-answered-with-questions does not fire at give.net > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | important    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And cut_off_threat by them is confirmed
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | uplift | 7% |
    And it is 2026-11-02T12:00:00Z
    And they offer:
      | uplift | 4% |
    And it is 2026-11-02T13:00:00Z
    And we offer:
      | uplift | 2% |
    When we offer:
      | uplift | 2% |
    Then rule "a-threat-is-answered-with-questions" does not fire

  Scenario: wait-for-their-move fires at give.net > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 1 USD   |
      | opening | 0%      |
      | tier         | important |
      | days_left    | 90 days |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | uplift | 7% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | uplift | 4% |
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | uplift | 1% |
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | uplift | 2% |
    Then rule "wait-for-their-move" fires

  Scenario: wait-for-their-move does not fire at give.net > 0 USD
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | important    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And we offer:
      | uplift | 0% |
    When we offer:
      | uplift | 0% |
    Then rule "wait-for-their-move" does not fire

  Scenario: nothing-for-nothing fires at start of uplift
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | important    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 0.0001% |
    Then rule "nothing-for-nothing" fires

  Scenario: nothing-for-nothing fires at start of term
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | important    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 3%        |
      | term   | 37 months |
    Then rule "nothing-for-nothing" fires

  Scenario: beyond-walk does not fire at walk of the package
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.01 USD |
      | opening | 0%       |
      | tier         | important  |
      | days_left    | 90 days  |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 0% |
    Then rule "beyond-walk" does not fire

  Scenario: beyond-walk fires at walk of the package
    Given the policy "rules/vendor-renewals"
    And it is 2026-10-05T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.01 USD |
      | opening | 2.9999%  |
      | tier         | important  |
      | days_left    | 0 days   |
    And the deal opens
    And it is 2026-10-05T10:00:00Z
    And "the-buyer" acts for us
    When we offer:
      | uplift  | 7%      |
      | seats   | 110%     |
      | payment | yearly |
    Then rule "beyond-walk" fires

  Scenario: above-want does not fire at want in table tiers: 2%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | replaceable   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | uplift | 2% |
    Then rule "above-want" does not fire

  Scenario: above-want fires at want in table tiers: 2%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | replaceable   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 2.0001% |
    Then rule "above-want" fires

  Scenario: beyond-walk does not fire at walk in table tiers: 4%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | replaceable   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift    | 4%        |
      | term      | 36 months |
      | support | yes       |
    Then rule "beyond-walk" does not fire

  Scenario: beyond-walk fires at walk in table tiers: 4%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | replaceable   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 4.0001% |
    Then rule "beyond-walk" fires

  Scenario: beyond-walk does not fire at seats in table tiers: 100%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | replaceable   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 0% |
    Then rule "beyond-walk" does not fire

  Scenario: beyond-walk fires at seats in table tiers: 100%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | replaceable   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 0%       |
      | seats  | 100.0001% |
    Then rule "beyond-walk" fires

  Scenario: above-want fires at want in table tiers: 4%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | critical  |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 4.0001% |
    Then rule "above-want" fires

  Scenario: beyond-walk fires at walk in table tiers: 12%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | critical  |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 12.0001% |
    Then rule "beyond-walk" fires

  Scenario: beyond-walk does not fire at seats in table tiers: 120%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | critical  |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | -10% |
      | seats  | 120% |
    Then rule "beyond-walk" does not fire

  Scenario: beyond-walk fires at seats in table tiers: 120%
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | opening | 0%         |
      | tier         | critical  |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | -10%      |
      | seats  | 120.0001% |
    Then rule "beyond-walk" fires

  Scenario: A vendor who is paid in euros is answered alike
    Given the policy "rules/vendor-renewals"
    And it is 2026-11-02T09:00:00Z
    And the deal is in EUR
    And a deal with:
      | annual_value | 40,000 EUR |
      | opening | 0%         |
      | tier         | critical  |
      | days_left    | 90 days    |
    When we offer an uplift of 0%
    Then the verdict is proceed
    When we offer an uplift of -0.0001%
    Then the verdict is refuse
