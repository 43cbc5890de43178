Feature: The most severe verdict decides
  proceed < trade < hold < escalate < refuse < walk. Every rule that fired is reported and every obligation collected;
  the order in which rules stand means nothing.

  Background:
    Given the policy "policies/verdicts"

  Scenario: With no rule firing the verdict is proceed
    When we offer term 24 months
    Then the verdict is proceed
    And no rule fires
    And there is nothing to do first
    And the advice is "Send it."

  Scenario Outline: One step more severe at each step
    When we offer discount <discount> and term <term>
    Then the verdict is <verdict>

    Examples:
      | discount | term      | verdict  |
      | 0.9999%  | 12 months | proceed  |
      | 1%       | 12 months | trade    |
      | 2%       | 12 months | hold     |
      | 3%       | 12 months | escalate |
      | 0%       | 4 months  | refuse   |
      | 3%       | 4 months  | refuse   |
      | 0%       | 5 months  | walk     |
      | 3%       | 5 months  | walk     |

  Scenario: All that fired is told, and all that has to happen first
    When we offer a discount of 3%
    Then rule "at-1-trade" decides
    And rule "at-2-hold" decides
    And rule "at-3-escalate" decides
    And we must first ask
    And we must first wait
    And we must first get an approval: manager
    And we may say "What could you do for us?"

  Scenario: Advice is given and decides nothing; a rule on trial is only reported
    When we offer a discount of 1%
    Then the verdict is trade
    And rule "tell-somebody" only advises
    And rule "try-a-rule" is only tried out

  Scenario: Rules conclude what other rules read
    When we offer a discount of 11%
    Then rule "is-generous" concludes giving
    And rule "is-hasty" concludes haste
    And rule "slow-down" decides
    And the verdict is refuse
    And concluded.haste is yes

  Scenario: What is not concluded is not read
    Given we offered term 24 months
    When we offer a discount of 11%
    Then concluded.giving is yes
    And concluded.haste is no
    And the verdict is escalate

  Scenario Outline: A rule that listens to any event hears each of them
    Given they offered a discount of 1%
    And we offered term 24 months
    And deal breaker by them was confirmed
    When <something happens>
    Then the verdict is walk
    And the door is open

    Examples:
      | something happens                                |
      | we offer term 36 months                          |
      | they offer a discount of 0%                      |
      | we accept their offer                            |
      | they accept our offer                            |
      | we reject their offer                            |
      | they reject our offer                            |
      | 1 day passes                                     |
      | our BATNA is now worth 1 USD                     |
      | the manager "mia" approves term 12 months        |
      | deal breaker by us is reported but not confirmed |
      | the deal moves to policy "verdicts"              |
      | the deal closes as lost                          |
