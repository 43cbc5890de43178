Feature: Holding firm
  A walk value is agreed before the deal. A deal may bring a tighter one, and tighten it later. To loosen a limit, of
  whatever kind, waits for somebody else of the highest role; until then the old one holds.

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
    Then the verdict is escalate
    And rule "loosened-limit" decides
    And afterwards walk.discount is 10%

  Scenario: Not even back to the policy's own
    Given the walk value of discount is 10%
    And the deal opened
    When the walk value of discount is now 20%
    Then the verdict is escalate
    And we must first get an approval: cfo

  Scenario: Unless somebody else of the highest role agrees to it
    Given "ana" acts for us
    And the walk value of discount is 10%
    And the deal opened
    And the walk value of discount is now 12%
    And the cfo "carla" agreed to event "e2"
    When 1 day passes
    Then walk.discount is 12%

  Scenario Outline: An agreement of one's own, of a lower role or to something else loosens nothing
    Given "ana" acts for us
    And the walk value of discount is 10%
    And the deal opened
    And the walk value of discount is now 12%
    And <the agreement>
    When 1 day passes
    Then walk.discount is 10%

    Examples:
      | the agreement                                        |
      | the cfo "ana" agreed to event "e2"                   |
      | the cfo " ANA" agreed to event "e2"                  |
      | the director "dana" agreed to event "e2"             |
      | the cfo "carla" approved a discount of 12%           |

  Scenario: Nor does one that has expired
    Given the walk value of discount is 10%
    And the deal opened
    And the cfo "carla" agreed for 1 day to event "e3"
    And 25 hours later
    When the walk value of discount is now 12%
    Then the verdict is escalate

  Scenario: Nobody tightens a limit around an offer that stands outside
    Given they offered a discount of 30%
    And they offered a discount of 15%
    And we offered a discount of 7%
    When the walk value of discount is now 5%
    Then the verdict is hold
    And rule "outside-tightened-limit" decides

  Scenario: A fact that worths rest on does not change during the deal
    Given the deal opened
    When the deal's list price is now 200,000 USD
    Then it is a dead letter with WA608

  Scenario: A want value may tighten, and loosens like any other limit
    Given they offered a discount of 10%
    When the want value of discount is now 6%
    Then the verdict is proceed
    When they offer a discount of 7%
    Then rule "short-of-want" fires
    When the want value of discount is now 8%
    Then the verdict is escalate
