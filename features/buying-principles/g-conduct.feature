Feature: G. Conduct and integrity
  Bad faith ends a deal at once and for good; abuse ends it and leaves the door open. No price changes either.

  Background:
    Given the policy "rules/buying-principles/g-conduct.yaml"

  Scenario: SP-038, SP-092, SP-093, SP-097, SP-098, SP-099, SP-100, SP-101 Without a report a deal is judged on its merits
    When they offer a price of 108,000 USD
    Then the verdict is proceed
    And no rule fires

  Scenario: SP-092 A forged quote is confirmed
    When bad faith by them is confirmed
    Then the verdict is walk
    And the door is closed

  Scenario: SP-092 What is only reported decides nothing
    When bad faith by them is reported but not confirmed
    Then the verdict is proceed

  Scenario: SP-093 A false claim is repeated after it was corrected
    When dishonesty by them is confirmed
    Then the verdict is walk
    And the door is closed

  Scenario: SP-094 They come back much cheaper
    Given they offered a price of 120,000 USD
    And bad faith by them was confirmed
    And they offered a price of 104,000 USD
    When we offer a price of 100,000 USD
    Then the verdict is walk
    And the door is closed
    And rule "left" decides

  Scenario Outline: SP-094 A new deal with a party whose door is <status>
    Given the deal's counterparty is <status>
    When they offer a price of 100,000 USD
    Then the verdict is <verdict>
    And rule "closed-to-them" <answer>
    And rule "left" does not fire

    Examples:
      | status | verdict | answer        |
      | open   | proceed | does not fire |
      | closed | refuse  | decides       |

  Scenario: SP-094 A door closed in one deal is closed in their next
    Given the other side is "Harbour Mills"
    And bad faith by them was confirmed
    When this event comes:
      """
      {"id": "f1", "deal": "D-2", "at": "2026-01-06T09:00:00Z", "type": "open", "facts": {}, "party": "Harbour Mills"}
      """
    And this event comes:
      """
      {"id": "f2", "deal": "D-2", "at": "2026-01-07T09:00:00Z", "type": "offer", "by": "us", "actor": "ana", "terms": {"price": "100,000 USD"}}
      """
    Then the verdict is refuse
    And rule "left" decides

  Scenario: SP-095, SP-094 There is no counter-offer on the way out
    Given bad faith by them was confirmed
    When we offer a price of 110,000 USD
    Then rule "left" decides

  Scenario: SP-095, SP-094 Before we left, an offer is an offer
    When we offer a price of 110,000 USD
    Then rule "left" does not fire

  Scenario: SP-095 A short note is enough: the deal is closed without an offer
    Given bad faith by them was confirmed
    When the deal closes as walked
    Then rule "left" does not fire

  Scenario Outline: SP-096 The note of leaving names its reason: <named>
    Given the deal's exit reason named is <named>
    And bad faith by them was confirmed
    When the deal closes as walked
    Then rule "say-why-we-leave" <answer>

    Examples:
      | named | answer        |
      | yes   | does not fire |
      | no    | only advises  |

  Scenario: SP-096 A deal that is won needs no such reason
    Given we offered a price of 105,000 USD
    And they accepted our offer
    When the deal closes as won
    Then no rule fires

  Scenario: SP-097 A marked deck is found the day before signing
    Given they offered a price of 105,000 USD
    And we accepted their offer
    And they accepted our offer
    When bad faith by them is confirmed
    Then the verdict is walk
    And the door is closed

  Scenario: SP-098 Nobody lifts bad faith
    When the cfo "carla" lifts rule "bad-faith" for 1 day, because "a rare machine", up to price 100,000 USD
    Then it is a dead letter with WA612

  Scenario: SP-098 A soft rule is another matter
    Given the policy "rules/buying-principles/e-give-and-get.yaml"
    When the manager "mona" lifts rule "no-haste" for 1 day, because "they are waiting in the room", up to price 105,000 USD
    Then the verdict is proceed

  Scenario: SP-098 Nor does an approval of any terms
    Given the cfo "carla" approved a price of 120,000 USD
    And bad faith by them was confirmed
    When they offer a price of 100,000 USD
    Then the verdict is walk

  Scenario Outline: SP-099 <count> reports of abuse
    Given abuse by them was <first>
    When abuse by them is <second>
    Then the verdict is <verdict>
    And rule "abuse" <answer>

    Examples:
      | count | first                      | second    | verdict | answer        |
      | 1     | reported but not confirmed | confirmed | proceed | does not fire |
      | 2     | confirmed                  | confirmed | walk    | decides       |

  Scenario Outline: SP-100, SP-038 Insults in a deal worth <guide price> are answered alike
    Given the deal's guide price is <guide price>
    And abuse by them was confirmed
    And abuse by them was confirmed
    When they offer a price of <guide price>
    Then the verdict is walk
    And the door is open
    And rule "abuse" decides

    Examples:
      | guide price       |
      | 5,000 USD         |
      | 100,000 USD       |
      | 5,000,000 USD     |
      | 1,000,000,000 USD |

  Scenario: SP-101, SP-038 A great price and a red finding
    Given the deal's due diligence is red finding
    When they offer a price of 100,000 USD
    Then the verdict is walk
    And the door is open

  Scenario: SP-101, SP-092 A great price and bad faith
    Given bad faith by them was confirmed
    When they offer a price of 100,000 USD
    Then the verdict is walk
    And the door is closed

  Scenario Outline: SP-113, SP-094 The door is open by default, and only bad faith closes it
    Given <cause> by them was confirmed
    When <cause> by them is confirmed
    Then the verdict is walk
    And the door is <door>

    Examples:
      | cause      | door   |
      | abuse      | open   |
      | bad faith  | closed |
      | dishonesty | closed |
