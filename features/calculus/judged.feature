Feature: A deal is judged, not a step
  What was refused stays refused, whoever says it, in whatever steps and words: docs/calculus.md. List price 100,000 USD,
  so 1% is 1,000 USD; floor 20%, want 8%, cap 15%.

  Background:
    Given the policy "rules/saas-discounting"
    And a deal with list price 100,000 USD, segment enterprise and decision maker known yes

  Scenario: Saying it again does not make it sendable
    Given they offered a discount of 30%
    When we offer a discount of 19%
    Then the verdict is refuse
    When we offer a discount of 19%
    Then the verdict is refuse
    And rule "cumulative-cap" decides
    When they accept our offer
    Then the verdict is refuse
    When the deal closes as won
    Then the verdict is refuse

  Scenario Outline: Small steps are one step: at a list price of <list price>
    Given the deal's list price is <list price>
    And we offered a discount of <first>
    And we offered a discount of <second>
    When we offer a discount of <last>
    Then the verdict is <verdict>
    And give.value is <given>

    Examples: each step under half a cent
      | list price | first   | second  | last  | verdict | given    |
      | 100 USD    | 0.0049% | 0.0098% | 1.47% | trade   | 1.47 USD |
      | 0.40 USD   | 1.2%    | 2.4%    | 5%    | trade   | 0.02 USD |
      | 0.40 USD   | 1.2%    | 2.4%    | 17.5% | refuse  | 0.07 USD |

  Scenario: What was paid for is not taken unpaid
    Given we offered discount 5%, term 36 months and prepay yes
    When they offer discount 5%, term 12 months and prepay no
    Then the verdict is trade
    And accepting it would be trade
    When we accept their offer
    Then the verdict is trade
    And rule "nothing-for-nothing" decides

  Scenario: A gift is a gift, accepted or offered
    Given they offered discount 8% and support gold
    And 10 seconds later
    When we accept their offer
    Then the verdict is trade
    And give.value is 12,000 USD
    When they reject our offer
    And we offer discount 8% and support gold
    Then the verdict is trade

  Scenario: An opening position is a first offer
    Given our opening terms are a discount of 20%
    When the deal opens
    Then the verdict is refuse
    And rule "cumulative-cap" decides
    And afterwards the facts are:
      | ours.last.discount    | 20%   |
      | ours.cleared.discount | 0%    |
      | ours.uncleared        | 1     |
      | ours.net              | 0 USD |

  Scenario: What is picked out of their package is an offer of ours
    Given they offered discount 5%, term 36 months and prepay yes
    When we accept their discount
    Then the verdict is hold
    And rule "less-than-they-offer" decides
    And rule "nothing-for-nothing" decides

  Scenario: What they pick out of ours is an offer of theirs
    Given we offered discount 17% and term 148 months
    When they accept our discount
    Then the verdict is trade
    And offer.term is 12 months
    When we accept their offer
    Then the verdict is refuse

  Scenario Outline: At a limit proceed, one smallest unit past it not: at <list price>
    Given the deal's list price is <list price>
    And they offered a discount of 40%
    And they offered a discount of 0%
    When we offer <terms>
    Then rule "<rule>" <answer>

    Examples: the floor of 20% and the cap of 15%, at list prices with cents
      | list price    | terms                                                               | rule           | answer        |
      | 12,345.68 USD | discount 20%, term 240 months, prepay yes and reference yes       | beyond-walk    | does not fire |
      | 12,345.68 USD | discount 20.0001%, term 240 months, prepay yes and reference yes  | beyond-walk    | fires         |
      | 12,345.30 USD | discount 15%                                                        | cumulative-cap | does not fire |
      | 12,345.30 USD | discount 15.0001%                                                   | cumulative-cap | fires         |
      | 4.50 USD      | discount 15%                                                        | cumulative-cap | does not fire |
      | 4.50 USD      | discount 15.0001%                                                   | cumulative-cap | fires         |

  Scenario: A step that was held is no step
    Given they offered a discount of 40%
    And they offered a discount of 25%
    And we offered a discount of 5%
    And we offered a discount of 7%
    And they rejected our offer
    When we offer a discount of 7%
    Then ours.last_give is 5,000 USD
    And the verdict is proceed
    And afterwards ours.last_give is 2,000 USD

  Scenario: A demand that comes up late takes nothing back
    Given they offered a discount of 30%
    And they offered a discount of 20%
    When they offer discount 20% and support gold
    Then the facts are:
      | move.value     | 0 USD      |
      | move.new       | -4,000 USD |
      | move.retracted | 0          |

  Scenario: Paid swaps are no concessions
    Given we offered discount 2% and prepay yes
    And we offered discount 3.5% and term 24 months
    When we offer discount 5% and term 36 months
    Then the verdict is proceed
    And afterwards ours.concessions is 0

  Scenario: Our word stands when they go back
    Given they offered a discount of 20%
    And they offered a discount of 15%
    And we offered a discount of 5%
    And they offered a discount of 20%
    When we offer a discount of 5%
    Then the verdict is proceed
    When we offer a discount of 8%
    Then the verdict is hold
    And rule "nothing-for-nothing" answers trade
