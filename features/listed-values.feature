Feature: Values that are listed
  Where an issue lists its values nobody may name another, and no counteroffer does.

  Background:
    Given the policy "policies/listed"

  Scenario Outline: Ours and theirs
    When <who> a term of <term>
    Then <answer>

    Examples:
      | who        | term      | answer                         |
      | we offer   | 24 months | the verdict is proceed         |
      | we offer   | 18 months | it is a dead letter with WA504 |
      | they offer | 36 months | the verdict is proceed         |
      | they offer | 48 months | it is a dead letter with WA504 |

  Scenario: What would pass instead names a listed value
    When we offer a discount of 1%
    Then the verdict is trade
    And a counteroffer is discount 1% and term 24 months
