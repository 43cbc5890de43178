Feature: Gets with proof
  What they promise of an issue that is owed is to be delivered after the close; until then the deal is not over.

  Background:
    Given the policy "policies/delivery"
    And a deal with list price 100,000 USD
    And it is 2026-10-01T09:00:00Z

  Scenario Outline: A promise is overdue on the day after the last one
    Given we offered discount 3% and reference yes
    And they accepted our offer
    And the deal closed as won
    And it is <at>
    When 1 second passes
    Then the verdict is <verdict>

    Examples:
      | at                   | verdict  |
      | 2026-11-22T23:59:58Z | proceed  |
      | 2026-11-22T23:59:59Z | hold     |
      | 2026-11-30T23:59:58Z | hold     |
      | 2026-11-30T23:59:59Z | escalate |

  Scenario: What is delivered is owed no longer, and the deal is over
    Given we offered discount 3% and reference yes
    And they accepted our offer
    And the deal closed as won
    And it is 2026-12-03
    When they deliver reference with the proof "the letter of 3 December"
    Then the verdict is proceed
    When 1 day passes
    Then it is a dead letter with WA605

  Scenario: Each promise is delivered by itself, or both together
    Given we offered discount 5%, reference yes and case studies 2
    And they accepted our offer
    And the deal closed as won
    When they deliver reference with the proof "the letter of 5 October"
    Then the verdict is proceed
    Given it is 2026-12-20
    When 1 day passes
    Then the verdict is proceed
    When they deliver case studies with the proof "two pages on their site"
    Then the verdict is proceed
    When 1 day passes
    Then it is a dead letter with WA605

  Scenario: What was delivered before the deal is won is not owed
    Given we offered discount 3% and reference yes
    And they deliver reference with the proof "a call on 1 October"
    And they accepted our offer
    And the deal closed as won
    When 1 day passes
    Then it is a dead letter with WA605

  Scenario: Nothing is owed of what nobody promised
    Given we offered discount 3% and reference yes
    And they accepted our offer
    And the deal closed as won
    When they deliver case studies with the proof "two pages on their site"
    Then it is a dead letter with WA614

  Scenario: What was signed is owed, whatever was agreed
    Given we offered discount 3% and reference yes
    And they accepted our offer
    And the deal was signed with discount 3%, reference yes and case studies 1
    When they deliver case studies with the proof "a page on their site"
    Then the verdict is proceed

  Scenario: A deal that is lost owes nothing
    Given we offered discount 3% and reference yes
    And they accepted our offer
    And the deal closed as lost
    When 1 day passes
    Then it is a dead letter with WA605
