# Where a comparison turns, and where a limit lies: the last value at which a rule fires, and the first at which it does
# not. `walkaway test --mutate` wrote them.
Feature: job-candidate at its edges

  Scenario: below-the-band fires at give.value > 0 USD
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 150,000 USD |
    And the deal opens
    And it is 2026-11-02T09:03:00Z
    When we offer:
      | salary | 149,999.99 USD |
    Then rule "below-the-band" fires

  Scenario: open-near-the-wish does not fire at offer.worth < 70,000 USD
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    When we offer:
      | car    | no        |
      | salary | 168,000 USD |
    Then rule "open-near-the-wish" does not fire

  Scenario: open-near-the-wish fires at offer.worth < 70,000 USD
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    When we offer:
      | car    | no           |
      | salary | 167,999.99 USD |
    Then rule "open-near-the-wish" fires

  Scenario: they-repeat-themselves does not fire at theirs.flat >= 2
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | car | no |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | car | no |
    And it is 2026-11-02T09:03:00Z
    When they offer:
      | car | no |
    Then rule "they-repeat-themselves" does not fire

  Scenario: short-of-want fires at want of salary
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:03:00Z
    When they offer:
      | salary | 149,999.99 USD |
    Then rule "short-of-want" fires

  Scenario: short-of-want does not fire at want of salary
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:02:00Z
    When they offer:
      | salary | 150,000 USD |
    Then rule "short-of-want" does not fire

  Scenario: short-of-want fires at want of pension
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:02:00Z
    When they offer:
      | salary  | 150,000 USD |
      | pension | 9.9999%   |
    Then rule "short-of-want" fires

  Scenario: nothing-for-nothing fires at start of promotion
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | pension | 0% |
      | hours   | 9   |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | pension | 10% |
      | hours   | 8  |
    And it is 2026-11-02T09:03:00Z
    When we offer:
      | pension   | 10%                  |
      | hours     | 9                    |
      | promotion | Slow promotion track |
    Then rule "nothing-for-nothing" fires

  Scenario: short-of-want fires at want of hours
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    When they offer:
      | job   | QA |
      | hours | 10               |
    Then rule "short-of-want" fires

  Scenario: wait-for-their-answer fires at give.net > 0 USD
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 160,000 USD |
    And it is 2026-11-02T09:03:00Z
    And we offer:
      | car | no |
    And it is 2026-11-02T09:04:00Z
    When we offer:
      | pension | 10%            |
      | salary  | 185,999.99 USD |
    Then rule "wait-for-their-answer" fires

  Scenario: wait-for-their-answer does not fire at give.net > 0 USD
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 150,000 USD |
    And it is 2026-11-02T09:03:00Z
    And we offer:
      | car | no |
    When we offer:
      | car | no |
    Then rule "wait-for-their-answer" does not fire

  Scenario: stand-by-what-we-said fires at give.net > 0 USD
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 160,000 USD |
    And it is 2026-11-02T09:03:00Z
    And we offer:
      | car | no |
    And it is 2026-11-02T09:05:00Z
    And threatened_to_leave by us is confirmed
    And it is 2026-11-02T09:06:00Z
    When we offer:
      | pension | 10%            |
      | salary  | 185,999.99 USD |
    Then rule "stand-by-what-we-said" fires

  Scenario: stand-by-what-we-said does not fire at give.net > 0 USD
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And threatened_to_leave by us is confirmed
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:03:00Z
    And they offer:
      | salary | 160,000 USD |
    And it is 2026-11-02T09:04:00Z
    And we offer:
      | car | no |
    When we offer:
      | car | no |
    Then rule "stand-by-what-we-said" does not fire

  Scenario: many-steps does not fire at ours.concessions >= 8
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 160,000 USD |
    And it is 2026-11-02T09:03:00Z
    And we offer:
      | pension | 19% |
    And it is 2026-11-02T09:04:00Z
    And they reject our offer
    And it is 2026-11-02T09:05:00Z
    And we offer:
      | pension | 18% |
    And it is 2026-11-02T09:06:00Z
    And they reject our offer
    And it is 2026-11-02T09:07:00Z
    And we offer:
      | pension | 17% |
    And it is 2026-11-02T09:08:00Z
    And they reject our offer
    And it is 2026-11-02T09:09:00Z
    And we offer:
      | pension | 16% |
    And it is 2026-11-02T09:10:00Z
    And they reject our offer
    And it is 2026-11-02T09:11:00Z
    And we offer:
      | pension | 15% |
    And it is 2026-11-02T09:12:00Z
    And they reject our offer
    And it is 2026-11-02T09:13:00Z
    And we offer:
      | pension | 14% |
    And it is 2026-11-02T09:14:00Z
    And they reject our offer
    And it is 2026-11-02T09:15:00Z
    And we offer:
      | pension | 13% |
    And it is 2026-11-02T09:17:00Z
    When we offer:
      | pension | 12% |
    Then rule "many-steps" does not fire

  Scenario: second-pair-of-eyes fires at give.net > 0 USD
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And nobody says who acts for us
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:45:01Z
    When we offer:
      | car    | no             |
      | salary | 187,999.99 USD |
    Then rule "second-pair-of-eyes" fires

  Scenario: second-pair-of-eyes does not fire at give.net > 0 USD
    Given the policy "rules/job-candidate"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | asking_salary | 180,000 USD |
    And the deal opens
    And it is 2026-11-02T09:45:01Z
    When we offer:
      | car    | no   |
      | salary | 239,999 USD |
    Then rule "second-pair-of-eyes" does not fire
