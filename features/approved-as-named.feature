Feature: What an approval names
  An approval covers terms that are no worse for us. Of an issue that is approved as named it covers that value alone: what
  is right for one year may be wrong for three.

  Background:
    Given the policy "policies/as-named"

  Scenario Outline: A discount approved for a year is not approved for another term
    Given the manager "dana" approved discount 18% and term 12 months
    When we offer discount <discount> and term <term>
    Then the verdict is <verdict>

    Examples:
      | discount | term      | verdict  |
      | 18%      | 12 months | proceed  |
      | 16%      | 12 months | proceed  |
      | 19%      | 12 months | escalate |
      | 18%      | 36 months | escalate |
      | 16%      | 13 months | escalate |
      | 18%      | 6 months  | escalate |
      | 14%      | 36 months | proceed  |

  Scenario: What an approval does not name it covers at its start value
    Given the manager "dana" approved a discount of 18%
    When we offer discount 18% and term 24 months
    Then the verdict is escalate

  Scenario: A word is covered as named too
    Given the manager "dana" approved discount 18% and support gold
    When we offer a discount of 18%
    Then the verdict is escalate

  Scenario: Both may be approved side by side
    Given the manager "dana" approved discount 18% and term 12 months
    And the director "mia" approved discount 18% and term 36 months
    When we offer discount 18% and term 36 months
    Then the verdict is proceed

  Scenario: Their taking of a longer term is not covered by what was approved for a year
    Given the manager "dana" approved discount 18% and term 12 months
    When they offer discount 18% and term 36 months
    And we accept their offer
    Then the verdict is escalate
