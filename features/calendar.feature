Feature: The calendar
  A policy's days are those of its table: an instant is one day for everybody, at every replay.

  Background:
    Given the policy "policies/quarter"
    And a deal with renewal 2027-06-01

  Scenario Outline: The last business days of a quarter, by headquarters' clock
    Given it is 2026-08-03
    And the deal opens
    And it is <instant>
    When we offer a discount of 16%
    Then the verdict is <verdict>
    And calendar.business_days_to_quarter_end is <left>

    Examples:
      | instant              | verdict  | left |
      | 2026-10-27T12:00:00Z | proceed  | 4    |
      | 2026-10-27T21:59:59Z | proceed  | 4    |
      | 2026-10-27T22:00:00Z | escalate | 3    |
      | 2026-10-30T21:59:59Z | escalate | 1    |

  Scenario: The hour at which it is tomorrow moves with the clock
    Given it is 2026-08-03
    And the deal opens
    And it is 2026-11-02T22:59:59Z
    When we offer a discount of 1%
    Then calendar.day is 2026-11-02
    And calendar.hour is 23
    And calendar.days_to_quarter_end is 90 days

  Scenario: The same hour, a second later
    Given it is 2026-08-03
    And the deal opens
    And it is 2026-11-02T23:00:00Z
    When we offer a discount of 1%
    Then calendar.day is 2026-11-03
    And calendar.hour is 0
    And calendar.fiscal_year is 2027
    And calendar.quarter is 4
    And calendar.month_of_quarter is 1
    And calendar.weekday is 2

  Scenario: No business on a holiday
    Given it is 2026-11-20
    And the deal opens
    And it is 2026-11-26T15:00:00Z
    When we offer a discount of 1%
    Then the verdict is hold
    And rule "weekend" fires

  Scenario Outline: Days between two days are a number
    Given it is 2026-08-03
    And the deal's renewal is <renewal>
    And the deal opens
    And it is 2026-08-04T12:00:00Z
    When we offer a discount of 12%
    Then the verdict is <verdict>

    Examples:
      | renewal    | verdict |
      | 2026-09-03 | proceed |
      | 2026-09-02 | refuse  |

  Scenario Outline: A day may be negotiated
    Given it is 2026-11-30
    And the deal opens
    And it is 2026-12-07T15:00:00Z
    When we offer a delivery of <day>
    Then the verdict is <verdict>

    Examples:
      | day        | verdict |
      | 2026-12-20 | refuse  |
      | 2026-12-21 | proceed |
      | 2026-12-25 | refuse  |
      | 2027-01-01 | proceed |

  Scenario: After the last row of the table every deal is held
    Given it is 2027-01-29
    And the deal opens
    And it is 2027-02-01T12:00:00Z
    When we offer a discount of 1%
    Then the verdict is hold
    And rule "unprepared" fires

  Scenario Outline: A policy's day is that of its calendar
    Given it is <instant>
    When the deal opens
    Then <answer>

    Examples:
      | instant              | answer                         |
      | 2026-01-31T22:59:59Z | it is a dead letter with WA609 |
      | 2026-01-31T23:00:00Z | the verdict is proceed         |
