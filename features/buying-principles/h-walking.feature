Feature: H. Deal breakers, walking, and afterwards
  A walk is the last resort and is taken at once when due: civil, with reasons and without a number, the door open, and
  the alternative begun. Coming back takes a better offer of theirs.

  Background:
    Given the policy "rules/buying-principles/h-walking.yaml"
    And a deal with:
      | note reasons          | yes |
      | note met              | yes |
      | note unmet            | yes |
      | note theirs           | yes |
      | follow up             | yes |
      | alternative started   | yes |
      | last alternative sent | yes |

  Scenario: SP-102 A listed deal breaker is demanded
    When deal breaker by them is confirmed
    Then the verdict is walk
    And the door is open

  Scenario: SP-102, SP-103 Without one an offer is judged on its merits
    When they offer a price of 108,000 USD
    Then the verdict is proceed
    And no rule fires

  Scenario Outline: <no> <what>
    Given the deal's <fact> is <value>
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "<rule>" <answer>

    Examples:
      | no     | what                      | fact           | value | price          | verdict | rule                    | answer        |
      | SP-103 | Data residency is missing | must haves met | no    | 108,000 USD    | walk    | must-haves              | decides       |
      | SP-104 | 119,000, called final     | final offer    | yes   | 119,000 USD    | trade   | final-and-past-the-walk | does not fire |
      | SP-104 | 120,000, called final     | final offer    | yes   | 120,000 USD    | trade   | final-and-past-the-walk | does not fire |
      | SP-104 | a cent more, called final | final offer    | yes   | 120,000.01 USD | walk    | final-and-past-the-walk | decides       |
      | SP-104 | 126,000, called final     | final offer    | yes   | 126,000 USD    | walk    | final-and-past-the-walk | decides       |
      | SP-104 | 126,000, not called final | final offer    | no    | 126,000 USD    | trade   | final-and-past-the-walk | does not fire |

  Scenario: SP-036 While we bargain, an offer is judged on its merits
    Given they offered a price of 121,000 USD
    When we offer a price of 105,000 USD
    Then the verdict is proceed
    And rule "left" does not fire

  Scenario: SP-036 Their last word is past the walk value
    Given the deal's final offer is yes
    When they offer a price of 121,000 USD
    Then the verdict is walk
    And the door is open
    And rule "final-and-past-the-walk" decides

  Scenario: SP-036 Their last word at the walk value is not
    Given the deal's final offer is yes
    When they offer a price of 120,000 USD
    Then the verdict is trade

  Scenario: SP-036 Once the walk is due, 2% less is refused
    Given the deal's final offer is yes
    And they offered a price of 121,000 USD
    When we offer a price of 102,000 USD
    Then the verdict is refuse
    And rule "left" decides

  Scenario Outline: SP-105 Their fifth offer after four without movement is <price>
    Given they offered a price of 121,000 USD
    And they offered a price of 121,000 USD
    And they offered a price of 121,000 USD
    And they offered a price of 121,000 USD
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "no-room-left" <answer>

    Examples:
      | price          | verdict | answer        |
      | 121,000 USD    | walk    | decides       |
      | 120,999.99 USD | trade   | does not fire |
      | 119,000 USD    | trade   | does not fire |

  Scenario: SP-105 Three rounds without movement are not yet four
    Given they offered a price of 121,000 USD
    And they offered a price of 121,000 USD
    And they offered a price of 121,000 USD
    When they offer a price of 121,000 USD
    Then rule "no-room-left" does not fire

  Scenario: SP-105 A cent short of what we want
    Given they offered a price of 112,000.01 USD
    And they offered a price of 112,000.01 USD
    And they offered a price of 112,000.01 USD
    And they offered a price of 112,000.01 USD
    When they offer a price of 112,000.01 USD
    Then rule "no-room-left" decides

  Scenario: SP-105 Two rounds without movement are not yet the end
    Given they offered a price of 121,000 USD
    And they offered a price of 121,000 USD
    When they offer a price of 121,000 USD
    Then rule "no-room-left" does not fire

  Scenario: SP-105 Where we have what we want nobody needs to move
    Given they offered a price of 112,000 USD
    And they offered a price of 112,000 USD
    And they offered a price of 112,000 USD
    And they offered a price of 112,000 USD
    When they offer a price of 112,000 USD
    Then the verdict is proceed

  Scenario: SP-106, SP-107, SP-109, SP-110, SP-112, SP-113, SP-114, SP-115, SP-116, SP-117, SP-118 A plain walk
    When the deal closes as walked
    Then the verdict is proceed
    And no rule fires

  Scenario Outline: <no> We leave: <what>
    Given the deal's <fact> is <value>
    When the deal closes as walked
    Then the verdict is <verdict>
    And rule "<rule>" <answer>

    Examples:
      | no             | what                              | fact                  | value       | verdict | rule                       | answer       |
      | SP-106         | a package of two years still fits | packages left         | 1           | trade   | a-package-still-fits       | decides      |
      | SP-107         | the last alternative was not sent | last alternative sent | no          | hold    | last-alternative-first     | decides      |
      | SP-110         | 5% more if they call today        | note has offer        | yes         | refuse  | just-walk                  | decides      |
      | SP-110         | a threat                          | note tone             | threatening | refuse  | just-walk                  | decides      |
      | SP-112         | blame                             | note tone             | blaming     | refuse  | civil                      | decides      |
      | SP-113         | no day to talk again              | follow up             | no          | proceed | leave-the-door-open        | only advises |
      | SP-114         | nothing that they met             | note met              | no          | proceed | name-what-they-met         | only advises |
      | SP-115         | no word on why it matters         | note unmet            | no          | proceed | explain-what-they-did-not  | only advises |
      | SP-116         | nothing for their interests       | note theirs           | no          | proceed | acknowledge-theirs         | only advises |
      | SP-117         | no reasons                        | note reasons          | no          | hold    | reasons-without-the-number | decides      |
      | SP-117, SP-032 | a reason states the ceiling       | note tells            | walk value  | hold    | reasons-without-the-number | decides      |
      | SP-118         | nothing was started               | alternative started   | no          | hold    | start-the-alternative      | decides      |

  Scenario Outline: <no> A deal that is lost needs no such note: <what>
    Given the deal's <fact> is <value>
    When the deal closes as lost
    Then rule "<rule>" does not fire

    Examples:
      | no     | what                              | fact                  | value       | rule                       |
      | SP-106 | a package of two years still fits | packages left         | 1           | a-package-still-fits       |
      | SP-107 | the last alternative was not sent | last alternative sent | no          | last-alternative-first     |
      | SP-110 | a threat                          | note tone             | threatening | just-walk                  |
      | SP-112 | blame                             | note tone             | blaming     | civil                      |
      | SP-113 | no day to talk again              | follow up             | no          | leave-the-door-open        |
      | SP-114 | nothing that they met             | note met              | no          | name-what-they-met         |
      | SP-115 | no word on why it matters         | note unmet            | no          | explain-what-they-did-not  |
      | SP-116 | nothing for their interests       | note theirs           | no          | acknowledge-theirs         |
      | SP-117 | no reasons                        | note reasons          | no          | reasons-without-the-number |
      | SP-118 | nothing was started               | alternative started   | no          | start-the-alternative      |

  Scenario Outline: SP-106, SP-107 After <cause> nothing more is offered first
    Given a deal with packages left 1 and last alternative sent no
    And <cause> by them was confirmed
    When the deal closes as walked
    Then the verdict is proceed

    Examples:
      | cause     |
      | bad faith |
      | abuse     |

  Scenario: SP-113, SP-094 After bad faith the door need not be left open
    Given the deal's follow up is no
    And bad faith by them was confirmed
    When the deal closes as walked
    Then rule "leave-the-door-open" does not fire

  Scenario: SP-108 Where nobody is to leave, time alone changes nothing
    Given they offered a price of 108,000 USD
    When 10 days pass
    Then the verdict is proceed
    And since.left is unknown

  Scenario Outline: SP-108 A walk has been due for <time>
    Given the deal's final offer is yes
    And they offered a price of 126,000 USD
    When <time> pass
    Then the verdict is <verdict>
    And since.left is <time>
    And rule "walk-fast" <answer>

    Examples:
      | time           | verdict  | answer        |
      | 1 day          | proceed  | does not fire |
      | 86,401 seconds | escalate | decides       |
      | 10 days        | escalate | decides       |

  Scenario: SP-108 It is for the director
    Given the deal's final offer is yes
    And they offered a price of 126,000 USD
    When 10 days pass
    Then we must first get an approval: director

  Scenario: SP-108 Still in talks ten days later
    Given the deal's final offer is yes
    And they offered a price of 126,000 USD
    And 10 days later
    When they offer a price of 126,000 USD
    Then rule "walk-fast" decides

  Scenario: SP-108 A move of theirs ends it
    Given the deal's final offer is yes
    And they offered a price of 126,000 USD
    And the deal's final offer is no
    And they offered a price of 108,000 USD
    When 10 days pass
    Then the verdict is proceed
    And since.left is unknown

  Scenario Outline: SP-108, SP-107 The last alternative has a clock of its own: <time> after it, sent: <sent>
    Given the deal's last alternative sent is <sent>
    And we offered price 105,000 USD and warranty 24 months
    When <time> pass
    Then the verdict is <verdict>
    And rule "last-alternative-lapses" <answer>
    And rule "walk-fast" does not fire

    Examples:
      | sent | time            | verdict | answer        |
      | yes  | 2 days          | proceed | does not fire |
      | yes  | 172,801 seconds | walk    | decides       |
      | no   | 3 days          | proceed | does not fire |

  Scenario: SP-108, SP-107 An answer stops that clock
    Given we offered price 105,000 USD and warranty 24 months
    And they rejected our offer
    When 3 days pass
    Then rule "last-alternative-lapses" does not fire

  Scenario: SP-108, SP-107 After it the walk is due, and stays due
    Given we offered price 105,000 USD and warranty 24 months
    And 3 days passed
    When 2 days pass
    Then the verdict is walk
    And rule "last-alternative-lapses" decides

  Scenario: SP-106, SP-036 A hard limit breached by the only open proposal leaves no package
    Given a deal with packages left 0 and final offer yes
    And they offered a price of 126,000 USD
    When the deal closes as walked
    Then the verdict is proceed

  Scenario Outline: SP-109 A walk was due, and the deal is closed as <outcome>
    Given a deal with final offer yes and signed yes
    And they offered a price of 126,000 USD
    When the deal closes as <outcome>
    Then the verdict is <verdict>
    And rule "a-due-walk-is-taken" <answer>

    Examples:
      | outcome | verdict  | answer        |
      | lost    | proceed  | does not fire |
      | walked  | proceed  | does not fire |
      | won     | escalate | decides       |

  Scenario: SP-109 It is for the director
    Given a deal with final offer yes and signed yes
    And they offered a price of 126,000 USD
    When the deal closes as won
    Then we must first get an approval: director

  Scenario: SP-109 Where no walk was due a deal may be won
    Given the deal's signed is yes
    And they offered a price of 108,000 USD
    And we accepted their offer
    When the deal closes as won
    Then the verdict is proceed

  Scenario Outline: SP-111 We said final: <final>; they moved since: <moved>
    Given a deal with we said final <final> and moved since final <moved>
    When we offer a price of <price>
    Then the verdict is <verdict>
    And rule "no-retreat-from-final" <answer>

    Examples:
      | final | moved | price          | verdict | answer        |
      | no    | no    | 102,000 USD    | proceed | does not fire |
      | yes   | yes   | 102,000 USD    | proceed | does not fire |
      | yes   | no    | 100,000 USD    | proceed | does not fire |
      | yes   | no    | 102,000 USD    | refuse  | decides       |
      | yes   | no    | 100,000.01 USD | refuse  | decides       |

  Scenario Outline: SP-119 Talks reopen, and we begin at <price> after 84,000
    Given a deal with reopened <reopened> and our last price 116,000 USD
    When we offer a price of <price>
    Then the verdict is <verdict>
    And rule "walking-resets" <answer>

    Examples:
      | reopened | price          | verdict | answer        |
      | yes      | 105,000 USD    | proceed | does not fire |
      | yes      | 115,999.99 USD | proceed | does not fire |
      | yes      | 116,000 USD    | refuse  | decides       |
      | no       | 116,000 USD    | proceed | does not fire |

  Scenario: SP-119, SP-120 Later offers of these talks are judged on their merits
    Given a deal with reopened yes, our last price 116,000 USD and their last price 126,000 USD
    And we offered a price of 105,000 USD
    And they offered a price of 114,000 USD
    And we offered a price of 116,000 USD
    Then rule "walking-resets" does not fire
    When they offer a price of 126,000 USD
    Then rule "reopen-for-more" does not fire

  Scenario Outline: SP-120 They return at <price> after 74,000
    Given a deal with reopened <reopened> and their last price 126,000 USD
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "reopen-for-more" <answer>

    Examples:
      | reopened | price          | verdict | answer        |
      | yes      | 114,000 USD    | trade   | does not fire |
      | yes      | 125,999.99 USD | trade   | does not fire |
      | yes      | 126,000 USD    | hold    | decides       |
      | no       | 126,000 USD    | trade   | does not fire |

  Scenario Outline: SP-122 The forecast says won: <booked>; signed: <signed>
    Given a deal with booked <booked> and signed <signed>
    And they offered a price of 108,000 USD
    When we accept their offer
    Then the verdict is <verdict>
    And rule "not-booked-before-signature" <answer>

    Examples:
      | booked | signed | verdict | answer        |
      | no     | no     | proceed | does not fire |
      | yes    | yes    | proceed | does not fire |
      | yes    | no     | refuse  | decides       |

  Scenario Outline: SP-122 The deal closes as <outcome>; signed: <signed>
    Given the deal's signed is <signed>
    And we offered a price of 105,000 USD
    And they accepted our offer
    When the deal closes as <outcome>
    Then the verdict is <verdict>
    And rule "not-booked-before-signature" <answer>

    Examples:
      | outcome | signed | verdict | answer        |
      | won     | yes    | proceed | does not fire |
      | lost    | no     | proceed | does not fire |
      | won     | no     | refuse  | decides       |
