Feature: Stop at the discount floor
  The floor is a number, agreed beforehand. At the floor we may still agree; past it nobody may, at any price.

  Background:
    Given the policy "rules/saas-discounting"
    And a deal with:
      | list price           | 100,000 USD |
      | segment              | enterprise  |
      | decision maker known | yes         |

  Scenario Outline: Each segment has its floor, to 1/10,000 of a percent
    Given the deal's segment is <segment>
    When we offer a discount of <discount>
    Then rule "beyond-walk" <fires>
    And the room of discount is <room>

    Examples:
      | segment    | discount | fires         | room     |
      | smb        | 14.9999% | does not fire | 0.0001%  |
      | smb        | 15%      | does not fire | 0%       |
      | smb        | 15.0001% | fires         | -0.0001% |
      | mid-market | 18%      | does not fire | 0%       |
      | mid-market | 18.0001% | fires         | -0.0001% |
      | enterprise | 20%      | does not fire | 0%       |
      | enterprise | 20.0001% | fires         | -0.0001% |

  Scenario: Past the floor an offer of ours is refused, however well it is paid
    When we offer:
      | discount  | 21%       |
      | term      | 60 months |
      | prepay    | yes       |
      | reference | yes       |
    Then the verdict is refuse
    And rule "beyond-walk" decides
    And rule "nothing-for-nothing" fires

  Scenario: Past the floor an offer of theirs wants a counter
    When they offer a discount of 21%
    Then the verdict is trade
    And rule "beyond-walk" fires

  Scenario: Past the floor we accept nothing
    Given they offered a discount of 21%
    When we accept their offer
    Then the verdict is refuse
    And rule "beyond-walk" decides

  Scenario: Past the floor we are not bound by what they accept
    Given we offered a discount of 21%
    When they accept our offer
    Then the verdict is refuse
    And rule "beyond-walk" decides

  Scenario Outline: Near the floor a director decides
    When we offer a discount of <discount>
    Then rule "near-the-floor" <fires>

    Examples:
      | discount | fires         |
      | 17%      | does not fire |
      | 17.0001% | fires         |
      | 20%      | fires         |

  Scenario: A director's approval meets the rule for terms as bad as these, and lifts no floor
    Given "ana" acts for us
    And the director "dana" approved a discount of 21%
    When we offer a discount of 18%
    Then rule "near-the-floor" is met by an approval
    When we consider offering a discount of 21%
    Then the verdict is refuse
    And rule "beyond-walk" decides

  Scenario: The whole package has a floor of its own
    Given the deal's segment is enterprise
    When we offer a discount of 20% and support gold
    Then rule "beyond-walk" fires
    And the room of discount is 0%
    And the room of the package is -4,000 USD

  Scenario: A deal may bring a tighter floor
    Given the walk value of discount is 10%
    When we offer a discount of 10.0001%
    Then the verdict is refuse

  Scenario: A deal may not bring a looser floor
    Given the walk value of discount is 20.0001%
    When the deal opens
    Then it is a dead letter with WA607
