Feature: Who may approve, and on what it rests
  Nobody approves what they have moved, under whatever spelling; an approval covers the facts it was given on; who
  loosens a limit asks first: docs/calculus.md.

  Background:
    Given the policy "policies/seats"

  Scenario Outline: An approval by <approver> of what <actor> offers
    Given "<actor>" acts for us
    And the manager "<approver>" approved a discount of 5%
    When we offer a discount of 5%
    Then the verdict is <verdict>

    Examples:
      | actor | approver | verdict  |
      | ana   | max      | proceed  |
      | ana   | ana      | escalate |
      | Ana   | ana      | escalate |
      | ana   | ANA      | escalate |
      | ána   | ána      | escalate |

  Scenario: An approval of what nobody known offers
    Given nobody says who acts for us
    And the manager "max" approved a discount of 5%
    When we offer a discount of 5%
    Then the verdict is escalate
    And we must first prepare: State `actor`

  Scenario: Why no approval counts is said once somebody is known
    Given nobody says who acts for us
    And we offered a discount of 5%
    And "ana" acts for us
    And the manager "max" approved a discount of 5%
    When we offer a discount of 5%
    Then the verdict is escalate
    And we must first prepare: No approval counts

  Scenario: Whose approval does not count is said
    Given "ana" acts for us
    And the manager "Ana" approved a discount of 5%
    When we offer a discount of 5%
    Then the verdict is escalate
    And we must first get an approval: `Ana` did, and is among those who moved these terms

  Scenario: An approval of one's own offer does not meet their acceptance of it
    Given "ana" acts for us
    And we offered a discount of 5%
    And the manager "ana" approved a discount of 5%
    When they accept our offer
    Then the verdict is escalate

  Scenario: An approval covers the seats it was given on
    Given the deal's seats is 500
    And the manager "max" approved a discount of 5%
    When we offer a discount of 5%
    Then the verdict is proceed
    Given they rejected our offer
    And the deal's seats is now 5
    When we offer a discount of 5%
    Then the verdict is escalate

  Scenario: An approval that is taken back covers nothing any more
    Given the manager "max" approved a discount of 5%
    And "max" took the approval back
    When we offer a discount of 5%
    Then the verdict is escalate

  Scenario: A limit is loosened by the highest role alone
    Given the deal opened
    When the want value of discount is now 12%
    Then the verdict is escalate
    And afterwards want.discount is 8%
    Given the cfo "carla" agreed to event "e2"
    When 1 day passes
    Then want.discount is 12%

  Scenario: Nobody loosens a limit by their own approval
    Given "carla" acts for us
    And the deal opened
    And the want value of discount is now 12%
    And the cfo "carla" agreed to event "e2"
    When 1 day passes
    Then want.discount is 8%

  Scenario: Nobody known loosens no limit
    Given nobody says who acts for us
    And the deal opened
    When the want value of discount is now 12%
    Then the verdict is escalate
    And we must first prepare: State `actor`
    Given the cfo "carla" agreed to event "e2"
    When 1 day passes
    Then want.discount is 8%

  Scenario: The best alternative still in force counts
    Given the alternative "the next tender" is worth 90,000 USD
    And the alternative "a partner" is worth 85,000 USD
    When they offer a discount of 5%
    Then batna.worth is 90,000 USD

  Scenario: That an alternative is gone loosens a limit
    Given the alternative "the next tender" is worth 90,000 USD
    And the deal opened
    When the alternative "the next tender" is gone
    Then the verdict is escalate

  Scenario: An offer from far ahead makes no dead letter of the deal
    Given it is 2026-10-05T09:00:00Z
    And they offered a discount of 30%
    And it is 2062-01-01T09:00:00Z
    When they offer a discount of 20%
    Then the verdict is hold
    And rule "far-ahead" fires
    Given it is 2026-10-06T09:00:00Z
    When they offer a discount of 10%
    Then theirs.offers is 1

  Scenario: Unless somebody says that it is so
    Given it is 2026-10-05T09:00:00Z
    And they offered a discount of 30%
    And it is 2062-01-01T09:00:00Z
    And they offered a discount of 20%
    When the last event is confirmed
    Then the verdict is escalate
    And move.value is 10,000 USD

  Scenario: A slip that no answer rested on is taken out
    Given they offered a discount of 30%
    And 3 days passed
    When event "e3" was a slip, because "the clock was wrong"
    Then the verdict is proceed

  Scenario: A slip that answers rest on is taken out when the highest role agrees
    Given they offered a discount of 30%
    And the deal's seats is 5
    When event "e3" was a slip, because "typed into the wrong deal"
    Then the verdict is escalate
    And afterwards deal.seats is 5
    Given the cfo "carla" agreed to event "e4"
    When 1 day passes
    Then deal.seats is 100

  Scenario: A door closed for a party is closed in all its deals
    Given the other side is "Harbour Mills"
    And deception by them was confirmed
    When this event comes:
      """
      {"id": "f1", "deal": "D-2", "at": "2026-01-06T09:00:00Z", "type": "open", "facts": {}, "party": " harbour mills"}
      """
    Then the verdict is hold
    When this event comes:
      """
      {"id": "f2", "deal": "D-2", "at": "2026-01-07T09:00:00Z", "type": "offer", "by": "us", "actor": "ana", "terms": {"term": "24 months"}}
      """
    Then the verdict is refuse

  Scenario: The highest role opens it again
    Given the other side is "Harbour Mills"
    And deception by them was confirmed
    When this event comes:
      """
      {"id": "f1", "deal": "D-2", "at": "2026-01-06T09:00:00Z", "type": "open", "facts": {}, "party": "Harbour Mills"}
      """
    And this event comes:
      """
      {"id": "f2", "deal": "D-2", "at": "2026-01-07T09:00:00Z", "type": "reopen", "actor": "ana", "reason": "a new owner"}
      """
    Then the verdict is escalate
    When this event comes:
      """
      {"id": "f3", "deal": "D-2", "at": "2026-01-07T10:00:00Z", "type": "approve", "approver": "carla", "role": "cfo", "of": "f2"}
      """
    And this event comes:
      """
      {"id": "f4", "deal": "D-2", "at": "2026-01-07T11:00:00Z", "type": "offer", "by": "us", "actor": "ana", "terms": {"term": "24 months"}}
      """
    Then the verdict is proceed

  Scenario: In the deal in which they lied nothing opens it
    Given the other side is "Harbour Mills"
    And deception by them was confirmed
    When we ask to deal with them again, because "they have a new owner"
    Then the verdict is walk
    And rule "reopening" fires
