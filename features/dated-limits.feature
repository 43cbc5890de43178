Feature: Dated limits
  Limits change on a day. A deal has those of the day it opened, by UTC, however long it lasts.

  Background:
    Given the policy "policies/dated"

  Scenario Outline: The new limit holds for deals that open on its first day, to the second
    Given a deal with segment smb
    And it is <opened>
    And the deal opened
    When we offer a discount of <discount>
    Then walk.discount is <limit>
    And the verdict is <verdict>

    Examples:
      | opened                    | limit | discount | verdict |
      | 2026-12-31                | 15%   | 15%      | proceed |
      | 2026-12-31T23:59:59Z      | 15%   | 15.0001% | refuse  |
      | 2027-01-01T00:00:00Z      | 12%   | 12%      | proceed |
      | 2027-01-01                | 12%   | 12.0001% | refuse  |
      | 2027-01-02                | 12%   | 15%      | refuse  |
      | 2027-01-01T00:59:59+01:00 | 15%   | 15%      | proceed |

  Scenario: A deal that opened before the change keeps its limit after it
    Given a deal with segment smb
    And it is 2026-12-31
    And the deal opened
    And it is 2027-01-15
    When we offer a discount of 15%
    Then walk.discount is 15%
    And the verdict is proceed

  Scenario: What a deal states later is looked up by the day it opened
    Given it is 2026-12-31
    And the deal opened
    And it is 2027-01-15
    And the deal's segment is smb
    When we offer a discount of 15%
    Then walk.discount is 15%

  Scenario: A row without a day holds on every day
    Given a deal with segment enterprise
    And it is 2027-01-01
    When we offer a discount of 20%
    Then the verdict is proceed
