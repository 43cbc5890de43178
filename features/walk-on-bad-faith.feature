Feature: Walk when they act in bad faith
  No relationship is worth dealing with people who lie. The door closes, whatever the deal is worth, and stays closed.

  Background:
    Given the policy "rules/saas-discounting"
    And a deal with list price 100,000 USD, segment enterprise and decision maker known yes

  Scenario: A confirmed deception ends the deal, and the door is closed
    Given they offered a discount of 10%
    When deception by them is confirmed
    Then the verdict is walk
    And the door is closed
    And rule "bad-faith" decides
    And there is nothing to do first

  Scenario: A report that is not confirmed decides nothing
    Given they offered a discount of 10%
    When deception by them is reported but not confirmed
    Then the verdict is proceed
    And signals.deception is 0

  Scenario Outline: The size of the deal changes nothing
    Given the deal's list price is <list price>
    When deception by them is confirmed
    Then the verdict is walk
    And the door is closed

    Examples:
      | list price      |
      | 0.01 USD        |
      | 5,000 USD       |
      | 5,000,000 USD   |
      | 900,000,000 USD |

  Scenario Outline: No stage of the deal protects it
    Given they offered a discount of 3%
    And <what happened>
    When deception by them is confirmed
    Then the verdict is walk
    And the door is closed

    Examples:
      | what happened                  |
      | we offered term 24 months      |
      | we accepted their offer        |
      | we rejected their offer        |
      | 30 days passed                 |
      | they offered a discount of 0%  |

    Examples: nor does an approval
      | what happened                                  |
      | the cfo "carla" approved a discount of 20%     |

  Scenario: A better offer does not open the door again
    Given they offered a discount of 30%
    And deception by them was confirmed
    When they offer a discount of 0%
    Then the verdict is walk
    And the door is closed

  Scenario: Nothing of ours goes out any more, not even what asks for everything
    Given they offered a discount of 30%
    And deception by them was confirmed
    And they offered a discount of 0%
    When we offer term 36 months and prepay yes
    Then the verdict is walk
    And the door is closed
    And rule "left" fires
    And there is nothing to do first
