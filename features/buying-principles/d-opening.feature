Feature: D. Opening and information
  We open near the wish with reasons, answer from our own target, and tell neither need nor threat.

  Background:
    Given the policy "rules/buying-principles/d-opening.yaml"
    And a deal with:
      | draft reasons     | yes |
      | draft evidence    | 2   |
      | draft meets needs | yes |
      | needs known       | yes |
      | contacts          | 3   |

  Scenario Outline: <no> Our opening: <what>
    Given the deal's <fact> is <value>
    When we offer a price of <price>
    Then the verdict is <verdict>
    And rule "<rule>" <answer>

    Examples:
      | no                     | what                                             | fact                 | value  | price          | verdict | rule                 | answer        |
      | SP-062                 | at the wish                                      | open issues          | 3      | 105,000 USD    | proceed | open-strong          | does not fire |
      | SP-062                 | near the wish                                    | open issues          | 3      | 107,000 USD    | proceed | open-strong          | does not fire |
      | SP-062                 | a cent too high                                  | open issues          | 3      | 107,000.01 USD | trade   | open-strong          | decides       |
      | SP-062                 | too high                                         | open issues          | 3      | 116,000 USD    | trade   | open-strong          | decides       |
      | SP-062, SP-059, SP-063 | a strong number with its reasons is no ultimatum | draft reasons        | yes    | 100,000 USD    | proceed | opening-with-reasons | does not fire |
      | SP-063                 | no reasons                                       | draft reasons        | no     | 105,000 USD    | refuse  | opening-with-reasons | decides       |
      | SP-064                 | two peer prices                                  | draft evidence       | 2      | 105,000 USD    | proceed | show-data            | does not fire |
      | SP-064                 | one peer price                                   | draft evidence       | 1      | 105,000 USD    | proceed | show-data            | does not fire |
      | SP-064                 | no data                                          | draft evidence       | 0      | 105,000 USD    | proceed | show-data            | only advises  |
      | SP-065                 | it names a start in May                          | draft meets needs    | yes    | 105,000 USD    | proceed | pitch-what-matters   | does not fire |
      | SP-065                 | a generic offer                                  | draft meets needs    | no     | 105,000 USD    | hold    | pitch-what-matters   | decides       |
      | SP-065                 | needs unknown                                    | needs known          | no     | 105,000 USD    | hold    | pitch-what-matters   | decides       |
      | SP-068                 | onboarding that they need                        | gives what they need | yes    | 105,000 USD    | proceed | trade-what-they-need | does not fire |
      | SP-068                 | a higher price, and the need was speed           | gives what they need | no     | 105,000 USD    | proceed | trade-what-they-need | only advises  |
      | SP-070                 | others mentioned lightly                         | draft tone           | plain  | 105,000 USD    | proceed | no-threats           | does not fire |
      | SP-070                 | sign or we ruin your launch                      | draft tone           | threat | 105,000 USD    | refuse  | no-threats           | decides       |
      | SP-070                 | a forceful demand                                | draft tone           | demand | 105,000 USD    | refuse  | no-threats           | decides       |
      | SP-071                 | happy to help when it suits                      | draft desperate      | no     | 105,000 USD    | proceed | do-not-show-need     | does not fire |
      | SP-071                 | I must have this machine by May                  | draft desperate      | yes    | 105,000 USD    | refuse  | do-not-show-need     | decides       |
      | SP-072                 | price, warranty and payment are open             | open issues          | 3      | 105,000 USD    | proceed | add-an-issue         | does not fire |
      | SP-072                 | price and warranty are open                      | open issues          | 2      | 105,000 USD    | proceed | add-an-issue         | does not fire |
      | SP-072                 | only price is open                               | open issues          | 1      | 105,000 USD    | proceed | add-an-issue         | only advises  |
      | SP-072                 | only price is open, and a cent is given          | open issues          | 1      | 100,000.01 USD | proceed | add-an-issue         | only advises  |
      | SP-072                 | only price is open, and nothing is given         | open issues          | 1      | 100,000 USD    | proceed | add-an-issue         | does not fire |
      | SP-068                 | a cent, and the need was speed                   | gives what they need | no     | 100,000.01 USD | proceed | trade-what-they-need | only advises  |
      | SP-068                 | nothing is given                                 | gives what they need | no     | 100,000 USD    | proceed | trade-what-they-need | does not fire |
      | SP-073                 | three meetings before it                         | contacts             | 3      | 105,000 USD    | proceed | rapport-first        | does not fire |
      | SP-073                 | two meetings before it                           | contacts             | 2      | 105,000 USD    | proceed | rapport-first        | does not fire |
      | SP-073                 | one meeting before it                            | contacts             | 1      | 105,000 USD    | proceed | rapport-first        | only advises  |
      | SP-073                 | the first contact is a demand                    | contacts             | 0      | 105,000 USD    | proceed | rapport-first        | only advises  |

  Scenario: SP-062, SP-063 After the opening these two are silent
    Given we offered a price of 105,000 USD
    And the deal's draft reasons is no
    When we offer a price of 110,000 USD
    Then rule "open-strong" does not fire
    And rule "opening-with-reasons" does not fire

  Scenario: SP-066 An answer to an extreme figure that is not ours is countered
    Given they offered a price of 160,000 USD
    When we offer a price of 132,500 USD
    Then rule "extreme-anchor" answers trade

  Scenario Outline: SP-066 They say <theirs>, and we answer <ours>
    Given they offered a price of <theirs>
    When we offer a price of <ours>
    Then rule "extreme-anchor" <answer>

    Examples:
      | theirs         | ours           | answer        |
      | 160,000 USD    | 105,000 USD    | does not fire |
      | 160,000 USD    | 132,500 USD    | decides       |
      | 160,000 USD    | 107,000 USD    | does not fire |
      | 160,000 USD    | 107,000.01 USD | decides       |
      | 140,000 USD    | 110,000 USD    | does not fire |
      | 140,000.01 USD | 110,000 USD    | decides       |

  Scenario Outline: SP-067 They are at <theirs>, we at <ours>, and we would split the difference
    Given we offered a price of <ours>
    And they offered a price of <theirs>
    When we offer a price of <middle>
    Then the verdict is <verdict>
    And rule "no-split-past-want" <answer>

    Examples:
      | theirs         | ours        | middle         | verdict | answer        |
      | 116,000 USD    | 106,000 USD | 111,000 USD    | proceed | does not fire |
      | 130,000 USD    | 106,000 USD | 118,000 USD    | refuse  | decides       |
      | 130,000 USD    | 106,000 USD | 117,000 USD    | refuse  | decides       |
      | 130,000.01 USD | 106,000 USD | 117,000 USD    | proceed | does not fire |
      | 129,999.99 USD | 106,000 USD | 119,000 USD    | proceed | does not fire |
      | 130,000 USD    | 106,000 USD | 116,999.99 USD | proceed | does not fire |
      | 130,000 USD    | 106,000 USD | 119,000 USD    | refuse  | decides       |
      | 130,000 USD    | 106,000 USD | 119,000.01 USD | proceed | does not fire |
      | 118,000 USD    | 106,000 USD | 112,000 USD    | proceed | does not fire |
      | 118,000 USD    | 106,000 USD | 112,000.01 USD | refuse  | decides       |

  Scenario Outline: SP-069 To deliver in May is what they need: <terms>
    Given the deal's they need may is <need>
    When we offer <terms>
    Then the verdict is <verdict>
    And rule "the-best-currency" <answer>

    Examples:
      | need | terms                                                        | verdict | answer        |
      | yes  | a price of 105,000 USD                                       | proceed | does not fire |
      | yes  | price 100,000 USD, delivery in May and warranty 20 months    | proceed | does not fire |
      | yes  | price 100,000.01 USD, delivery in May and warranty 20 months | trade   | decides       |
      | yes  | price 100,000 USD, delivery in May and pay_later yes         | proceed | does not fire |
      | yes  | price 100,000 USD and delivery in May                        | trade   | decides       |
      | no   | price 100,000 USD and delivery in May                        | proceed | does not fire |
