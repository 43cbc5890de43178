Feature: Agreeing, and closing
  May accept means may accept; words agree as an acceptance does; a deal is won when an agreement stands that was let
  through: docs/calculus.md.

  Scenario: What may not be accepted is not called acceptable
    Given the policy "rules/principles/b-floors.yaml"
    When they offer a price of 88,000 USD
    Then the verdict is trade
    And accepting it would be refuse
    And rule "cumulative-cap" stands in the way of accepting
    When we accept their offer
    Then the verdict is refuse

  Scenario: What needs an approval to be accepted says so at once
    Given the policy "rules/principles/f-pressure.yaml"
    When they offer a price of 84,000 USD
    Then the verdict is escalate
    And accepting it would be escalate
    And rule "below-want-needs-two" stands in the way of accepting

  Scenario: They answer our price with our price
    Given the policy "rules/used-car"
    And a deal with opening price 5,900 USD and inspected yes
    And the walk value of price is 6,500 USD
    And our BATNA is worth -6,500 USD
    And they offered a price of 7,500 USD
    And they offered a price of 6,900 USD
    And we offered a price of 6,400 USD
    When they offer a price of 6,400 USD
    Then the verdict is proceed
    And there is no counteroffer
    When the deal closes as won
    Then the verdict is proceed

  Scenario: We bid no more than they ask for
    Given the policy "rules/used-car"
    And a deal with opening price 5,900 USD and inspected yes
    And the walk value of price is 6,500 USD
    And our BATNA is worth -6,500 USD
    And they offered a price of 7,500 USD
    And they offered a price of 6,300 USD
    When we offer a price of 6,350 USD
    Then the verdict is hold
    And rule "less-than-they-offer" decides

  Scenario Outline: Before there is an agreement nothing is won: <what happened>
    Given the policy "policies/ledger"
    And they offered a discount of 10%
    And <what happened>
    When the deal closes as won
    Then the verdict is <verdict>

    Examples:
      | what happened                | verdict |
      | we rejected their offer      | hold    |
      | we offered a discount of 5%  | hold    |
      | we accepted their offer      | proceed |
      | we offered a discount of 10% | proceed |

  Scenario Outline: An agreement ends when somebody says otherwise: <what happened>
    Given the policy "policies/ledger"
    And they offered a discount of 10%
    And we accepted their offer
    And <what happened>
    When the deal closes as won
    Then the verdict is <verdict>

    Examples:
      | what happened                 | verdict |
      | 3 days passed                 | proceed |
      | they offered a discount of 9% | hold    |
      | they rejected our offer       | hold    |
      | they withdrew                 | hold    |

  Scenario Outline: What is signed is what was agreed: <signed>
    Given the policy "policies/ledger"
    And they offered discount 10% and prepay yes
    And we accepted their offer
    When the deal is signed with <signed>
    Then the verdict is <verdict>

    Examples:
      | signed                      | verdict |
      | discount 10% and prepay yes | proceed |
      | discount 10% and prepay no  | refuse  |
      | a discount of 10%           | refuse  |

  Scenario: An offer that has expired is nobody's to accept
    Given the policy "policies/ledger"
    And for 2 days they offered a discount of 10%
    And 2 days later
    When we accept their offer
    Then the verdict is proceed
    Given the deal is signed with a discount of 10%

  Scenario: A second after that it is withdrawn
    Given the policy "policies/ledger"
    And for 2 days they offered a discount of 10%
    And 172,801 seconds later
    When we accept their offer
    Then it is a dead letter with WA606

  Scenario: What is withdrawn pays for nothing
    Given the policy "policies/ledger"
    And they offered a discount of 30%
    And they offered a discount of 20%
    When they withdraw
    Then afterwards theirs.net is 0 USD

  Scenario: A last word is an offer
    Given the policy "policies/ledger"
    When finally they offer a discount of 25%
    Then the verdict is trade
    And offer.discount is 25%

  Scenario: One of several packages is taken
    Given the policy "policies/ledger"
    And our packages are:
      | discount | term      | prepay |
      | 5%       | 36 months | yes    |
      | 2%       |           | yes    |
    When they take our package 2
    Then the verdict is proceed
    And afterwards ours.cleared.discount is 2%

  Scenario: An offer is taken by its name
    Given the policy "policies/ledger"
    And they offered a discount of 10%
    When we take up offer "e2"
    Then the verdict is proceed
    And afterwards ours.settled is 3

  Scenario: Where only a move of theirs helps we stand by our word
    Given the policy "rules/used-car"
    And a deal with opening price 6,000 USD and inspected yes
    And the walk value of price is 6,499 USD
    And our BATNA is worth -6,500 USD
    And they offered a price of 7,000 USD
    When we offer a price of 6,300 USD
    Then the verdict is trade
    And a counteroffer is price 6,000 USD

  Scenario: What is refused is told the number to come back to
    Given the policy "rules/saas-discounting"
    And a deal with list price 100,000 USD, segment enterprise and decision maker known yes
    And they offered a discount of 30%
    When we offer a discount of 19%
    Then the verdict is refuse
    And we must first ask: Come back to where `given_in_all` is at most 15,000 USD (now 19,000 USD)

  Scenario: An approval is asked for where it is enough
    Given the policy "rules/saas-discounting"
    And a deal with list price 100,000 USD, segment enterprise and decision maker known yes
    And they offered a discount of 40%
    And they offered a discount of 20%
    When they offer discount 18%, term 36 months and prepay yes
    Then the verdict is escalate
    And we must first get an approval: One approval by `director`, or a role above, is enough.
