Feature: Versions of a policy
  A policy changes; a deal keeps the version it opened under until somebody moves it to another.

  Background:
    Given the policy "policies/renewals-2026"
    And its version "policies/renewals-2027"

  Scenario Outline: A deal opens under the version in force on its day
    Given it is <opened>
    When we offer a discount of <discount>
    Then walk.discount is <limit>
    And the verdict is <verdict>

    Examples:
      | opened                    | limit | discount | verdict |
      | 2026-12-31                | 15%   | 15%      | proceed |
      | 2026-12-31T23:59:59Z      | 15%   | 15.0001% | refuse  |
      | 2027-01-01T00:00:00Z      | 12%   | 12%      | proceed |
      | 2027-01-01T00:59:59+01:00 | 15%   | 15%      | proceed |
      | 2027-01-02                | 12%   | 15%      | refuse  |

  Scenario: A deal keeps its version after another came into force
    Given it is 2026-12-31
    And the deal opened
    And it is 2027-06-15
    When we offer a discount of 15%
    Then the verdict is proceed

  Scenario Outline: An update moves a deal to the version in force, or to the one it names
    Given it is 2026-12-31
    And the deal opened
    And it is 2027-01-02
    And the deal moves to policy "<named>"
    When we offer a discount of 15%
    Then walk.discount is 12%
    And the verdict is refuse

    Examples:
      | named      |
      | renewals   |
      | renewals@2 |

  Scenario: A deal that is moved is as old as it was
    Given it is 2026-12-31
    And the deal opened
    And it is 2027-04-02
    And the deal moves to policy "renewals@2"
    When we offer a discount of 5%
    Then the verdict is hold
    And rule "late-in-the-deal" fires

  Scenario Outline: A version that is not given, or not in force, gets no deal
    Given it is 2027-01-02
    And the deal opened
    When the deal moves to policy "<named>"
    Then it is a dead letter with <code>

    Examples:
      | named      | code  |
      | renewals@3 | WA610 |
      | others     | WA610 |
      | renewals@1 | WA609 |

  Scenario: A deal that we have left stays left under a version that has not that rule
    Given it is 2026-12-31
    And they offered a discount of 60%
    And it is 2027-01-02
    And the deal moves to policy "renewals@2"
    When we offer a discount of 0%
    Then the verdict is refuse
    And rule "left" fires
