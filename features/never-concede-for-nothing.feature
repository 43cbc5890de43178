Feature: Never concede without getting something back
  A concession of ours buys something of equal value: in the same offer, or by what they have moved before.

  Background:
    Given the policy "rules/saas-discounting"
    And a deal with:
      | list price           | 100,000 USD |
      | segment              | enterprise  |
      | decision maker known | yes         |

  Scenario: A discount for nothing is not sent
    When we offer a discount of 5%
    Then the verdict is trade
    And rule "nothing-for-nothing" fires
    And give.value is 5,000 USD
    And get.value is 0 USD
    And we must first ask
    And we may say "We can look at that together with a longer term or payment up front."

  Scenario: The same discount for payment up front and a reference is sent
    When we offer:
      | discount  | 5%  |
      | prepay    | yes |
      | reference | yes |
    Then the verdict is proceed
    And get.value is 5,000 USD

  Scenario: The smallest step more than what comes back is for nothing
    When we offer:
      | discount  | 5.0001% |
      | prepay    | yes     |
      | reference | yes     |
    Then the verdict is trade
    And rule "nothing-for-nothing" fires
    And give.value is 5,000.10 USD

  Scenario: Better support is a concession like any other
    When we offer support gold
    Then rule "nothing-for-nothing" fires
    And give.value is 4,000 USD

  Scenario Outline: What they have given before pays for a discount of ours
    Given they offered a discount of 30%
    And they offered a discount of 26%
    When we offer a discount of <discount>
    Then balance is 4,000 USD
    And rule "nothing-for-nothing" <fires>

    Examples:
      | discount | fires         |
      | 4%       | does not fire |
      | 4.0001%  | fires         |

  Scenario: What has been paid for once is used up
    Given they offered a discount of 30%
    And they offered a discount of 26%
    And we offered a discount of 4%
    And they rejected our offer
    When we offer a discount of 5%
    Then rule "nothing-for-nothing" fires
    And give.value is 1,000 USD
    And balance is 0 USD

  Scenario: Their first offer is where they start from, and pays for nothing
    Given they offered a discount of 30%
    When we offer a discount of 1%
    Then rule "nothing-for-nothing" fires
    And balance is 0 USD

  Scenario: Asking for something without giving is no concession
    When we offer a term of 24 months
    Then the verdict is proceed
    And give.value is 0 USD
    And asked.value is 1,500 USD
