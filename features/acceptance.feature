Feature: Accepting
  Accepting takes over the other party's standing terms, on all issues or on those named. Ours is judged like an offer
  of ours with these terms, theirs like an offer of theirs with ours.

  Background:
    Given the policy "policies/acceptance"

  Scenario: Our acceptance is judged with the terms that they offered
    Given they offered discount 10% and term 24 months
    And 1 day later
    When we accept their offer
    Then the verdict is proceed
    And the facts are:
      | offer.discount | 10%        |
      | offer.term     | 24 months  |
      | offer.by       | us         |
      | give.value     | 10,000 USD |
      | asked.value    | 1,200 USD  |

  Scenario: Rules for offers do not hear acceptances
    Given they offered a discount of 10%
    And 1 day later
    When we accept their offer
    Then rule "nothing-for-nothing" does not fire

  Scenario: Rules for our acceptance hear ours, and not theirs
    Given they offered a discount of 10%
    When we accept their offer
    Then the verdict is hold
    And only rule "sleep-on-it" fires
    When they accept our offer
    Then rule "sleep-on-it" does not fire

  Scenario: Their acceptance is judged with our terms
    Given they offered a discount of 15%
    And we offered discount 5% and term 24 months
    When they accept our offer
    Then the verdict is proceed
    And rule "thank-them" only advises
    And we may say "Thank you for accepting that."
    And the facts are:
      | offer.discount | 5%         |
      | offer.by       | them       |
      | move.value     | 10,000 USD |

  Scenario: An acceptance short of a want value is no offer of theirs, and needs no counter
    Given we offered a discount of 10%
    When they accept our offer
    Then rule "short-of-want" does not fire

  Scenario: Accepting some issues leaves the others where they stand
    Given we offered discount 1% and term 24 months
    And they offered discount 10% and term 36 months
    And 1 day later
    When we accept their term
    Then the verdict is proceed
    And the facts are:
      | offer.discount | 1%        |
      | offer.term     | 36 months |
      | give.value     | 0 USD     |
      | asked.value    | 1,200 USD |
    And afterwards ours.settled is 1

  Scenario: Some issues may be beyond their limit while others are accepted
    Given they offered discount 25% and term 24 months
    And 1 day later
    When we accept their term
    Then the verdict is proceed
    When we accept their discount
    Then the verdict is refuse

  Scenario Outline: What was never offered cannot be answered
    Given <before>
    When <the answer>
    Then it is a dead letter with WA606

    Examples:
      | before                         | the answer             |
      | the deal opened                | we accept their offer  |
      | the deal opened                | they accept our offer  |
      | the deal opened                | we reject their offer  |
      | they offered a discount of 10% | we accept their term   |
      | they offered a discount of 10% | they accept our offer  |
      | they offered a discount of 10% | they reject our offer  |

  Scenario: Our opening terms are an offer that can be answered
    Given our opening terms are a discount of 2%
    And the deal opened
    When they accept our offer
    Then offer.discount is 2%
    And offer.first is yes
    And move.value is 0 USD

  Scenario: Their first answer, if it is an acceptance, is their first offer
    Given we offered a discount of 5%
    When they accept our offer
    Then offer.first is yes
    And move.value is 0 USD
    And afterwards theirs.offers is 1
    And afterwards theirs.concessions is 0
