Feature: Walking away, and coming back
  A walk leaves the door open: we come back once they have moved. Bad faith closes it: we do not come back at all.

  Background:
    Given the policy "policies/walking"

  Scenario: They have stopped moving beyond our limit
    Given they offered a price of 70,000 USD
    And they offered a price of 70,000 USD
    And they offered a price of 69,000 USD
    When they offer a price of 69,000 USD
    Then the verdict is walk
    And the door is open
    And the advice is "Leave, with thanks, the reason, and an invitation back."
    And afterwards left.open is yes

  Scenario: After a walk with the door open our offers are refused
    Given abuse by them was confirmed
    When we offer a price of 95,000 USD
    Then the verdict is refuse
    And only rule "left" fires

  Scenario: Nor do we accept what they had offered before
    Given they offered a price of 95,000 USD
    And abuse by them was confirmed
    When we accept their offer
    Then the verdict is refuse
    And rule "left" fires

  Scenario: Once they move, we may come back
    Given they offered a price of 85,000 USD
    And abuse by them was confirmed
    And they offered a price of 86,000 USD
    When we offer a price of 95,000 USD
    Then the verdict is proceed

  Scenario: An offer that is no move does not bring us back
    Given they offered a price of 85,000 USD
    And abuse by them was confirmed
    And they offered a price of 84,000 USD
    When we offer a price of 95,000 USD
    Then the verdict is refuse

  Scenario: Their first offer is a move: until then they had said nothing
    Given abuse by them was confirmed
    And they offered a price of 90,000 USD
    When we offer a price of 95,000 USD
    Then the verdict is proceed

  Scenario: Time does not bring us back, nor does an approval
    Given abuse by them was confirmed
    And 90 days passed
    And the director "dana" approved a price of 80,000 USD
    When we offer a price of 95,000 USD
    Then the verdict is refuse

  Scenario: Whoever gives cause again is left again
    Given they offered a price of 85,000 USD
    And abuse by them was confirmed
    And they offered a price of 86,000 USD
    And abuse by them was confirmed
    When we offer a price of 95,000 USD
    Then the verdict is refuse

  Scenario: After a walk with the door closed our offers are refused, whatever they do
    Given they offered a price of 85,000 USD
    And deception by them was confirmed
    And they offered a price of 99,000 USD
    When we offer a price of 100,000 USD
    Then the verdict is refuse
    And rule "left" fires
    And left.closed is yes

  Scenario: A closed door does not open by a milder cause
    Given they offered a price of 85,000 USD
    And deception by them was confirmed
    When abuse by them is confirmed
    Then the verdict is walk
    And the door is closed
    And afterwards left.closed is yes

  Scenario: A walk that would leave the door open does not open a closed one
    Given they offered a price of 70,000 USD
    And deception by them was confirmed
    And they offered a price of 70,000 USD
    And they offered a price of 70,000 USD
    When they offer a price of 70,000 USD
    Then the verdict is walk
    And rule "no-room-left" fires
    And the door is closed
    And afterwards left.closed is yes

  Scenario: An open door may close later
    Given abuse by them was confirmed
    When deception by them is confirmed
    Then the door is closed
    And afterwards left.closed is yes
    And afterwards left.open is no

  Scenario: No other verdict has a door
    When they offer a price of 70,000 USD
    Then the verdict is trade
    And afterwards left.open is no

  Scenario: A deal recorded as walked is over
    Given they offered a price of 70,000 USD
    And the deal closes as walked
    When they offer a price of 99,000 USD
    Then it is a dead letter with WA605
