Feature: A. Preparation: may this deal be bargained at all?
  Until a deal is prepared every offer holds, and the answer names what to prepare. A deal that is prepared may be
  bargained, which does not make every offer right.

  Background:
    Given the policy "rules/buying-principles/a-preparation.yaml"

  Scenario Outline: SP-001, SP-017 A prepared deal is judged on its merits, and passing the gates is not a yes
    Given a deal with:
      | limits set in advance    | yes                                      |
      | walk committed by        | the head of sales                        |
      | batna action             | buy the first machine of Acme            |
      | batna kind               | other party                              |
      | batna practical          | yes                                      |
      | worst case               | rent for another year, -140,000 USD      |
      | best case                | -105,000 USD                             |
      | case made                | yes                                      |
      | needs                    | an order by May                          |
      | fears                    | vendor lock-in                           |
      | decision maker confirmed | yes                                      |
      | decision by              | 2026-12-15, Berlin                       |
      | value to them            | 400,000 USD                              |
      | options valued           | 3                                        |
      | interests                | a steady line there, trained people here |
      | market                   | two competitors                          |
      | risks                    | a late start                             |
      | preparation score        | 9                                        |
      | due diligence            | started                                  |
      | negotiator certified     | yes                                      |
    And the limits are:
      | issue | wish        | want        | walk        |
      | price | 105,000 USD | 112,000 USD | 120,000 USD |
    And our BATNA is worth -122,000 USD
    And we offered a price of 100,000 USD
    And they rejected our offer
    And we offered a price of 100,000 USD
    And they rejected our offer
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "unprepared" does not fire
    And rule "short-of-want" <answer>

    Examples:
      | price          | verdict | answer        |
      | 108,000 USD    | proceed | does not fire |
      | 112,000 USD    | proceed | does not fire |
      | 112,000.01 USD | trade   | decides       |
      | 130,000 USD    | trade   | decides       |

  Scenario: SP-010, SP-012, SP-013, SP-025 A prepared deal in which they said no twice may be conceded in
    Given a deal with:
      | limits set in advance    | yes                                      |
      | walk committed by        | the head of sales                        |
      | batna action             | reopen in March                          |
      | batna kind               | wait                                     |
      | batna practical          | yes                                      |
      | worst case               | a quarter without this machine           |
      | case made                | yes                                      |
      | needs                    | an order by May                          |
      | wants                    | a name on the website                    |
      | decision maker confirmed | yes                                      |
      | decision by              | 2026-12-15, Berlin                       |
      | value to them            | 400,000 USD                              |
      | options valued           | 1                                        |
      | interests                | a steady line there, trained people here |
      | market                   | two competitors                          |
      | risks                    | a late start                             |
      | preparation score        | 7                                        |
      | negotiator certified     | yes                                      |
    And the limits are:
      | issue | wish        | want        | walk        |
      | price | 105,000 USD | 112,000 USD | 120,000 USD |
    And we offered a price of 100,000 USD
    And they rejected our offer
    And we offered a price of 100,000 USD
    And they rejected our offer
    When we offer a price of 103,000 USD
    Then the verdict is proceed
    And no rule fires

  # Our own numbers

  Scenario: SP-001 Without a walk value nothing is bargained
    When they offer a price of 108,000 USD
    Then the verdict is hold
    And rule "unprepared" decides
    And rule "unprepared" answers hold
    And we must first prepare: the walk value of price

  Scenario: SP-002 A walk value is a number
    Given the walk value of price is 120,000 USD
    When they offer a price of 108,000 USD
    Then rule "unprepared" does not fire

  Scenario: SP-002 A feeling is no walk value
    Given the walk value of price is when it feels too high
    When the deal opens
    Then it is a dead letter with WA504

  Scenario: SP-003 Wish, want and walk are all set
    Given the walk value of price is 120,000 USD
    And the want value of price is 112,000 USD
    When they offer a price of 108,000 USD
    Then the verdict is hold
    And rule "three-numbers" decides
    And rule "three-numbers" answers hold

  Scenario Outline: SP-003 Wish, want and walk are in order
    Given the wish value of price is <wish>
    And the want value of price is <want>
    And the walk value of price is 120,000 USD
    When they offer a price of 108,000 USD
    Then the verdict is hold
    And rule "three-numbers" does not fire
    And rule "numbers-in-order" <answer>

    Examples:
      | wish           | want           | answer        |
      | 105,000 USD    | 112,000 USD    | does not fire |
      | 112,000 USD    | 112,000 USD    | does not fire |
      | 105,000 USD    | 120,000 USD    | does not fire |
      | 105,000 USD    | 120,000.01 USD | decides       |
      | 105,000 USD    | 122,000 USD    | decides       |
      | 112,000.01 USD | 112,000 USD    | decides       |
      | 113,000 USD    | 112,000 USD    | decides       |

  Scenario: SP-003 Numbers out of order, or set too late, hold the deal
    Given the limits are:
      | issue | wish        | want        | walk        |
      | price | 105,000 USD | 122,000 USD | 120,000 USD |
    When they offer a price of 108,000 USD
    Then rule "numbers-in-order" answers hold
    And rule "numbers-in-advance" answers hold

  Scenario Outline: SP-003 Wish, want and walk are set in advance
    Given the deal's limits set in advance is <in advance>
    When they offer a price of 108,000 USD
    Then the verdict is hold
    And rule "numbers-in-advance" <answer>

    Examples:
      | in advance | answer        |
      | yes        | does not fire |
      | no         | decides       |

  # Facts that must be known: with the fact the rule is silent, without it every offer holds

  Scenario Outline: <no> <what> is known
    Given the deal's <fact> is <value>
    When they offer a price of 108,000 USD
    Then rule "<rule>" does not fire

    Examples:
      | no     | what                      | fact                     | value                         | rule                        |
      | SP-004 | Who stands by the walk    | walk committed by        | the head of sales             | somebody-stands-by-the-walk |
      | SP-005 | The alternative           | batna action             | buy the first machine of Acme | alternative-written-down    |
      | SP-006 | The kind of alternative   | batna kind               | wait                          | alternative-is-an-action    |
      | SP-006 | Doing nothing             | batna kind               | do nothing                    | alternative-is-an-action    |
      | SP-007 | A practical alternative   | batna practical          | yes                           | alternative-is-practical    |
      | SP-009 | The worst case            | worst case               | rent for another year         | worst-case-known            |
      | SP-014 | The decision maker        | decision maker confirmed | yes                           | who-decides                 |
      | SP-015 | Their timeline            | decision by              | 2026-12-15, Berlin            | when-they-decide            |
      | SP-019 | The other outcomes' value | options valued           | 3                             | outcomes-researched         |
      | SP-019 | One other outcome's value | options valued           | 1                             | outcomes-researched         |
      | SP-021 | The preparation           | preparation score        | 7                             | prepared-well-enough        |
      | SP-022 | Early due diligence       | due diligence            | started                       | due-diligence-early         |

  Scenario Outline: <no> <what> is not known
    When they offer a price of 108,000 USD
    Then the verdict is hold
    And rule "<rule>" decides
    And rule "<rule>" answers hold

    Examples:
      | no     | what                      | rule                        |
      | SP-004 | Who stands by the walk    | somebody-stands-by-the-walk |
      | SP-005 | The alternative           | alternative-written-down    |
      | SP-006 | The kind of alternative   | alternative-is-an-action    |
      | SP-007 | A practical alternative   | alternative-is-practical    |
      | SP-009 | The worst case            | worst-case-known            |
      | SP-014 | The decision maker        | who-decides                 |
      | SP-015 | Their timeline            | when-they-decide            |
      | SP-019 | The other outcomes' value | outcomes-researched         |
      | SP-021 | The preparation           | prepared-well-enough        |

  Scenario Outline: SP-021 A preparation of <score> in 10 is not enough
    Given the deal's preparation score is <score>
    When they offer a price of 108,000 USD
    Then rule "prepared-well-enough" decides

    Examples:
      | score |
      | 4     |
      | 6     |

  Scenario Outline: SP-007 A quote that has lapsed is no alternative
    Given it is 2026-11-20
    And a deal with batna practical yes and batna holds for 10 days
    And the deal opened
    And <time> later
    When they offer a price of 108,000 USD
    Then rule "alternative-is-practical" <answer>

    Examples:
      | time            | answer        |
      | 0 days          | does not fire |
      | 10 days         | does not fire |
      | 864,001 seconds | decides       |

  Scenario Outline: <no> A concession wants more: <what>, which is there
    Given the deal's <fact> is <value>
    When we offer a price of 103,000 USD
    Then rule "<rule>" does not fire

    Examples:
      | no     | what                     | fact                 | value           | rule                     |
      | SP-011 | what we bring            | case made            | yes             | case-first               |
      | SP-012 | their needs              | needs                | an order by May | needs-uncovered          |
      | SP-013 | their fears              | fears                | vendor lock-in  | wants-and-fears          |
      | SP-013 | their wants              | wants                | a big launch    | wants-and-fears          |
      | SP-016 | what it is worth to them | value to them        | 400,000 USD     | what-it-is-worth-to-them |
      | SP-025 | somebody trained         | negotiator certified | yes             | trained-negotiators      |

  Scenario Outline: <no> A concession wants more: <what>, which is missing
    When we offer a price of 103,000 USD
    Then the verdict is hold
    And rule "<rule>" <answer>
    And rule "<rule>" answers <verdict>

    Examples:
      | no     | what                     | rule                     | answer       | verdict  |
      | SP-010 | two rejections           | twice-rejected           | decides      | hold     |
      | SP-011 | what we bring            | case-first               | decides      | hold     |
      | SP-012 | their needs              | needs-uncovered          | decides      | hold     |
      | SP-013 | their wants and fears    | wants-and-fears          | only advises | hold     |
      | SP-016 | what it is worth to them | what-it-is-worth-to-them | decides      | hold     |
      | SP-025 | somebody trained         | trained-negotiators      | only advises | escalate |

  Scenario Outline: <no> One cent is a concession, and wants <what>
    When we offer a price of 100,000.01 USD
    Then rule "<rule>" decides

    Examples:
      | no     | what                     | rule                     |
      | SP-010 | two rejections           | twice-rejected           |
      | SP-011 | what we bring            | case-first               |
      | SP-012 | their needs              | needs-uncovered          |
      | SP-016 | what it is worth to them | what-it-is-worth-to-them |

  Scenario Outline: <no> Our guide price may be offered without <what>
    When we offer a price of 100,000 USD
    Then rule "<rule>" does not fire

    Examples:
      | no     | what                             | rule                     |
      | SP-010 | two rejections                   | twice-rejected           |
      | SP-011 | a demonstration                  | case-first               |
      | SP-012 | their needs                      | needs-uncovered          |
      | SP-016 | knowing what it is worth to them | what-it-is-worth-to-them |

  Scenario: SP-010 One rejection is not enough
    Given we offered a price of 100,000 USD
    And they rejected our offer
    When we offer a price of 103,000 USD
    Then the verdict is hold
    And rule "twice-rejected" decides

  Scenario: SP-010 Nor are two of the same offer
    Given we offered a price of 100,000 USD
    And they rejected our offer
    And they rejected our offer
    When we offer a price of 103,000 USD
    Then rule "twice-rejected" decides

  Scenario: SP-010 Two offers that they rejected are enough
    Given we offered a price of 100,000 USD
    And they rejected our offer
    And we offered a price of 100,000 USD
    And they rejected our offer
    When we offer a price of 103,000 USD
    Then rule "twice-rejected" does not fire

  Scenario: SP-010 To accept worse before that is to concede before that
    Given they offered a price of 108,000 USD
    When we accept their offer
    Then rule "twice-rejected" decides

  # Alternatives and outcomes

  Scenario: SP-008 To do nothing has a value
    Given the deal's batna kind is do nothing
    When they offer a price of 108,000 USD
    Then rule "doing-nothing-has-a-value" only advises

  Scenario: SP-008 Another kind of alternative is no matter of doing nothing
    Given the deal's batna kind is wait
    When they offer a price of 108,000 USD
    Then rule "doing-nothing-has-a-value" does not fire

  Scenario: SP-008 That value may be nothing
    Given the deal's batna kind is do nothing
    And our BATNA is worth 0 USD
    When they offer a price of 108,000 USD
    Then rule "doing-nothing-has-a-value" does not fire

  Scenario Outline: SP-018 A negotiation is opened only if its best outcome is worth more than the alternative
    Given the deal's best case is <best case>
    And our BATNA is worth -122,000 USD
    When the deal opens
    Then the verdict is <verdict>

    Examples:
      | best case       | verdict |
      | -105,000 USD    | proceed |
      | -122,000 USD    | proceed |
      | -122,000.01 USD | walk    |
      | -126,000 USD    | walk    |

  Scenario: SP-020 Interests, market and risks are gathered first
    Given a deal with interests "growth", market "two competitors" and risks "a late start"
    When they offer a price of 108,000 USD
    Then rule "interests-market-risks" does not fire

  Scenario: SP-020 Risks are missing
    Given a deal with interests "growth" and market "two competitors"
    When they offer a price of 108,000 USD
    Then rule "interests-market-risks" only advises

  Scenario: SP-022 Due diligence has not begun when the third offer lies open
    Given they offered a price of 115,000 USD
    And they offered a price of 114,000 USD
    When they offer a price of 113,000 USD
    Then rule "due-diligence-early" only advises

  Scenario: SP-022 Due diligence without a finding ends nothing
    Given the deal's due diligence is started
    When they offer a price of 108,000 USD
    Then the verdict is hold
    And rule "red-finding" does not fire

  Scenario: SP-022 On a red finding the advice is to leave
    Given the deal's due diligence is red finding
    When they offer a price of 108,000 USD
    Then rule "red-finding" only advises
    And rule "red-finding" answers walk

  Scenario Outline: SP-023 The plan to walk comes before the plan to close
    Given a deal with close plan <close> and walk plan <walk>
    When they offer a price of 108,000 USD
    Then rule "plan-to-walk-first" <answer>

    Examples:
      | close | walk | answer        |
      | no    | no   | does not fire |
      | yes   | yes  | does not fire |
      | yes   | no   | only advises  |

  Scenario: SP-024 An issue without a limit is put on the table
    When they offer liability capped
    Then the verdict is hold
    And rule "every-issue-has-a-limit" decides
    And rule "every-issue-has-a-limit" answers hold

  Scenario: SP-024 An issue that stays as it is needs no limit
    When they offer a price of 108,000 USD
    Then rule "every-issue-has-a-limit" does not fire

  Scenario: SP-024 A warranty that leaves the usual wants a limit too
    When they offer a warranty of 24 months
    Then rule "every-issue-has-a-limit" decides

  Scenario: SP-024 By a month too
    When they offer a warranty of 13 months
    Then rule "every-issue-has-a-limit" decides

  Scenario: SP-024 Every issue on the table has a limit
    Given the walk value of liability is capped
    And the walk value of warranty is 12 months
    When they offer liability capped and warranty 24 months
    Then rule "every-issue-has-a-limit" does not fire

  Scenario Outline: SP-026 A fixed price is fixed
    Given the deal's fixed price is <fixed>
    When we offer a price of <price>
    Then rule "fixed-price-is-fixed" <answer>

    Examples:
      | fixed | price          | answer        |
      | no    | 103,000 USD    | does not fire |
      | yes   | 103,000 USD    | decides       |
      | yes   | 100,000.01 USD | decides       |

  Scenario: SP-026 It is refused
    Given the deal's fixed price is yes
    When we offer a price of 103,000 USD
    Then the verdict is refuse

  Scenario: SP-026 A fixed price takes no concession, and everything else stays open
    Given the deal's fixed price is yes
    When we offer price 100,000 USD and warranty 24 months
    Then rule "fixed-price-is-fixed" does not fire
