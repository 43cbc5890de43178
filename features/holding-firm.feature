Feature: Holding firm
  A walk value is agreed before the deal. A deal may bring a tighter one, and tighten it later; never a looser one,
  unless somebody else has approved terms as bad as these.

  Background:
    Given the policy "rules/saas-discounting"
    And a deal with list price 100,000 USD, segment enterprise and decision maker known yes

  Scenario Outline: A deal brings its own walk value
    Given the walk value of discount is <walk>
    When we offer a discount of <discount>
    Then rule "beyond-walk" <fires>

    Examples:
      | walk    | discount | fires         |
      | 20%     | 20%      | does not fire |
      | 12.5%   | 12.5%    | does not fire |
      | 12.5%   | 12.5001% | fires         |

  Scenario Outline: Never a looser one than the policy's
    Given the walk value of <what> is <walk>
    When the deal opens
    Then it is a dead letter with WA607

    Examples:
      | what        | walk          |
      | discount    | 20.0001%      |
      | the package | 79,999.99 USD |

  Scenario: During the deal it may tighten
    Given we offered a discount of 1%
    And the walk value of discount is now 10%
    When we offer a discount of 12%
    Then the verdict is refuse
    And walk.discount is 10%

  Scenario: It may not loosen again
    Given the walk value of discount is 10%
    And we offered a discount of 1%
    When the walk value of discount is now 10.0001%
    Then it is a dead letter with WA607

  Scenario: Not even back to the policy's own
    Given the walk value of discount is 10%
    And the deal opened
    When the walk value of discount is now 20%
    Then it is a dead letter with WA607

  Scenario: Unless an approval by somebody else covers it
    Given "ana" acts for us
    And the walk value of discount is 10%
    And the deal opened
    And the director "dana" approved a discount of 12%
    When the walk value of discount is now 12%
    Then walk.discount is 10%
    And afterwards walk.discount is 12%

  Scenario Outline: An approval of their own, or of less, covers nothing
    Given "ana" acts for us
    And the walk value of discount is 10%
    And the deal opened
    And <the approval>
    When the walk value of discount is now 12%
    Then it is a dead letter with WA607

    Examples:
      | the approval                                        |
      | the director "ana" approved a discount of 12%       |
      | the director "dana" approved a discount of 11.9999% |
      | the director "dana" approved term 6 months          |

  Scenario: Nor does one that has expired
    Given the walk value of discount is 10%
    And the deal opened
    And the director "dana" approved for 1 day a discount of 12%
    And 25 hours later
    When the walk value of discount is now 12%
    Then it is a dead letter with WA607

  Scenario: A fact that worths rest on does not change during the deal
    Given the deal opened
    When the deal's list price is now 200,000 USD
    Then it is a dead letter with WA608

  Scenario: Want and wish are ours to move
    Given they offered a discount of 10%
    And the want value of discount is now 12%
    When they offer a discount of 10%
    Then rule "short-of-want" does not fire
