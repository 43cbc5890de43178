Feature: renewals at its edges

  Scenario: nothing-for-nothing fires at give.value > get.value
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.33 USD |
      | increase_cap | 7%       |
      | tier         | premium  |
      | days_left    | 90 days  |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 4% |
    Then rule "nothing-for-nothing" fires

  Scenario: below-want fires at give.value > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.33 USD |
      | increase_cap | 7%       |
      | tier         | premium  |
      | days_left    | 90 days  |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift    | 3.9999%   |
      | term      | 36 months |
      | reference | yes       |
    Then rule "below-want" fires

  Scenario: below-want does not fire at give.value > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | premium    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-02T10:00:00+00:00","type":"approve","approver":"hana","role":"head_of_renewals","terms":{"uplift":"0%","term":"60 months","reference":"yes"}}
      """
    And it is 2026-11-02T11:00:00Z
    And "ben" acts for us
    And we offer:
      | uplift    | 0%        |
      | term      | 60 months |
      | reference | yes       |
    And nobody says who acts for us
    When we offer:
      | uplift    | 0%        |
      | term      | 60 months |
      | reference | yes       |
    Then rule "below-want" does not fire

  Scenario: flat-or-falling fires at give.value > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.14 USD |
      | increase_cap | 7%       |
      | tier         | premium  |
      | days_left    | 90 days  |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift    | 0%        |
      | term      | 60 months |
      | reference | yes       |
    Then rule "flat-or-falling" fires

  Scenario: flat-or-falling does not fire at give.value > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | premium    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-02T10:00:00+00:00","type":"approve","approver":"hana","role":"head_of_renewals","terms":{"uplift":"0%","term":"60 months","reference":"yes"}}
      """
    And it is 2026-11-02T11:00:00Z
    And "ben" acts for us
    And we offer:
      | uplift    | 0%        |
      | term      | 60 months |
      | reference | yes       |
    And nobody says who acts for us
    When we offer:
      | uplift    | 0%        |
      | term      | 60 months |
      | reference | yes       |
    Then rule "flat-or-falling" does not fire

  Scenario: fewer-seats-than-are-used fires at give.value > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.20 USD |
      | increase_cap | 7%       |
      | tier         | premium  |
      | days_left    | 90 days  |
      | usage        | 95.0001% |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | seats | 95%       |
      | term  | 60 months |
    Then rule "fewer-seats-than-are-used" fires

  Scenario: not-at-the-last-minute fires at give.net > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.50 USD |
      | increase_cap | 7%       |
      | tier         | premium  |
      | days_left    | 14 days  |
    And the deal opens
    And it is 2026-11-03T11:00:00Z
    And this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-03T11:00:00+00:00","type":"update","facts":{"days_left":"13 days"}}
      """
    And it is 2026-11-03T12:00:00Z
    When we offer:
      | uplift | 5% |
    Then rule "not-at-the-last-minute" fires

  Scenario: not-at-the-last-minute does not fire at give.net > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | premium    |
      | days_left    | 13 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 7% |
    Then rule "not-at-the-last-minute" does not fire

  Scenario: a-threat-is-answered-with-questions fires at give.net > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 2 USD   |
      | increase_cap | 7%      |
      | tier         | premium |
      | days_left    | 90 days |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | uplift | -2% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | uplift | 0% |
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | uplift | 6% |
    And it is 2026-11-02T14:00:00Z
    And churn_threat by them is confirmed
    And it is 2026-11-02T15:00:00Z
    When we offer:
      | uplift | 5.5% |
    Then rule "a-threat-is-answered-with-questions" fires

  Scenario: a-threat-is-answered-with-questions does not fire at give.net > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | premium    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And churn_threat by them is confirmed
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | uplift | 0% |
    And it is 2026-11-02T12:00:00Z
    And they offer:
      | uplift | 3% |
    And it is 2026-11-02T13:00:00Z
    And we offer:
      | uplift | 5% |
    When we offer:
      | uplift | 5% |
    Then rule "a-threat-is-answered-with-questions" does not fire

  Scenario: wait-for-their-move fires at give.net > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 1 USD   |
      | increase_cap | 7%      |
      | tier         | premium |
      | days_left    | 90 days |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | uplift | 0% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | uplift | 3% |
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | uplift | 6% |
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | uplift | 5% |
    Then rule "wait-for-their-move" fires

  Scenario: wait-for-their-move does not fire at give.net > 0 USD
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | premium    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And we offer:
      | uplift | 7% |
    When we offer:
      | uplift | 7% |
    Then rule "wait-for-their-move" does not fire

  Scenario: nothing-for-nothing fires at start of uplift
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | premium    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 6.9999% |
    Then rule "nothing-for-nothing" fires

  Scenario: nothing-for-nothing fires at start of term
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | premium    |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 4%        |
      | term   | 35 months |
    Then rule "nothing-for-nothing" fires

  Scenario: beyond-walk does not fire at walk of the package
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.01 USD |
      | increase_cap | 7%       |
      | tier         | premium  |
      | days_left    | 90 days  |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 7% |
    Then rule "beyond-walk" does not fire

  Scenario: beyond-walk fires at walk of the package
    Given the policy "rules/renewals"
    And it is 2026-10-05T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 0.01 USD |
      | increase_cap | 4.0001%  |
      | tier         | premium  |
      | days_left    | 0 days   |
    And the deal opens
    And it is 2026-10-05T10:00:00Z
    And "the-seller" acts for us
    When we offer:
      | uplift  | 0%      |
      | seats   | 90%     |
      | payment | monthly |
    Then rule "beyond-walk" fires

  Scenario: below-want does not fire at want in table tiers: 5%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | standard   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | uplift | 5% |
    Then rule "below-want" does not fire

  Scenario: below-want fires at want in table tiers: 5%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | standard   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 4.9999% |
    Then rule "below-want" fires

  Scenario: beyond-walk does not fire at walk in table tiers: 3%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | standard   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift    | 3%        |
      | term      | 36 months |
      | reference | yes       |
    Then rule "beyond-walk" does not fire

  Scenario: beyond-walk fires at walk in table tiers: 3%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | standard   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 2.9999% |
    Then rule "beyond-walk" fires

  Scenario: beyond-walk does not fire at seats in table tiers: 100%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | standard   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 7% |
    Then rule "beyond-walk" does not fire

  Scenario: beyond-walk fires at seats in table tiers: 100%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | standard   |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 7%       |
      | seats  | 99.9999% |
    Then rule "beyond-walk" fires

  Scenario: below-want fires at want in table tiers: 3%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | strategic  |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 2.9999% |
    Then rule "below-want" fires

  Scenario: beyond-walk fires at walk in table tiers: -5%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | strategic  |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | -5.0001% |
    Then rule "beyond-walk" fires

  Scenario: beyond-walk does not fire at seats in table tiers: 80%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | strategic  |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 17% |
      | seats  | 80% |
    Then rule "beyond-walk" does not fire

  Scenario: beyond-walk fires at seats in table tiers: 80%
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | annual_value | 40,000 USD |
      | increase_cap | 7%         |
      | tier         | strategic  |
      | days_left    | 90 days    |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | uplift | 17%      |
      | seats  | 79.9999% |
    Then rule "beyond-walk" fires

  Scenario: A customer who pays in euros is answered alike
    Given the policy "rules/renewals"
    And it is 2026-11-02T09:00:00Z
    And the deal is in EUR
    And a deal with:
      | annual_value | 40,000 EUR |
      | increase_cap | 7%         |
      | tier         | strategic  |
      | days_left    | 90 days    |
    When we offer an uplift of 7%
    Then the verdict is proceed
    When we offer an uplift of 7.0001%
    Then the verdict is refuse
