Feature: Approvals and waivers
  An approval covers an offer that is, on every issue, no worse for us than the terms approved, until it expires.
  Nobody approves their own offer. Only rules that say so can be lifted, by the role they name or one above it.

  Background:
    Given the policy "policies/approvals"

  Scenario: What needs an approval says whose
    When we offer a discount of 12%
    Then the verdict is escalate
    And we must first get an approval: director
    And we must first get an approval: manager
    And we must first get an approval: One approval by `director`, or a role above, is enough.

  Scenario: One approval is enough where it names what it lifts
    When we offer discount 6% and support gold
    Then the verdict is refuse
    And we must first get an approval: One approval by `director`, or a role above, is enough: it names `no-gold-support`
    Given the director "dana" lifted "no-gold-support" for 1 day, because "a pilot", up to discount 6% and support gold
    When we offer discount 6% and support gold
    Then the verdict is proceed

  Scenario Outline: An approval covers terms no worse than those approved
    Given the manager "mia" approved a discount of 8%
    When we offer a discount of <discount>
    Then the verdict is <verdict>

    Examples:
      | discount | verdict  |
      | 7%       | proceed  |
      | 8%       | proceed  |
      | 8.0001%  | escalate |

  Scenario: An approved rule has fired, and is met
    Given the manager "mia" approved a discount of 8%
    When we offer a discount of 8%
    Then rule "manager-decides" is met by an approval
    And there is nothing to do first

  Scenario: Only what got worse needs approval again
    Given the manager "mia" approved discount 8% and support gold
    And we offered a discount of 8%
    When we offer term 11 months
    Then rule "manager-decides" decides
    And rule "no-short-terms" decides

  Scenario: An issue that the approval does not name is covered at its start value
    Given the manager "mia" approved a discount of 8%
    When we offer discount 8% and support gold
    Then rule "manager-decides" decides
    When we offer discount 8%, support basic and term 24 months
    Then rule "manager-decides" is met by an approval

  Scenario: Higher authority stands in for lower
    Given the cfo "carla" approved a discount of 12%
    When we offer a discount of 12%
    Then the verdict is proceed
    And approved.manager is yes
    And approved.cfo is yes
    And rule "thanks-to-the-cfo" only advises

  Scenario: Lower authority does not stand in for higher
    Given the manager "mia" approved a discount of 12%
    When we offer a discount of 12%
    Then the verdict is escalate
    And rule "manager-decides" is met by an approval
    And rule "director-decides" decides
    And approved.director is no

  Scenario: Nobody approves their own offer
    Given "mia" acts for us
    And the manager "mia" approved a discount of 8%
    When we offer a discount of 8%
    Then the verdict is escalate
    Given the manager "max" approved a discount of 8%
    When we offer a discount of 8%
    Then the verdict is proceed

  Scenario: For what nobody known has offered no approval counts
    Given nobody says who acts for us
    And the manager "mia" approved a discount of 8%
    When we offer a discount of 8%
    Then the verdict is escalate

  Scenario Outline: Nor under another spelling of their name: <name>
    Given "<name>" acts for us
    And the manager "mia" approved a discount of 8%
    When we offer a discount of 8%
    Then the verdict is escalate

    Examples:
      | name |
      | Mia  |
      | MIA  |

  Scenario: Nor where a colleague says the same, or they accept it
    Given "mia" acts for us
    And we offered a discount of 8%
    And the manager "mia" approved a discount of 8%
    And "max" acts for us
    When we offer a discount of 8%
    Then the verdict is escalate
    When they accept our offer
    Then the verdict is escalate
    And rule "manager-decides" decides

  Scenario: An approval holds until it expires, the last moment included
    Given the manager "mia" approved for 2 days a discount of 8%
    And 2 days later
    When we offer a discount of 8%
    Then the verdict is proceed
    Given 1 second later
    When we offer a discount of 8%
    Then the verdict is escalate

  Scenario: An approval meets what we accept and what they offer alike
    Given they offered a discount of 12%
    And the director "dana" approved a discount of 12%
    When they offer a discount of 12%
    Then rule "manager-decides" is met by an approval
    When we accept their offer
    Then the verdict is proceed

  Scenario: No approval meets a walk value
    Given the cfo "carla" approved a discount of 25%
    When we offer a discount of 20.0001%
    Then the verdict is refuse
    And rule "beyond-walk" decides

  Scenario: No approval meets a rule that asks for none
    Given the cfo "carla" approved term 6 months
    When we offer term 11 months
    Then the verdict is refuse

  Scenario: A waiver lifts a rule that can be lifted, for terms as bad as these, for a while
    Given the director "dana" lifted "no-gold-support" for 1 day, because "a pilot", up to support gold
    When we offer support gold
    Then the verdict is proceed
    And rule "no-gold-support" is lifted
    When we offer support gold and term 11 months
    Then rule "no-gold-support" decides
    Given 25 hours later
    When we offer support gold and term 12 months
    Then the verdict is refuse

  Scenario: An approval that lifts nothing does not lift
    Given the cfo "carla" approved support gold
    When we offer support gold
    Then the verdict is refuse

  Scenario: A waiver by too low a role does not count
    When the manager "mia" lifts "no-gold-support" for 1 day, because "a pilot", up to support gold
    Then it is a dead letter with WA612

  Scenario Outline: What cannot be lifted is not lifted
    When the cfo "carla" lifts "<rule>" for 1 day, because "a pilot", up to term 6 months
    Then it is a dead letter with WA612

    Examples:
      | rule           |
      | no-short-terms |
      | beyond-walk    |
      | unprepared     |
      | no-such-rule   |
