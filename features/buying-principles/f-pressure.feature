Feature: F. Silence, pressure and surprise
  We wait without bidding against ourselves, take our time after a surprise, and restate instead of reacting.

  Background:
    Given the policy "rules/buying-principles/f-pressure.yaml"

  Scenario: SP-084 They answered, then we move
    Given we offered a price of 110,000 USD
    And they rejected our offer
    When we offer a price of 112,000 USD
    Then the verdict is proceed

  Scenario: SP-084 No answer, and we would move again
    Given we offered a price of 110,000 USD
    When we offer a price of 111,000 USD
    Then the verdict is hold
    And rule "wait-for-their-move" decides

  Scenario: SP-084 Not a cent into the silence
    Given we offered a price of 110,000 USD
    When we offer a price of 110,000.01 USD
    Then rule "wait-for-their-move" decides

  Scenario: SP-084 The same offer may be repeated
    Given we offered a price of 110,000 USD
    When we offer a price of 110,000 USD
    Then the verdict is proceed

  Scenario Outline: SP-085 A message after seven days of silence
    Given we offered a price of 110,000 USD
    And 7 days later
    And the deal's draft concedes is <concedes>
    When we offer a price of 110,000 USD
    Then the verdict is <verdict>
    And rule "no-hints-into-silence" <answer>

    Examples: "Any questions?", "We could pay 5% more?"
      | concedes | verdict | answer        |
      | no       | proceed | does not fire |
      | yes      | refuse  | decides       |

  Scenario: SP-085 Once they answered there is no silence to break
    Given we offered a price of 110,000 USD
    And the deal's draft concedes is yes
    And they rejected our offer
    When we offer a price of 110,000 USD
    Then the verdict is proceed

  Scenario Outline: SP-086 We wait: <mood>, <nudges> nudges
    Given a deal with draft mood <mood> and nudges <nudges>
    When we offer a price of 110,000 USD
    Then the verdict is proceed
    And rule "steady-while-waiting" <answer>

    Examples:
      | mood     | nudges | answer        |
      | steady   | 1      | does not fire |
      | steady   | 2      | does not fire |
      | steady   | 3      | only advises  |
      | steady   | 5      | only advises  |
      | sulking  | 0      | only advises  |
      | pressing | 0      | only advises  |

  Scenario Outline: SP-087, SP-088 They go up by 30%, and we answer <ours> after <time>
    Given we offered a price of 110,000 USD
    And they offered a price of 115,000 USD
    And they offered a price of <theirs>
    And <time> later
    And the deal's reassessed is <reassessed>
    When we offer a price of <ours>
    Then the verdict is <verdict>
    And rule "no-reaction-in-the-same-turn" <answer>
    And rule "back-to-our-position" <back>

    Examples:
      | theirs         | time           | reassessed | ours           | verdict | answer        | back          |
      | 149,500 USD    | 1 minute       | no         | 110,000 USD    | proceed | does not fire | does not fire |
      | 149,500 USD    | 1 day          | yes        | 110,000 USD    | proceed | does not fire | does not fire |
      | 149,500 USD    | 1 day          | yes        | 111,500 USD    | trade   | does not fire | decides       |
      | 149,500 USD    | 1 minute       | no         | 111,500 USD    | hold    | decides       | decides       |
      | 149,500 USD    | 1 minute       | no         | 110,000.01 USD | hold    | decides       | decides       |
      | 130,000.01 USD | 1 day          | yes        | 111,500 USD    | trade   | does not fire | decides       |
      | 149,500 USD    | 86,399 seconds | yes        | 111,500 USD    | hold    | decides       | decides       |
      | 138,000 USD    | 1 day          | no         | 111,500 USD    | hold    | decides       | decides       |
      | 137,999 USD    | 1 minute       | no         | 111,500 USD    | trade   | does not fire | decides       |
      | 130,000 USD    | 1 minute       | no         | 111,500 USD    | proceed | does not fire | does not fire |

  Scenario Outline: SP-087 A fifth more than an offer before is a surprise, and a cent less than that is none
    Given they offered a price of 110,000 USD
    And they offered a price of <theirs>
    And 1 minute later
    When we offer a price of 106,000 USD
    Then rule "no-reaction-in-the-same-turn" <answer>

    Examples:
      | theirs         | answer        |
      | 132,000 USD    | fires         |
      | 131,999.99 USD | does not fire |

  Scenario Outline: <no> <what>
    Given the deal's <fact> is <value>
    When we offer a price of 105,000 USD
    Then the verdict is <verdict>
    And rule "<rule>" <answer>

    Examples:
      | no     | what                                       | fact          | value      | verdict | rule                 | answer        |
      | SP-089 | A private note to the rep                  | flag audience | team       | proceed | trouble-stays-inside | does not fire |
      | SP-089 | A note in the shared thread                | flag audience | both sides | proceed | trouble-stays-inside | only advises  |
      | SP-090 | Who may speak of everything offers a price | speaker may   | everything | proceed | within-the-mandate   | does not fire |
      | SP-090 | Who may speak of scope only offers a price | speaker may   | scope only | hold    | within-the-mandate   | decides       |

  Scenario: SP-090 Not a cent
    Given the deal's speaker may is scope only
    When we offer a price of 100,000.01 USD
    Then rule "within-the-mandate" decides

  Scenario: SP-090 Who may speak of scope only speaks of scope
    Given the deal's speaker may is scope only
    When we offer price 100,000 USD and warranty 24 months
    Then the verdict is proceed

  Scenario Outline: SP-091 We accept <price> at the end of the quarter, alone
    Given they offered a price of <price>
    When we accept their offer
    Then the verdict is <verdict>
    And rule "past-want-needs-two" <answer>

    Examples:
      | price          | verdict  | answer        |
      | 112,000 USD    | proceed  | does not fire |
      | 112,000.01 USD | escalate | decides       |
      | 116,000 USD    | escalate | decides       |

  Scenario: SP-091 A manager agrees
    Given they offered a price of 116,000 USD
    And the manager "mona" approved a price of 116,000 USD
    When we accept their offer
    Then the verdict is proceed

  Scenario Outline: SP-091 Nor is offering it the way around: <price>
    Given they offered a price of 116,000 USD
    When we offer a price of <price>
    Then rule "past-want-needs-two" <answer>

    Examples:
      | price          | answer        |
      | 112,000 USD    | does not fire |
      | 112,000.01 USD | decides       |
      | 115,999.99 USD | decides       |

  Scenario: SP-091 What two have agreed to may be said again by one
    Given the manager "mona" approved for 1 day a price of 114,000 USD
    And we offered a price of 114,000 USD
    And 2 days later
    When we offer a price of 114,000 USD
    Then the verdict is proceed

  Scenario: SP-091 A cent past what one alone may give wants two
    Given we offered a price of 112,000 USD
    When we offer a price of 112,000.01 USD
    Then the verdict is escalate
    And rule "past-want-needs-two" decides

  Scenario: SP-091 Nobody agrees to their own
    Given "ana" acts for us
    And they offered a price of 116,000 USD
    And the manager "ana" approved a price of 116,000 USD
    When we accept their offer
    Then the verdict is escalate
