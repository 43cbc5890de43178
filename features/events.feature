Feature: Every event is decided once, or is a dead letter with its reason
  The same event again gives the same decision and counts nothing twice. What cannot be read, or cannot have happened,
  gives no decision and changes nothing.

  Background:
    Given the policy "policies/ledger"

  Scenario: The same event again
    Given we offered a discount of 5%
    When the last event comes again
    Then the answer is the same as before
    And afterwards ours.offers is 1

  Scenario: The same id with other content
    Given we offered a discount of 5%
    When this event comes:
      """
      {"id": "e2", "deal": "D-1", "at": "2026-01-05T09:00:00Z", "type": "offer", "by": "us", "terms": {"discount": "6%"}}
      """
    Then it is a dead letter with WA604

  Scenario: An event in a CloudEvents envelope is the same event
    Given the deal opened
    When this event comes:
      """
      {"specversion": "1.0", "id": "c1", "source": "/crm", "type": "walkaway.offer", "subject": "D-1", "time": "2026-01-05T09:00:00Z", "data": {"by": "us", "terms": {"discount": "5%"}}}
      """
    Then give.value is 5,000 USD

  Scenario: Numbers that say no unit are not guessed
    Given the deal opened
    When this event comes:
      """
      {"id": "e9", "deal": "D-1", "at": "2026-01-05T09:00:00Z", "type": "offer", "by": "us", "terms": {"discount": 5}}
      """
    Then it is a dead letter with WA504

  Scenario: A line that is no JSON
    When this event comes:
      """
      we offered five per cent
      """
    Then it is a dead letter with WA501

  Scenario Outline: What an event names must be there
    Given we offered a discount of 5%
    When <something happens>
    Then it is a dead letter with <code>

    Examples:
      | something happens             | code  |
      | rudeness by them is confirmed | WA509 |
      | the deal's colour is red      | WA506 |

  Scenario: A term that nobody declared is kept, and holds the offer
    When they offer:
      | discount | 0%    |
      | escrow   | 1 day |
    Then the verdict is hold
    And rule "unvalued" decides
    And other.theirs is 1
    When they offer a discount of 1%
    Then other.theirs is 1

  Scenario: A dead letter changes nothing
    Given we offered a discount of 5%
    When we offer:
      | discount | 101 months |
    Then it is a dead letter with WA504
    When 1 day passes
    Then ours.offers is 1

  Scenario: A deal opens once
    Given the deal opened
    When this event comes:
      """
      {"id": "e9", "deal": "D-1", "at": "2026-01-05T09:00:00Z", "type": "open", "facts": {}}
      """
    Then it is a dead letter with WA602

  Scenario: Nothing happens in a deal that has not opened
    When this event comes:
      """
      {"id": "e9", "deal": "D-9", "at": "2026-01-05T09:00:00Z", "type": "tick"}
      """
    Then it is a dead letter with WA601

  Scenario Outline: Nothing happens in a deal that is closed
    Given the deal closed as <outcome>
    When they offer a discount of 0%
    Then it is a dead letter with WA605

    Examples:
      | outcome |
      | won     |
      | lost    |
      | walked  |

  Scenario: A deal moves to its own policy only
    When the deal moves to policy "another"
    Then it is a dead letter with WA610
