Feature: What two issues come to together
  A product of what is negotiated is a fact like any other: exact, and read by rules.

  Background:
    Given the policy "policies/totals"

  Scenario Outline: So many seats at a price
    When we offer seats <seats> and price <price>
    Then derived.total is <total>
    And the verdict is <verdict>

    Examples:
      | seats | price    | total         | verdict  |
      | 120   | 100 USD  | 12,000 USD    | proceed  |
      | 300   | 99.99 USD | 29,997 USD    | proceed  |
      | 300   | 85 USD   | 25,500 USD    | escalate |
      | 40    | 100 USD  | 4,000 USD     | refuse   |

  Scenario: What an offer leaves open is multiplied as it stands
    When we offer seats 300
    Then derived.total is 30,000 USD

  Scenario: Accepting theirs is judged by what it comes to
    When they offer seats 200 and price 80 USD
    Then the verdict is escalate
