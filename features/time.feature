Feature: Time
  The only clock is that of the events. Rules hear time pass by ticks.

  Background:
    Given the policy "policies/time"

  Scenario Outline: A pause before a concession, to the second
    Given they offered a discount of 30%
    And <pause> later
    When we offer a discount of 1%
    Then the verdict is <verdict>

    Examples:
      | pause         | verdict |
      | 0 seconds     | hold    |
      | 59 minutes    | hold    |
      | 3,599 seconds | hold    |
      | 60 minutes    | proceed |
      | 2 weeks       | proceed |

  Scenario Outline: Silence is noticed by a tick
    Given they offered a discount of 30%
    When <silence> pass
    Then the verdict is <verdict>

    Examples:
      | silence       | verdict  |
      | 13 days       | proceed  |
      | 14 days       | escalate |

  Scenario: A tick changes nothing in the ledger
    Given they offered a discount of 30%
    When 3 days pass
    Then afterwards theirs.in_a_row is 1
    And afterwards since.their_offer is 3 days

  Scenario: One instant may be written with any offset
    Given it is 2026-10-05T09:00:00Z
    And they offered a discount of 30%
    And it is 2026-10-05T12:00:00+02:00
    When we offer a discount of 1%
    Then since.their_offer is 1 hour

  Scenario: An event older than the latest of its deal is a dead letter
    Given it is 2026-10-05T09:00:00Z
    And they offered a discount of 30%
    And it is 2026-10-05T08:59:59Z
    When we offer a discount of 1%
    Then it is a dead letter with WA603

  Scenario Outline: A deal opens only while its policy is in force, by UTC days
    Given it is <instant>
    When the deal opens
    Then the verdict is proceed

    Examples:
      | instant                   |
      | 2026-10-01                |
      | 2026-10-01T00:00:00Z      |
      | 2026-12-31T23:59:59Z      |
      | 2026-10-01T02:00:00+02:00 |

  Scenario Outline: Before and after it does not
    Given it is <instant>
    When the deal opens
    Then it is a dead letter with WA609

    Examples:
      | instant                   |
      | 2026-09-30T23:59:59Z      |
      | 2027-01-01T00:00:00Z      |
      | 2026-10-01T01:59:59+02:00 |

  Scenario: A deal that is open goes on when its policy is no longer in force
    Given it is 2026-12-31
    And they offered a discount of 30%
    And it is 2027-02-01
    When we offer a discount of 1%
    Then the verdict is proceed
