Feature: Counteroffers that do pass
  A verdict other than proceed comes with offers that would pass, unless there is nothing more to say to them.

  Background:
    Given the policy "policies/counteroffers"

  Scenario: What would pay for a discount
    When we offer a discount of 2%
    Then the verdict is trade
    And a counteroffer is discount 2% and prepay yes

  Scenario: The counteroffer is one that proceeds
    Given we offered a discount of 2%
    And they rejected our offer
    When we consider offering discount 2% and prepay yes
    Then the verdict is proceed

  Scenario: What may be sent needs no other offer
    When we offer discount 2% and prepay yes
    Then the verdict is proceed
    And there is no counteroffer

  Scenario: Whoever lied gets none
    Given they offered a discount of 10%
    And deception by them was confirmed
    When they offer a discount of 0%
    Then the door is closed
    And there is no counteroffer

  Scenario: What they took and was not let through has its counteroffers too
    Given we offered a discount of 2%
    When they accept our offer
    Then the verdict is trade
    And a counteroffer is prepay yes
