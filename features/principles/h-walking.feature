Feature: H. Deal breakers, walking, and afterwards
  A walk is the last resort and is taken at once when due: civil, with reasons and without a number, the door open, and
  the alternative begun. Coming back takes a better offer of theirs.

  Background:
    Given the policy "rules/principles/h-walking.yaml"
    And a deal with:
      | walking               | yes |
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
    When they offer a price of 92,000 USD
    Then the verdict is proceed
    And no rule fires

  Scenario Outline: <no> <what>
    Given the deal's <fact> is <value>
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "<rule>" <answer>

    Examples:
      | no     | what                      | fact           | value | price      | verdict | rule                    | answer        |
      | SP-103 | Data residency is missing | must haves met | no    | 92,000 USD | walk    | must-haves              | decides       |
      | SP-104 | 81,000, called final      | final offer    | yes   | 81,000 USD | trade   | final-and-past-the-walk | does not fire |
      | SP-104 | 80,000, called final      | final offer    | yes   | 80,000 USD | trade   | final-and-past-the-walk | does not fire |
      | SP-104 | 74,000, called final      | final offer    | yes   | 74,000 USD | walk    | final-and-past-the-walk | decides       |
      | SP-104 | 74,000, not called final  | final offer    | no    | 74,000 USD | trade   | final-and-past-the-walk | does not fire |

  Scenario Outline: SP-105 Their fifth offer after four without movement is <price>
    Given they offered a price of 79,000 USD
    And they offered a price of 79,000 USD
    And they offered a price of 79,000 USD
    And they offered a price of 79,000 USD
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "no-room-left" <answer>

    Examples:
      | price      | verdict | answer        |
      | 79,000 USD | walk    | decides       |
      | 81,000 USD | trade   | does not fire |

  Scenario: SP-105 Two rounds without movement are not yet the end
    Given they offered a price of 79,000 USD
    And they offered a price of 79,000 USD
    When they offer a price of 79,000 USD
    Then rule "no-room-left" does not fire

  Scenario: SP-105 Where we have what we want nobody needs to move
    Given they offered a price of 88,000 USD
    And they offered a price of 88,000 USD
    And they offered a price of 88,000 USD
    And they offered a price of 88,000 USD
    When they offer a price of 88,000 USD
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
      | SP-110         | 5% off if they call today         | note has offer        | yes         | refuse  | just-walk                  | decides      |
      | SP-110         | a threat                          | note tone             | threatening | refuse  | just-walk                  | decides      |
      | SP-112         | blame                             | note tone             | blaming     | refuse  | civil                      | decides      |
      | SP-113         | no day to talk again              | follow up             | no          | proceed | leave-the-door-open        | only advises |
      | SP-114         | nothing that they met             | note met              | no          | proceed | name-what-they-met         | only advises |
      | SP-115         | no word on why it matters         | note unmet            | no          | proceed | explain-what-they-did-not  | only advises |
      | SP-116         | nothing for their interests       | note theirs           | no          | proceed | acknowledge-theirs         | only advises |
      | SP-117         | no reasons                        | note reasons          | no          | hold    | reasons-without-the-number | decides      |
      | SP-117, SP-032 | a reason states the floor         | note tells            | walk value  | hold    | reasons-without-the-number | decides      |
      | SP-118         | nothing was started               | alternative started   | no          | hold    | start-the-alternative      | decides      |

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

  Scenario Outline: SP-108 A walk is due: <due>, for <time>
    Given a deal with walk due <due> and due for <time>
    When 1 minute passes
    Then the verdict is <verdict>
    And rule "walk-fast" <answer>

    Examples:
      | due | time           | verdict  | answer        |
      | no  | 10 days        | proceed  | does not fire |
      | yes | 1 day          | proceed  | does not fire |
      | yes | 86,401 seconds | escalate | decides       |
      | yes | 10 days        | escalate | decides       |

  Scenario Outline: SP-108, SP-107 The last alternative has a clock of its own: <time>
    Given the deal's walk due is <due>
    And we offered price 95,000 USD and term 24 months
    When <time> pass
    Then the verdict is <verdict>
    And rule "last-alternative-lapses" <answer>
    And rule "walk-fast" does not fire

    Examples:
      | due | time            | verdict  | answer        |
      | yes | 2 days          | proceed  | does not fire |
      | yes | 172,801 seconds | escalate | decides       |
      | no  | 3 days          | proceed  | does not fire |

  Scenario: SP-106, SP-036 A hard limit breached by the only open proposal leaves no package
    Given a deal with packages left 0 and final offer yes
    And they offered a price of 74,000 USD
    When the deal closes as walked
    Then the verdict is proceed

  Scenario: SP-109 A walk was due and the deal is about to be signed at 74,000
    Given the deal's signed after walk is yes
    When the deal closes as won
    Then the verdict is escalate
    And rule "a-due-walk-is-taken" decides

  Scenario Outline: SP-111 We said final: <final>; they moved since: <moved>
    Given a deal with we said final <final> and moved since final <moved>
    When we offer a price of <price>
    Then the verdict is <verdict>
    And rule "no-retreat-from-final" <answer>

    Examples:
      | final | moved | price       | verdict | answer        |
      | no    | no    | 98,000 USD  | proceed | does not fire |
      | yes   | yes   | 98,000 USD  | proceed | does not fire |
      | yes   | no    | 100,000 USD | proceed | does not fire |
      | yes   | no    | 98,000 USD  | refuse  | decides       |

  Scenario Outline: SP-119 Talks reopen, and we begin at <price> after 84,000
    Given a deal with reopened <reopened> and our last price 84,000 USD
    When we offer a price of <price>
    Then the verdict is <verdict>
    And rule "walking-resets" <answer>

    Examples:
      | reopened | price         | verdict | answer        |
      | yes      | 95,000 USD    | proceed | does not fire |
      | yes      | 84,000.01 USD | proceed | does not fire |
      | yes      | 84,000 USD    | refuse  | decides       |
      | no       | 84,000 USD    | proceed | does not fire |

  Scenario Outline: SP-120 They return at <price> after 74,000
    Given a deal with reopened <reopened> and their last price 74,000 USD
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "reopen-for-more" <answer>

    Examples:
      | reopened | price         | verdict | answer        |
      | yes      | 86,000 USD    | trade   | does not fire |
      | yes      | 74,000.01 USD | trade   | does not fire |
      | yes      | 74,000 USD    | hold    | decides       |
      | no       | 74,000 USD    | trade   | does not fire |

  Scenario Outline: SP-122 The forecast says won: <booked>; signed: <signed>
    Given a deal with booked <booked> and signed <signed>
    And they offered a price of 92,000 USD
    When we accept their offer
    Then the verdict is <verdict>
    And rule "not-booked-before-signature" <answer>

    Examples:
      | booked | signed | verdict | answer        |
      | no     | no     | proceed | does not fire |
      | yes    | yes    | proceed | does not fire |
      | yes    | no     | refuse  | decides       |
