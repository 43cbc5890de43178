Feature: The lines of a deal
  A quote has as many lines as it takes. Rules look at all of them: at any, at every one, at their sum, at the worst.

  Background:
    Given the policy "policies/quotes"
    And a deal with lines A-1: list 10,000 USD, family hardware; B-2: list 1,000 USD, family software, cost 700 USD

  Scenario Outline: What lines come to
    When we offer lines <lines> and term 60 months
    Then lines.net is <net>
    And lines.discount is <worst>
    And lines.deep_hardware is <deep>
    And the verdict is <verdict>

    Examples:
      | lines                                   | net           | worst    | deep | verdict  |
      | A-1: discount 0%; B-2: discount 20%     | 10,800 USD    | 20%      | no   | proceed  |
      | B-2: discount 20%; A-1: discount 0%     | 10,800 USD    | 20%      | no   | proceed  |
      | A-1: discount 10%; B-2: discount 10%    | 9,900 USD     | 10%      | no   | proceed  |
      | A-1: discount 10.0001%; B-2: discount 0% | 9,999.99 USD | 10.0001% | yes  | refuse   |
      | A-1: discount 0%; B-2: discount 26%     | 10,740 USD    | 26%      | no   | escalate |
      | A-1: discount 0%; B-2: discount 30%     | 10,700 USD    | 30%      | no   | escalate |
      | A-1: discount 0%; B-2: discount 31%     | 10,690 USD    | 31%      | no   | refuse   |
      | A-1: discount 10%; B-2: discount 10.01% | 9,899.90 USD  | 10.01%   | no   | escalate |

  Scenario: What is given on lines has to be paid for
    When we offer lines A-1: discount 1%; B-2: discount 0%
    Then the verdict is trade
    And give.value is 100 USD

  Scenario: What is given on one line may be asked for on another
    When we offer lines A-1: discount 0%; B-2: discount 20% and term 14 months
    Then the verdict is proceed
    When we offer lines A-1: discount 2%; B-2: discount 0% and term 14 months
    Then give.value is 0 USD
    And the verdict is proceed

  Scenario: Accepting theirs is judged by their lines
    When they offer lines A-1: discount 15%; B-2: discount 0% and term 60 months
    Then the verdict is trade
    When we accept their offer
    Then the verdict is refuse
