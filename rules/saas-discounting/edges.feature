# Where a comparison turns: the last value at which a rule fires, and the first at which it does not. Without these nobody
# would notice a `>` that became `>=`. `walkaway test --mutate` wrote them.
Feature: saas-discounting at its edges

  Scenario: nothing-for-nothing fires at give.value > get.value
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 0.20 USD   |
      | segment              | enterprise |
      | decision_maker_known | yes        |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | discount | 5% |
    Then rule "nothing-for-nothing" fires

  Scenario: cumulative-cap fires at give.net > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 0.06 USD   |
      | segment              | enterprise |
      | decision_maker_known | yes        |
    And the deal opens
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | discount | 16% |
    Then rule "cumulative-cap" fires

  Scenario: near-the-floor fires at give.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 0.05 USD   |
      | segment              | enterprise |
      | decision_maker_known | yes        |
    And the deal opens
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | discount | 20%       |
      | term     | 36 months |
      | prepay   | yes       |
    Then rule "near-the-floor" fires

  Scenario: no-nibbling fires at move.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And we offer:
      | discount  | 5%  |
      | prepay    | yes |
      | reference | yes |
    And it is 2026-11-02T11:00:00Z
    And they accept our offer
    And it is 2026-11-02T12:00:00Z
    And they offer:
      | discount | 6% |
    When they offer:
      | discount | 6% |
    Then rule "no-nibbling" fires

  Scenario: not-in-haste does not fire at give.net > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | discount | 12% |
    And it is 2026-11-02T10:59:59Z
    And we offer:
      | discount | 2%  |
      | prepay   | yes |
    When we offer:
      | discount | 2%  |
      | prepay   | yes |
    Then rule "not-in-haste" does not fire

  Scenario: no-room-left does not fire at theirs.flat >= 2
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | discount | 30% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | discount | 30% |
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | discount | 30% |
    Then rule "no-room-left" does not fire

  Scenario: no-room-left does not fire at move.value <= 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 0.20 USD   |
      | segment              | enterprise |
      | decision_maker_known | yes        |
    And the deal opens
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | discount | 30% |
    And it is 2026-11-02T12:00:00Z
    And they offer:
      | discount | 30% |
    And it is 2026-11-02T13:00:00Z
    And they offer:
      | discount | 30% |
    And it is 2026-11-02T14:00:00Z
    When they offer:
      | discount | 25% |
    Then rule "no-room-left" does not fire

  Scenario: who-decides fires at give.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price | 0.50 USD |
      | segment    | smb      |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | discount | 2%  |
      | prepay   | yes |
    Then rule "who-decides" fires

  Scenario: thin-pipeline fires at give.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 0.50 USD |
      | segment              | smb      |
      | decision_maker_known | yes      |
      | pipeline_coverage    | 2.9999   |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | discount | 2%  |
      | prepay   | yes |
    Then rule "thin-pipeline" fires

  Scenario: thin-pipeline does not fire at give.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | smb         |
      | decision_maker_known | yes         |
      | pipeline_coverage    | 2.9999      |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And we offer:
      | discount | 2%  |
      | prepay   | yes |
    When we offer:
      | discount | 2%  |
      | prepay   | yes |
    Then rule "thin-pipeline" does not fire

  Scenario: cumulative-cap fires at given_in_all > 15% of deal.list_price
    Given the policy "rules/saas-discounting"
    And a deal with:
      | list_price           | 10,000 USD |
      | segment              | enterprise |
      | decision_maker_known | yes        |
    When we offer:
      | discount | 15.0001% |
    Then rule "cumulative-cap" fires

  Scenario: no-room-left does not fire at room.beyond_walk >= 1
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And we offer:
      | discount  | 5%  |
      | prepay    | yes |
      | reference | yes |
    And it is 2026-11-02T11:00:00Z
    And they accept our offer
    And it is 2026-11-02T12:00:00Z
    And they offer:
      | discount | 6% |
    And they offer:
      | discount | 6% |
    When they offer:
      | discount | 6% |
    Then rule "no-room-left" does not fire

  Scenario: no-nibbling fires at pattern nibble: demand.discount > settled.discount
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And we offer:
      | discount  | 5%  |
      | prepay    | yes |
      | reference | yes |
    And it is 2026-11-02T11:00:00Z
    And they accept our offer
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | discount | 5.0001% |
    Then rule "no-nibbling" fires

  Scenario: no-nibbling does not fire at pattern nibble: demand.discount > settled.discount
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And we offer:
      | discount  | 5%  |
      | prepay    | yes |
      | reference | yes |
    And it is 2026-11-02T11:00:00Z
    And they accept our offer
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | discount | 5% |
    Then rule "no-nibbling" does not fire

  Scenario: nothing-for-nothing fires at start of support
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    When we offer:
      | discount  | 5%   |
      | prepay    | yes  |
      | reference | yes  |
      | support   | gold |
    Then rule "nothing-for-nothing" fires

  Scenario: beyond-walk does not fire at walk of the package
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T11:00:00Z
    When they offer:
      | discount | 20% |
    Then rule "beyond-walk" does not fire

  Scenario: beyond-walk does not fire at walk in table floors: 15%
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | smb         |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | discount | 15% |
    Then rule "beyond-walk" does not fire

  Scenario: near-the-floor fires at walk in table floors: 18%
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | mid-market  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | discount | 15.0001%  |
      | term     | 36 months |
      | prepay   | yes       |
    Then rule "near-the-floor" fires

  Scenario: near-the-floor does not fire at walk in table floors: 18%
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | mid-market  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T12:00:00Z
    When we offer:
      | discount | 15% |
    Then rule "near-the-floor" does not fire

  Scenario: cumulative-cap does not fire at give.net > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | discount | 40% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | discount | 20% |
    And it is 2026-11-02T12:00:00Z
    And this event comes:
      """
      {"id":"e4","deal":"D-1","at":"2026-11-02T12:00:00+00:00","type":"approve","approver":"chris","role":"cfo","terms":{"discount":"16%"},"override":["cumulative-cap"],"reason":"first customer in this country","until":"2026-12-31T23:59:59Z"}
      """
    And it is 2026-11-02T13:00:00Z
    And this event comes:
      """
      {"id":"e5","deal":"D-1","at":"2026-11-02T13:00:00+00:00","type":"offer","by":"us","actor":"rep","terms":{"discount":"16%"}}
      """
    When we offer:
      | discount | 16% |
    Then rule "cumulative-cap" does not fire

  Scenario: near-the-floor does not fire at give.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | discount | 40% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | discount | 20% |
    And it is 2026-11-02T12:00:00Z
    And this event comes:
      """
      {"id":"e4","deal":"D-1","at":"2026-11-02T12:00:00+00:00","type":"approve","approver":"dana","role":"director","terms":{"discount":"20%","term":"36 months","prepay":"yes"}}
      """
    And it is 2026-11-02T13:00:00Z
    And this event comes:
      """
      {"id":"e5","deal":"D-1","at":"2026-11-02T13:00:00+00:00","type":"offer","by":"us","actor":"rep","terms":{"discount":"20%","term":"36 months","prepay":"yes"}}
      """
    When we offer:
      | discount | 20%       |
      | term     | 36 months |
      | prepay   | yes       |
    Then rule "near-the-floor" does not fire

  Scenario: below-want fires at give.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And this event comes:
      """
      {"id":"e1","deal":"D-1","at":"2026-11-02T09:00:00Z","type":"open","facts":{"list_price":"0.06 USD","segment":"enterprise","decision_maker_known":"yes"},"actor":"we"}
      """
    And it is 2026-11-02T13:00:00Z
    When this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-02T13:00:00Z","type":"offer","by":"us","terms":{"discount":"16%"},"actor":"we"}
      """
    Then rule "below-want" fires

  Scenario: below-want does not fire at give.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | discount | 40% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | discount | 20% |
    And it is 2026-11-02T12:00:00Z
    And this event comes:
      """
      {"id":"e4","deal":"D-1","at":"2026-11-02T12:00:00+00:00","type":"approve","approver":"dana","role":"director","terms":{"discount":"20%","term":"36 months","prepay":"yes"}}
      """
    And it is 2026-11-02T13:00:00Z
    And this event comes:
      """
      {"id":"e5","deal":"D-1","at":"2026-11-02T13:00:00+00:00","type":"offer","by":"us","actor":"rep","terms":{"discount":"20%","term":"36 months","prepay":"yes"}}
      """
    When we offer:
      | discount | 20%       |
      | term     | 36 months |
      | prepay   | yes       |
    Then rule "below-want" does not fire

  Scenario: no-nibbling does not fire at move.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And this event comes:
      """
      {"id":"e1","deal":"D-1","at":"2026-11-02T09:00:00Z","type":"open","facts":{"list_price":"1 USD","segment":"enterprise","decision_maker_known":"yes"},"actor":"we"}
      """
    And it is 2026-11-02T10:00:00Z
    And this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-02T10:00:00Z","type":"offer","by":"us","terms":{"discount":"5%","prepay":"yes","reference":"yes"},"actor":"we"}
      """
    And it is 2026-11-02T11:00:00Z
    And they accept our offer
    And it is 2026-11-02T12:00:00Z
    When they offer:
      | discount | 6%        |
      | term     | 28 months |
    Then rule "no-nibbling" does not fire

  Scenario: wait-for-their-move fires at give.net > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 1 USD      |
      | segment              | enterprise |
      | decision_maker_known | yes        |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | discount | 12% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | discount | 10% |
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | discount | 1% |
    And it is 2026-11-02T13:00:00Z
    When we offer:
      | discount | 2% |
    Then rule "wait-for-their-move" fires

  Scenario: not-in-haste fires at give.net > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 0.50 USD   |
      | segment              | enterprise |
      | decision_maker_known | yes        |
    And the deal opens
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | discount | 10% |
    And it is 2026-11-02T11:59:59Z
    When we offer:
      | discount | 2% |
    Then rule "not-in-haste" fires

  Scenario: they-never-give does not fire at ours.unreturned >= 3
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | discount | 20% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | discount | 10% |
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | discount | 1% |
    And it is 2026-11-02T13:00:00Z
    And they reject our offer
    And it is 2026-11-02T14:00:00Z
    And we offer:
      | discount | 2% |
    And it is 2026-11-02T16:00:00Z
    When we offer:
      | discount | 3% |
    Then rule "they-never-give" does not fire

  Scenario: they-never-give fires at give.net > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 1 USD      |
      | segment              | enterprise |
      | decision_maker_known | yes        |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And they offer:
      | discount | 20% |
    And it is 2026-11-02T11:00:00Z
    And they offer:
      | discount | 10% |
    And it is 2026-11-02T12:00:00Z
    And we offer:
      | discount | 1% |
    And it is 2026-11-02T13:00:00Z
    And they reject our offer
    And it is 2026-11-02T14:00:00Z
    And we offer:
      | discount | 2% |
    And it is 2026-11-02T15:00:00Z
    And they reject our offer
    And it is 2026-11-02T16:00:00Z
    And we offer:
      | discount | 3% |
    And it is 2026-11-02T18:00:00Z
    When we offer:
      | discount | 4% |
    Then rule "they-never-give" fires

  Scenario: who-decides does not fire at give.value > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price | 100,000 USD |
      | segment    | smb         |
    And the deal opens
    And it is 2026-11-02T10:00:00Z
    And this event comes:
      """
      {"id":"e2","deal":"D-1","at":"2026-11-02T10:00:00+00:00","type":"approve","approver":"robin","role":"manager","terms":{"discount":"2%"},"override":["who-decides"],"reason":"their buyer is on leave and has delegated","until":"2026-12-31T23:59:59Z"}
      """
    And it is 2026-11-02T11:00:00Z
    And this event comes:
      """
      {"id":"e3","deal":"D-1","at":"2026-11-02T11:00:00+00:00","type":"offer","by":"us","actor":"rep","terms":{"discount":"2%","prepay":"yes"}}
      """
    When we offer:
      | discount | 2%  |
      | prepay   | yes |
    Then rule "who-decides" does not fire

  Scenario: they-never-give does not fire at give.net > 0 USD
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And they offered a discount of 20%
    And they offered a discount of 10%
    And we offered a discount of 1%
    And they rejected our offer
    And we offered a discount of 2%
    And they rejected our offer
    And we offered a discount of 3%
    And they rejected our offer
    When we offer a discount of 3%
    Then rule "they-never-give" does not fire

  Scenario: no-room-left fires at room.beyond_walk >= 1
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And they offered discount 21% and reference yes
    And they offered discount 21% and reference yes
    And they offered discount 21% and reference yes
    When they offer discount 21% and reference yes
    Then rule "no-room-left" fires

  Scenario: no-nibbling does not fire at pattern nibble: demand.discount > settled.discount, with other terms beside it
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 100,000 USD |
      | segment              | enterprise  |
      | decision_maker_known | yes         |
    And we offered discount 5%, prepay yes and reference yes
    And they accepted our offer
    When they offer discount 5% and prepay no
    Then rule "no-nibbling" does not fire

  Scenario: beyond-walk fires at walk of the package
    Given the policy "rules/saas-discounting"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | list_price           | 10,000 USD |
      | segment              | enterprise |
      | decision_maker_known | yes        |
    When we offer discount 19.2501% and term 6 months
    Then rule "beyond-walk" fires
