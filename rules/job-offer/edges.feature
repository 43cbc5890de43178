# Where a comparison turns, and where a limit lies: the last value at which a rule fires, and the first at which it does
# not. `walkaway test --mutate` wrote them.
Feature: job-offer at its edges

  Scenario: above-the-band fires at give.value > 0 USD
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 90,000 USD |
    And the deal opens
    And it is 2026-11-02T09:03:00Z
    When we offer:
      | salary | 90,000.01 USD |
    Then rule "above-the-band" fires

  Scenario: open-near-the-wish does not fire at offer.worth < 70,000 USD
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    When we offer:
      | car    | yes        |
      | salary | 72,000 USD |
    Then rule "open-near-the-wish" does not fire

  Scenario: open-near-the-wish fires at offer.worth < 70,000 USD
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    When we offer:
      | car    | yes           |
      | salary | 72,000.01 USD |
    Then rule "open-near-the-wish" fires

  Scenario: they-repeat-themselves does not fire at theirs.flat >= 2
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | car | yes |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | car | yes |
    And it is 2026-11-02T09:03:00Z
    When they offer:
      | car | yes |
    Then rule "they-repeat-themselves" does not fire

  Scenario: short-of-want fires at want of salary
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:03:00Z
    When they offer:
      | salary | 90,000.01 USD |
    Then rule "short-of-want" fires

  Scenario: short-of-want does not fire at want of salary
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:02:00Z
    When they offer:
      | salary | 90,000 USD |
    Then rule "short-of-want" does not fire

  Scenario: short-of-want fires at want of pension
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:02:00Z
    When they offer:
      | salary  | 90,000 USD |
      | pension | 10.0001%   |
    Then rule "short-of-want" fires

  Scenario: nothing-for-nothing fires at start of promotion
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | pension | 20% |
      | hours   | 9   |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | pension | 10% |
      | hours   | 10  |
    And it is 2026-11-02T09:03:00Z
    When we offer:
      | pension   | 10%                  |
      | hours     | 9                    |
      | promotion | Fast promotion track |
    Then rule "nothing-for-nothing" fires

  Scenario: short-of-want fires at want of hours
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    When they offer:
      | job   | Project Manager |
      | hours | 8               |
    Then rule "short-of-want" fires

  Scenario: wait-for-their-answer fires at give.net > 0 USD
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 0.10 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 80,000 USD |
    And it is 2026-11-02T09:03:00Z
    And we offer:
      | car | yes |
    And it is 2026-11-02T09:04:00Z
    When we offer:
      | pension | 10% |
    Then rule "wait-for-their-answer" fires

  Scenario: wait-for-their-answer does not fire at give.net > 0 USD
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 90,000 USD |
    And it is 2026-11-02T09:03:00Z
    And we offer:
      | car | yes |
    When we offer:
      | car | yes |
    Then rule "wait-for-their-answer" does not fire

  Scenario: stand-by-what-we-said fires at give.net > 0 USD
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 0.10 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 80,000 USD |
    And it is 2026-11-02T09:03:00Z
    And we offer:
      | car | yes |
    And it is 2026-11-02T09:05:00Z
    And threatened_to_leave by us is confirmed
    And it is 2026-11-02T09:06:00Z
    When we offer:
      | pension | 10% |
    Then rule "stand-by-what-we-said" fires

  Scenario: stand-by-what-we-said does not fire at give.net > 0 USD
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And threatened_to_leave by us is confirmed
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:03:00Z
    And they offer:
      | salary | 80,000 USD |
    And it is 2026-11-02T09:04:00Z
    And we offer:
      | car | yes |
    When we offer:
      | car | yes |
    Then rule "stand-by-what-we-said" does not fire

  Scenario: many-steps does not fire at ours.concessions >= 8
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 80,000 USD |
    And it is 2026-11-02T09:03:00Z
    And we offer:
      | pension | 1% |
    And it is 2026-11-02T09:04:00Z
    And they reject our offer
    And it is 2026-11-02T09:05:00Z
    And we offer:
      | pension | 2% |
    And it is 2026-11-02T09:06:00Z
    And they reject our offer
    And it is 2026-11-02T09:07:00Z
    And we offer:
      | pension | 3% |
    And it is 2026-11-02T09:08:00Z
    And they reject our offer
    And it is 2026-11-02T09:09:00Z
    And we offer:
      | pension | 4% |
    And it is 2026-11-02T09:10:00Z
    And they reject our offer
    And it is 2026-11-02T09:11:00Z
    And we offer:
      | pension | 5% |
    And it is 2026-11-02T09:12:00Z
    And they reject our offer
    And it is 2026-11-02T09:13:00Z
    And we offer:
      | pension | 6% |
    And it is 2026-11-02T09:14:00Z
    And they reject our offer
    And it is 2026-11-02T09:15:00Z
    And we offer:
      | pension | 7% |
    And it is 2026-11-02T09:17:00Z
    When we offer:
      | pension | 8% |
    Then rule "many-steps" does not fire

  Scenario: second-pair-of-eyes fires at give.net > 0 USD
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 1 USD |
    And the deal opens
    And it is 2026-11-02T09:01:00Z
    And they offer:
      | salary | 120,000 USD |
    And it is 2026-11-02T09:02:00Z
    And they offer:
      | salary | 80,000 USD |
    And it is 2026-11-02T09:03:00Z
    And we offer:
      | pension | 1% |
    And it is 2026-11-02T09:04:00Z
    And they reject our offer
    And it is 2026-11-02T09:05:00Z
    And we offer:
      | pension | 2% |
    And it is 2026-11-02T09:06:00Z
    And they reject our offer
    And it is 2026-11-02T09:07:00Z
    And we offer:
      | pension | 3% |
    And it is 2026-11-02T09:08:00Z
    And they reject our offer
    And it is 2026-11-02T09:09:00Z
    And we offer:
      | pension | 4% |
    And it is 2026-11-02T09:10:00Z
    And they reject our offer
    And it is 2026-11-02T09:11:00Z
    And we offer:
      | pension | 5% |
    And it is 2026-11-02T09:12:00Z
    And they reject our offer
    And it is 2026-11-02T09:13:00Z
    And we offer:
      | pension | 6% |
    And it is 2026-11-02T09:14:00Z
    And they reject our offer
    And it is 2026-11-02T09:15:00Z
    And we offer:
      | pension | 7% |
    And it is 2026-11-02T09:16:00Z
    And they reject our offer
    And it is 2026-11-02T09:17:00Z
    And we offer:
      | pension | 8% |
    And it is 2026-11-02T09:19:00Z
    When we offer:
      | pension | 9% |
    Then rule "second-pair-of-eyes" fires

  Scenario: second-pair-of-eyes does not fire at give.net > 0 USD
    Given the policy "rules/job-offer"
    And it is 2026-11-02T09:00:00Z
    And a deal with:
      | opening_salary | 60,000 USD |
    And the deal opens
    And it is 2026-11-02T09:45:01Z
    When we offer:
      | car    | yes   |
      | salary | 1 USD |
    Then rule "second-pair-of-eyes" does not fire
