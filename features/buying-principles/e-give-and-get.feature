Feature: E. Give and get
  Nothing is conceded for nothing: what comes back is worth as much, now and over the whole deal.

  Background:
    Given the policy "rules/buying-principles/e-give-and-get.yaml"

  Scenario Outline: <no> <what>
    When we offer <terms>
    Then the verdict is <verdict>
    And rule "nothing-for-nothing" <answer>

    Examples:
      | no             | what                                            | terms                                       | verdict | answer        |
      | SP-074         | 3% for payment after 90 days                    | price 103,000 USD and pay_later yes         | proceed | does not fire |
      | SP-074         | 3% for nothing                                  | price 103,000 USD                           | trade   | decides       |
      | SP-075         | Give 3,000 and get 3,000                        | price 103,000 USD and warranty 24 months    | proceed | does not fire |
      | SP-075         | A cent less comes back                          | price 103,000.01 USD and warranty 24 months | trade   | decides       |
      | SP-075, SP-076 | Give 3,000, and training worth 2,500 comes back | price 103,000 USD and training yes          | trade   | decides       |
      | SP-076         | Give 2,500 for training worth 2,500             | price 102,500 USD and training yes          | proceed | does not fire |

  Scenario: SP-074, SP-075 For nothing it is a trade
    When we offer a price of 103,000 USD
    Then rule "nothing-for-nothing" answers trade

  Scenario: SP-076 What has no value cannot be given
    Given the deal opened
    When this event comes:
      """
      {"id": "e9", "deal": "D-1", "at": "2026-01-06T09:00:00Z", "type": "offer", "by": "us", "terms": {"support": "better"}}
      """
    Then the verdict is hold
    And rule "unvalued" decides

  Scenario: SP-075 What they have given before pays too
    Given they offered a price of 120,000 USD
    And they offered a price of 117,000 USD
    And 1 day later
    When we offer a price of 103,000 USD
    Then the verdict is proceed

  Scenario Outline: SP-077 The balance of the whole deal is kept
    Given they offered a price of 120,000 USD
    And they offered a price of 117,000 USD
    And 1 day later
    And we offered a price of 103,000 USD
    And they offered a price of 120,000 USD
    And 1 day later
    When we offer <terms>
    Then rule "balance-over-the-deal" <answer>
    And rule "nothing-for-nothing" does not fire

    Examples: they paid for 3,000 and took it back
      | terms                                                | answer        |
      | price 103,000 USD and pay_later yes                  | does not fire |
      | price 103,000.01 USD and pay_later yes               | decides       |
      | price 105,500 USD, pay_later yes and training yes    | does not fire |
      | price 105,500.01 USD, pay_later yes and training yes | decides       |

  Scenario Outline: SP-077 Behind in the balance, and then <price>
    Given they offered a price of 120,000 USD
    And they offered a price of 117,000 USD
    And 1 day later
    And we offered a price of 103,000 USD
    And they offered a price of 120,000 USD
    And 1 day later
    When we offer a price of <price>
    Then rule "balance-over-the-deal" <answer>

    Examples: our word again, and a cent more
      | price          | answer        |
      | 103,000 USD    | does not fire |
      | 103,000.01 USD | decides       |

  Scenario: SP-077 Out of balance it is a trade
    Given we offered a price of 105,000 USD
    When we offer price 107,000 USD and pay_later yes
    Then rule "balance-over-the-deal" answers trade

  Scenario Outline: SP-078 A minute after their demand: <price>
    Given they offered a price of 120,000 USD
    And they offered a price of 117,000 USD
    And 1 minute later
    When we offer a price of <price>
    Then rule "no-haste" <answer>

    Examples:
      | price          | answer        |
      | 100,000 USD    | does not fire |
      | 100,000.01 USD | decides       |

  Scenario Outline: SP-078 We answer their demand after <time>
    Given they offered a price of 120,000 USD
    And they offered a price of 117,000 USD
    And <time> later
    When we offer a price of 103,000 USD
    Then the verdict is <verdict>
    And rule "no-haste" <answer>

    Examples:
      | time          | verdict | answer        |
      | 1 minute      | hold    | decides       |
      | 3,599 seconds | hold    | decides       |
      | 1 hour        | proceed | does not fire |
      | 1 day         | proceed | does not fire |

  Scenario Outline: SP-079, SP-074, SP-077 A small give on what is no walk-away issue: <terms>, <free> may be free
    Given the deal's free gives is <free>
    When we offer <terms>
    Then the verdict is <verdict>
    And rule "goodwill" <goodwill>
    And rule "nothing-for-nothing" <answer>
    And rule "balance-over-the-deal" <answer>

    Examples: the house gives nothing for free unless it says so
      | free | terms                                  | verdict | goodwill      | answer        |
      | 0    | price 100,000 USD and discretion no    | trade   | does not fire | decides       |
      | 1    | price 100,000 USD and discretion no    | proceed | only advises  | does not fire |
      | 1    | price 100,001 USD and discretion no    | trade   | does not fire | decides       |
      | 1    | price 100,000.01 USD and discretion no | trade   | does not fire | decides       |
      | 1    | price 100,200 USD                      | trade   | does not fire | decides       |

  Scenario Outline: SP-079, SP-074, SP-077 What is small: discretion on a deal of <guide price>
    Given a deal with guide price <guide price> and free gives 1
    When we offer discretion no
    Then rule "goodwill" <goodwill>
    And rule "nothing-for-nothing" <answer>
    And rule "balance-over-the-deal" <answer>

    Examples: it is worth 0.2%, and up to 250 is small
      | guide price | goodwill      | answer        |
      | 125,000 USD | only advises  | does not fire |
      | 125,005 USD | does not fire | decides       |

  Scenario: SP-079, SP-074, SP-077 The discretion that was given does not make the next give a small one
    Given the deal's free gives is 2
    And we offered price 100,000 USD and discretion no
    When we offer a price of 100,200 USD
    Then rule "goodwill" does not fire
    And rule "nothing-for-nothing" decides
    And rule "balance-over-the-deal" decides

  Scenario: SP-079, SP-074, SP-077 Nor does an offer before it
    Given the deal's free gives is 1
    And we offered a price of 100,000 USD
    When we offer discretion no
    Then rule "goodwill" only advises
    And rule "nothing-for-nothing" does not fire
    And rule "balance-over-the-deal" does not fire

  Scenario Outline: SP-079 What they have moved by pays for the discretion, and then it is no goodwill: <their next>
    Given a deal with guide price 100,005 USD and free gives 1
    And they offered a price of 120,010 USD
    And they offered a price of <their next>
    And 1 day later
    When we offer discretion no
    Then rule "goodwill" <goodwill>

    Examples: the discretion is worth 200.01
      | their next     | goodwill      |
      | 119,810 USD    | only advises  |
      | 119,809.99 USD | does not fire |

  Scenario: SP-079, SP-074, SP-077 None is left
    Given a deal with free gives 1 and goodwill given 1
    When we offer price 100,000 USD and discretion no
    Then rule "goodwill" does not fire
    And rule "nothing-for-nothing" decides
    And rule "balance-over-the-deal" decides

  Scenario: SP-079, SP-074 The one free give has been given
    Given a deal with free gives 1 and goodwill given 1
    When we offer price 100,000 USD and discretion no
    Then the verdict is trade

  Scenario: SP-079, SP-024 An issue without a limit is no goodwill, however small the give
    Given the deal's free gives is 1
    When we offer price 100,000 USD and warranty 11 months
    Then give.value is 250 USD
    And the verdict is trade
    And rule "goodwill" does not fire

  Scenario: SP-078, SP-108 To leave needs no pause
    Given they offered a price of 120,000 USD
    And they offered a price of 117,000 USD
    And 1 minute later
    When the deal closes as walked
    Then the verdict is proceed

  Scenario: SP-079 A liability cap is never small: it has a limit
    Given the deal's free gives is 1
    When we offer price 100,000 USD and liability capped
    Then the verdict is trade
    And rule "goodwill" does not fire

  Scenario Outline: SP-080 Past its limit a walk-away issue is no trade: <liability>
    When we offer price 100,000 USD, liability <liability>, warranty 48 months, pay_later yes and training yes
    Then the verdict is <verdict>
    And rule "beyond-walk" <answer>
    And rule "nothing-for-nothing" <trade>

    Examples:
      | liability | verdict | answer        | trade         |
      | capped    | proceed | does not fire | does not fire |
      | none      | refuse  | decides       | decides       |

  Scenario Outline: SP-081 They offer <price>, and <count> open proposals fit
    Given the deal's proposals that fit is <count>
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "none-fits" <answer>

    Examples:
      | price       | count | verdict | answer        |
      | 121,000 USD | 1     | trade   | does not fire |
      | 121,000 USD | 0     | walk    | decides       |
      | 120,000 USD | 0     | trade   | does not fire |

  Scenario Outline: SP-082 An agreement that meets <count> of their interests
    Given the deal's interests met is <count>
    And they offered a price of 108,000 USD
    When we accept their offer
    Then rule "something-for-them" <answer>

    Examples:
      | count | answer        |
      | 1     | does not fire |
      | 0     | only advises  |

  Scenario: SP-083 Three of our moves and none of theirs
    Given we offered price 101,000 USD and training yes
    And they rejected our offer
    And we offered a price of 101,100 USD
    And they rejected our offer
    And we offered a price of 101,200 USD
    And they rejected our offer
    And we offered a price of 101,300 USD
    And they rejected our offer
    When we offer a price of 101,400 USD
    Then the verdict is walk
    And rule "they-never-give" decides

  Scenario: SP-083 Two are not yet too many
    Given we offered price 101,000 USD and training yes
    And they rejected our offer
    And we offered a price of 101,100 USD
    And they rejected our offer
    And we offered a price of 101,200 USD
    And they rejected our offer
    When we offer a price of 101,300 USD
    Then the verdict is proceed
    And rule "they-never-give" does not fire

  Scenario: SP-083 What was paid for is no move of ours
    Given we offered price 102,500 USD and training yes
    And they rejected our offer
    And we offered price 105,500 USD and pay_later yes
    And they rejected our offer
    And we offered price 108,500 USD and warranty 24 months
    And they rejected our offer
    When we offer price 111,500 USD and warranty 36 months
    Then rule "they-never-give" does not fire

  Scenario: SP-083, SP-084 Silence alone is no answer, and ends nothing
    Given we offered price 101,000 USD and training yes
    And we offered a price of 101,100 USD
    And we offered a price of 101,200 USD
    And we offered a price of 101,300 USD
    When we offer a price of 101,400 USD
    Then rule "they-never-give" does not fire

  Scenario Outline: SP-083 After three moves and none of theirs: <price>
    Given we offered price 101,000 USD and training yes
    And they rejected our offer
    And we offered a price of 101,100 USD
    And they rejected our offer
    And we offered a price of 101,200 USD
    And they rejected our offer
    And we offered a price of 101,300 USD
    And they rejected our offer
    When we offer a price of <price>
    Then rule "they-never-give" <answer>

    Examples: the same again, and a cent more
      | price          | answer        |
      | 101,300 USD    | does not fire |
      | 101,300.01 USD | decides       |
