Feature: C. Alternatives and leverage
  Whoever can better afford to walk has the power. No deal is worth less than the best alternative, and the more options
  there are, the less is conceded.

  Background:
    Given the policy "rules/buying-principles/c-alternatives.yaml"

  Scenario Outline: SP-039, SP-040 <ours> against <theirs> readiness to walk
    Given a deal with our readiness <ours> and their readiness <theirs>
    When they offer a price of 108,000 USD
    Then the verdict is proceed
    And rule "leverage-is-ours" <us>
    And rule "leverage-is-theirs" <them>
    And rule "readiness-unknown" does not fire

    Examples:
      | ours     | theirs   | us            | them          |
      | 70%      | 50%      | only advises  | does not fire |
      | 55%      | 50%      | only advises  | does not fire |
      | 54.9999% | 50%      | does not fire | does not fire |
      | 52%      | 50%      | does not fire | does not fire |
      | 50%      | 55%      | does not fire | only advises  |
      | 50%      | 54.9999% | does not fire | does not fire |

  Scenario: SP-039 There is no estimate for either side
    When they offer a price of 108,000 USD
    Then the verdict is proceed
    And rule "readiness-unknown" only advises

  Scenario: SP-041 Need and alternatives are assessed on both sides
    Given a deal with our need 3, their need 7 and their batna 90,000 USD
    And our BATNA is worth -122,000 USD
    When they offer a price of 108,000 USD
    Then rule "need-and-alternatives" does not fire

  Scenario: SP-041 Their alternative is unknown
    Given a deal with our need 3 and their need 7
    And our BATNA is worth -122,000 USD
    When they offer a price of 108,000 USD
    Then rule "need-and-alternatives" only advises

  Scenario Outline: SP-042 An assessment goes stale
    Given the deal's leverage assessed is <assessed>
    And the deal opened
    And <time> later
    When we offer a price of 105,000 USD
    Then the verdict is <verdict>
    And rule "leverage-is-stale" <answer>

    Examples:
      | assessed | time              | verdict | answer        |
      | yes      | 0 days            | proceed | does not fire |
      | yes      | 30 days           | proceed | does not fire |
      | yes      | 2,592,001 seconds | hold    | decides       |
      | no       | 0 days            | hold    | decides       |

  Scenario Outline: SP-042 On a stale assessment not a cent is conceded: <price>
    Given the deal's leverage assessed is no
    When we offer a price of <price>
    Then rule "leverage-is-stale" <answer>

    Examples:
      | price          | answer        |
      | 100,000 USD    | does not fire |
      | 100,000.01 USD | decides       |

  Scenario Outline: SP-043, SP-044 The alternative is beaten by a cent, not by a tie
    Given our BATNA is worth -110,000 USD
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "beyond-walk" <answer>
    And rule "meeting-is-not-beating" <answer>

    Examples:
      | price          | verdict | answer        |
      | 109,999.99 USD | proceed | does not fire |
      | 110,000 USD    | trade   | decides       |
      | 118,000 USD    | trade   | decides       |

  Scenario Outline: SP-043, SP-044 We accept <price> beside an alternative of 110,000
    Given our BATNA is worth -110,000 USD
    And they offered a price of <price>
    When we accept their offer
    Then rule "beyond-walk" <answer>

    Examples:
      | price          | answer        |
      | 109,999.99 USD | does not fire |
      | 110,000 USD    | decides       |

  Scenario: SP-043, SP-044 What only meets the alternative is countered
    Given our BATNA is worth -110,000 USD
    When they offer a price of 110,000 USD
    Then rule "beyond-walk" answers trade
    And rule "meeting-is-not-beating" answers trade

  Scenario: SP-044, SP-045 It is countered instead of accepted
    Given our BATNA is worth -110,000 USD
    And they offered a price of 110,000 USD
    When we accept their offer
    Then rule "like-with-like" answers trade

  Scenario: SP-043 What is worse than the alternative is not accepted
    Given our BATNA is worth -110,000 USD
    And they offered a price of 111,000 USD
    When we accept their offer
    Then the verdict is refuse
    And rule "beyond-walk" decides

  Scenario Outline: SP-043 A car offered at <price>, and a better one elsewhere at 6,500
    Given the policy "rules/used-car"
    And a deal with opening price 5,900 USD and inspected yes
    And the walk value of price is 7,200 USD
    And our BATNA is worth -6,500 USD
    And they offered a price of 7,500 USD
    When they offer a price of <price>
    Then the verdict is <verdict>

    Examples:
      | price        | verdict |
      | 6,400 USD    | proceed |
      | 6,499.99 USD | proceed |
      | 6,500 USD    | trade   |
      | 7,500 USD    | trade   |

  Scenario Outline: SP-044, SP-045 At the same price the better thing wins
    Given our BATNA is worth -110,000 USD
    And the deal's quality lead is <lead>
    And they offered a price of <price>
    When we accept their offer
    Then rule "like-with-like" <answer>

    Examples:
      | lead      | price          | answer        |
      | 0 USD     | 109,999.99 USD | does not fire |
      | 0 USD     | 110,000 USD    | decides       |
      | 1,000 USD | 109,000 USD    | decides       |
      | 1,000 USD | 108,999.99 USD | does not fire |

  Scenario Outline: SP-045 An offer of theirs is compared like with like
    Given our BATNA is worth -110,000 USD
    And the deal's quality lead is 1,000 USD
    When they offer a price of <price>
    Then rule "meeting-is-not-beating" <answer>

    Examples:
      | price          | answer        |
      | 108,999.99 USD | does not fire |
      | 109,000 USD    | decides       |

  Scenario Outline: <no> <what>
    Given the deal's <fact> is <value>
    When they offer a price of 108,000 USD
    Then the verdict is <verdict>
    And rule "<rule>" <answer>

    Examples:
      | no     | what                           | fact                | value          | verdict | rule               | answer        |
      | SP-046 | Three live alternatives        | options             | 3              | proceed | options-first      | does not fire |
      | SP-046 | Two are the least              | options             | 2              | proceed | options-first      | does not fire |
      | SP-046 | One                            | options             | 1              | hold    | options-first      | decides       |
      | SP-046 | None                           | options             | 0              | hold    | options-first      | decides       |
      | SP-047 | Six qualified suppliers        | qualified suppliers | 6              | proceed | few-suppliers      | does not fire |
      | SP-047 | One qualified supplier         | qualified suppliers | 1              | proceed | few-suppliers      | does not fire |
      | SP-047 | No qualified supplier          | qualified suppliers | 0              | proceed | few-suppliers      | only advises  |
      | SP-047 | Little coverage                | supply coverage     | 2.9999         | proceed | few-suppliers      | only advises  |
      | SP-048 | Two other places priced        | priced places       | 2              | proceed | other-places-first | does not fire |
      | SP-048 | One other place priced         | priced places       | 1              | hold    | other-places-first | decides       |
      | SP-048 | None identified                | priced places       | 0              | hold    | other-places-first | decides       |
      | SP-053 | A good fit                     | fit                 | good           | proceed | lukewarm-deals     | does not fire |
      | SP-053 | A lukewarm fit and better ones | fit                 | lukewarm       | proceed | lukewarm-deals     | only advises  |
      | SP-053 | A bad fit and better ones      | fit                 | bad            | proceed | lukewarm-deals     | only advises  |
      | SP-061 | A price of 115,000 in writing  | their best          | 115,000 USD    | proceed | no-overlap         | does not fire |
      | SP-061 | A price at our limit           | their best          | 120,000 USD    | proceed | no-overlap         | does not fire |
      | SP-061 | A price a cent past it         | their best          | 120,000.01 USD | walk    | no-overlap         | decides       |
      | SP-061 | A price of 125,000 in writing  | their best          | 125,000 USD    | walk    | no-overlap         | decides       |

  Scenario: SP-053 A bad fit and nothing better
    Given a deal with fit bad and options 1
    When they offer a price of 108,000 USD
    Then rule "lukewarm-deals" does not fire

  Scenario Outline: SP-049 A deal of <share> of the spend
    Given the deal's share of spend is <share>
    When the deal opens
    Then rule "too-large-a-share" <answer>

    Examples:
      | share    | answer        |
      | 12%      | does not fire |
      | 30%      | does not fire |
      | 30.0001% | only advises  |
      | 63%      | only advises  |

  Scenario Outline: SP-051 "Never", and <options> other suppliers
    Given the deal's options is <options>
    And flat refusal by them was <standing>
    When we offer a price of 110,000 USD
    Then rule "move-on" <answer>

    Examples:
      | options | standing                   | answer        |
      | 4       | confirmed                  | decides       |
      | 2       | confirmed                  | decides       |
      | 1       | confirmed                  | does not fire |
      | 4       | reported but not confirmed | does not fire |

  Scenario: SP-051 We move on at once, and the door is open
    Given the deal's options is 4
    When flat refusal by them is confirmed
    Then the verdict is walk
    And the door is open

  Scenario Outline: SP-052 They threaten to leave, and a replacement is <ready>
    Given the deal's replacement ready is <ready>
    And threat to leave by them was confirmed
    When we offer a price of <price>
    Then the verdict is <verdict>
    And rule "no-raise-for-a-threat" <answer>

    Examples:
      | ready | price       | verdict | answer        |
      | yes   | 100,000 USD | proceed | does not fire |
      | no    | 110,000 USD | proceed | does not fire |
      | yes   | 110,000 USD | hold    | decides       |

  Scenario: SP-052 Nobody threatened to leave
    Given the deal's replacement ready is yes
    When we offer a price of 110,000 USD
    Then rule "no-raise-for-a-threat" does not fire

  Scenario: SP-052 Not a cent
    Given the deal's replacement ready is yes
    And threat to leave by them was confirmed
    When we offer a price of 100,000.01 USD
    Then rule "no-raise-for-a-threat" decides

  Scenario Outline: <no> They offer <price>, and we accept: <what>
    Given the deal's <fact> is <value>
    And they offered a price of <price>
    When we accept their offer
    Then the verdict is <verdict>
    And rule "<rule>" <answer>

    Examples:
      | no     | what                             | fact             | value       | price          | verdict | rule                 | answer        |
      | SP-054 | no solid backup                  | strong batna     | no          | 116,000 USD    | proceed | push-with-a-backup   | does not fire |
      | SP-054 | a solid backup                   | strong batna     | yes         | 116,000 USD    | trade   | push-with-a-backup   | decides       |
      | SP-054 | a solid backup, a cent short     | strong batna     | yes         | 112,000.01 USD | trade   | push-with-a-backup   | decides       |
      | SP-054 | a solid backup, and what we want | strong batna     | yes         | 112,000 USD    | proceed | push-with-a-backup   | does not fire |
      | SP-055 | the only offer                   | live offers      | 1           | 108,000 USD    | proceed | ask-before-taking    | does not fire |
      | SP-055 | the first of two, untouched      | live offers      | 2           | 108,000 USD    | proceed | ask-before-taking    | only advises  |
      | SP-055 | the first of three, untouched    | live offers      | 3           | 108,000 USD    | proceed | ask-before-taking    | only advises  |
      | SP-056 | another stands at 112,000        | best other offer | 112,000 USD | 110,000 USD    | proceed | the-better-one-first | does not fire |
      | SP-056 | another stands at the same       | best other offer | 110,000 USD | 110,000 USD    | proceed | the-better-one-first | does not fire |
      | SP-056 | another stands a cent lower      | best other offer | 110,000 USD | 110,000.01 USD | trade   | the-better-one-first | decides       |
      | SP-056 | another stands at 110,000        | best other offer | 110,000 USD | 114,000 USD    | trade   | the-better-one-first | decides       |

  Scenario: SP-055 One of three, after we asked for more
    Given the deal's live offers is 3
    And they offered a price of 108,000 USD
    And we offered a price of 100,000 USD
    When we accept their offer
    Then rule "ask-before-taking" does not fire

  Scenario Outline: SP-060 Payment after 90 days is agreed, and then they offer <terms>
    Given they offered a price of 110,000 USD
    And we offered price 105,000 USD and pay_later yes
    And they accepted our pay_later
    When they offer <terms>
    Then the verdict is <verdict>
    And rule "agreed-terms-stay" <answer>

    Examples:
      | terms                               | verdict  | answer        |
      | a price of 108,000 USD              | proceed  | does not fire |
      | price 108,000 USD and pay_later yes | proceed  | does not fire |
      | price 108,000 USD and pay_later no  | escalate | decides       |

  Scenario: SP-060 What a manager would accept is still held, until the manager lifts the rule
    Given they offered a price of 110,000 USD
    And we offered price 105,000 USD and pay_later yes
    And they accepted our pay_later
    And the manager "mona" approved price 108,000 USD and pay_later no
    When they offer price 108,000 USD and pay_later no
    Then the verdict is hold
    And rule "agreed-terms-stay" decides

  Scenario: SP-060 Where nothing was agreed, nothing is taken back
    Given they offered price 108,000 USD and pay_later yes
    When they offer price 108,000 USD and pay_later no
    Then the verdict is proceed
    And rule "agreed-terms-stay" does not fire

  Scenario Outline: SP-060 We accept <pay_later> where payment after 90 days was agreed
    Given they offered a price of 110,000 USD
    And we offered price 105,000 USD and pay_later yes
    And they accepted our pay_later
    And they offered price 108,000 USD and pay_later <pay_later>
    When we accept their offer
    Then the verdict is <verdict>
    And rule "worse-than-agreed" <answer>

    Examples:
      | pay_later | verdict  | answer        |
      | yes       | proceed  | does not fire |
      | no        | escalate | decides       |

  Scenario: SP-060 A worsening that we refuse is logged, and costs us nothing
    Given they offered a price of 110,000 USD
    And we offered price 105,000 USD and pay_later yes
    And they accepted our pay_later
    And they offered price 108,000 USD and pay_later no
    When we reject their offer
    Then the verdict is proceed
    And afterwards theirs.reopened is 1

  Scenario Outline: <no> <what>: we offer <price>
    Given the deal's <fact> is <value>
    When we offer a price of <price>
    Then the verdict is <verdict>
    And rule "<rule>" <answer>

    Examples:
      | no     | what                                | fact                  | value | price          | verdict  | rule                  | answer        |
      | SP-057 | They have others                    | they have nobody else | no    | 108,000 USD    | proceed  | they-have-nobody-else | does not fire |
      | SP-057 | They have nobody else               | they have nobody else | yes   | 100,000 USD    | proceed  | they-have-nobody-else | does not fire |
      | SP-057 | They have nobody else               | they have nobody else | yes   | 102,000 USD    | proceed  | they-have-nobody-else | does not fire |
      | SP-057 | They have nobody else               | they have nobody else | yes   | 102,000.01 USD | proceed  | they-have-nobody-else | only advises  |
      | SP-057 | They have nobody else               | they have nobody else | yes   | 108,000 USD    | proceed  | they-have-nobody-else | only advises  |
      | SP-058 | Only we buy it                      | sole source           | yes   | 101,000 USD    | proceed  | only-we-can           | does not fire |
      | SP-058 | Others buy it too                   | sole source           | no    | 112,000 USD    | proceed  | only-we-can           | does not fire |
      | SP-058 | Only we buy it                      | sole source           | yes   | 102,000 USD    | proceed  | only-we-can           | does not fire |
      | SP-058 | Only we buy it                      | sole source           | yes   | 102,000.01 USD | proceed  | only-we-can           | only advises  |
      | SP-058 | Only we buy it                      | sole source           | yes   | 112,000 USD    | proceed  | only-we-can           | only advises  |
      | SP-059 | No ultimatum                        | draft ultimatum       | no    | 100,000 USD    | proceed  | no-empty-ultimatum    | does not fire |
      | SP-059 | An ultimatum with nothing behind it | draft ultimatum       | yes   | 100,000 USD    | escalate | no-empty-ultimatum    | decides       |

  Scenario Outline: SP-057, SP-058 Past such a cap not a cent more is given: <price>
    Given a deal with they have nobody else yes and sole source yes
    And we offered a price of 108,000 USD
    When we offer a price of <price>
    Then rule "they-have-nobody-else" <answer>
    And rule "only-we-can" <answer>

    Examples:
      | price          | answer        |
      | 108,000 USD    | does not fire |
      | 108,000.01 USD | only advises  |

  Scenario: SP-059 An ultimatum with a strong alternative behind it
    Given a deal with draft ultimatum yes and strong batna yes
    When we offer a price of 100,000 USD
    Then the verdict is proceed

  Scenario Outline: SP-050 More options never make us concede more: <options> options, <price>
    Given the deal's options is <options>
    When we offer a price of <price>
    Then the verdict is <verdict>

    Examples:
      | options | price          | verdict |
      | 2       | 120,000 USD    | proceed |
      | 4       | 120,000 USD    | proceed |
      | 40      | 120,000 USD    | proceed |
      | 2       | 120,000.01 USD | refuse  |
      | 4       | 120,000.01 USD | refuse  |
      | 40      | 120,000.01 USD | refuse  |
