Feature: The ledger: what was said, what was cleared, and what they conceded
  1% of discount is worth 1,000 USD, a month of term 100 USD, payment up front 2,000 USD. `afterwards` shows the ledger
  as the next event will find it; without it, facts are as the last event found them.

  Background:
    Given the policy "policies/ledger"

  # Offers of ours

  Scenario: Before anybody has offered anything
    When the deal opens
    Then afterwards the facts are:
      | ours.offers          | 0       |
      | ours.concessions     | 0       |
      | ours.net             | 0 USD   |
      | ours.last_give       | 0 USD   |
      | ours.last.discount   | unknown |
      | theirs.offers        | 0       |
      | theirs.net           | 0 USD   |
      | theirs.last.discount | unknown |
      | balance              | 0 USD   |
      | since.our_offer      | unknown |
      | since.their_offer    | unknown |
      | since.our_concession | unknown |

  Scenario: An offer of ours is measured against the start terms first
    When we offer discount 5%, term 24 months and prepay yes
    Then the facts are:
      | offer.discount | 5%         |
      | offer.term     | 24 months  |
      | offer.worth    | 98,200 USD |
      | offer.first    | yes        |
      | offer.by       | us         |
      | give.value     | 5,000 USD  |
      | give.issues    | 1          |
      | asked.value    | 3,200 USD  |
      | asked.issues   | 2          |
      | get.value      | 3,200 USD  |
      | move.value     | unknown    |
      | ours.offers    | 0          |
    And afterwards the facts are:
      | ours.offers        | 1          |
      | ours.concessions   | 1          |
      | ours.net           | -1,800 USD |
      | ours.last_give     | 1,800 USD  |
      | ours.last.discount | 5%         |
      | ours.last.prepay   | yes        |
      | balance            | -1,800 USD |

  Scenario: An offer of ours is measured against what was cleared after that
    Given we offered discount 5% and term 24 months
    When we offer discount 7% and term 36 months
    Then the facts are:
      | give.value  | 2,000 USD |
      | asked.value | 1,200 USD |
      | offer.first | no        |
    And afterwards ours.net is -4,600 USD

  Scenario: An issue left out keeps its standing value
    Given we offered discount 5% and term 24 months
    When we offer prepay yes
    Then the facts are:
      | offer.discount | 5%        |
      | offer.term     | 24 months |
      | give.value     | 0 USD     |
      | asked.value    | 2,000 USD |

  Scenario: Opening terms are our first offer
    Given our opening terms are a discount of 2%
    When we offer a discount of 5%
    Then give.value is 3,000 USD
    And offer.worth is 95,000 USD
    And offer.first is no
    And ours.net is -2,000 USD

  Scenario: What they are ahead by counts as got, and what we are ahead by does not
    Given they offered a discount of 30%
    And they offered a discount of 27%
    When we offer a discount of 1%
    Then the facts are:
      | balance    | 3,000 USD |
      | get.value  | 3,000 USD |
      | give.value | 1,000 USD |
    When we offer a discount of 6%
    Then the facts are:
      | balance   | 2,000 USD |
      | get.value | 2,000 USD |
    When we offer a discount of 7%
    Then the facts are:
      | balance   | -3,000 USD |
      | get.value | 0 USD      |

  # Offers of theirs

  Scenario: Their first offer only sets the base
    When they offer a discount of 30%
    Then the facts are:
      | offer.first    | yes        |
      | offer.by       | them       |
      | offer.worth    | 70,000 USD |
      | move.value     | 0 USD      |
      | move.retracted | 0          |
      | give.value     | unknown    |
    And afterwards the facts are:
      | theirs.offers        | 1     |
      | theirs.concessions   | 0     |
      | theirs.net           | 0 USD |
      | theirs.last_give     | 0 USD |
      | theirs.last.discount | 30%   |
      | theirs.flat          | 0     |
      | balance              | 0 USD |

  Scenario: A later offer of theirs is measured against their last
    Given they offered discount 30% and term 24 months
    When they offer discount 25% and term 12 months
    Then the facts are:
      | move.value     | 3,800 USD |
      | move.retracted | 1         |
    And afterwards the facts are:
      | theirs.concessions | 1         |
      | theirs.net         | 3,800 USD |
      | theirs.last_give   | 3,800 USD |
      | theirs.retracted   | 1         |

  Scenario: An offer of theirs that is worse for us is no concession, and is counted against them
    Given they offered a discount of 20%
    When they offer a discount of 25%
    Then the facts are:
      | move.value     | -5,000 USD |
      | move.retracted | 1          |
    And afterwards the facts are:
      | theirs.concessions | 0          |
      | theirs.net         | -5,000 USD |
      | theirs.last_give   | 0 USD      |
      | balance            | -5,000 USD |

  # Rhythm

  Scenario: Offers in a row are counted until the other side answers
    Given we offered a discount of 1%
    And we offered a discount of 2%
    When we offer a discount of 3%
    Then ours.in_a_row is 2
    And afterwards ours.in_a_row is 3

  Scenario Outline: An offer, an acceptance or a rejection of theirs ends the row
    Given they offered a discount of 30%
    And we offered a discount of 1%
    And we offered a discount of 2%
    When <they answer>
    Then afterwards ours.in_a_row is 0

    Examples:
      | they answer                  |
      | they offer a discount of 29% |
      | they accept our discount     |
      | they reject our offer        |

  Scenario Outline: Nothing else ends the row
    Given we offered a discount of 1%
    When <something else happens>
    Then afterwards ours.in_a_row is 1

    Examples:
      | something else happens         |
      | 3 days pass                    |
      | deception by them is confirmed |
      | our BATNA is worth 1 USD       |

  Scenario: Our rejection ends their row
    Given they offered a discount of 30%
    And they offered a discount of 29%
    When we reject their offer
    Then the facts are:
      | theirs.in_a_row | 2 |
      | ours.rejections | 0 |
    And afterwards the facts are:
      | theirs.in_a_row | 0 |
      | ours.rejections | 1 |

  Scenario: Concessions are unreturned until the other side makes one
    Given they offered a discount of 30%
    And we offered a discount of 1%
    And they offered a discount of 30%
    And we offered a discount of 2%
    When they offer a discount of 29%
    Then the facts are:
      | ours.unreturned   | 2 |
      | theirs.unreturned | 0 |
    And afterwards the facts are:
      | ours.unreturned   | 0 |
      | theirs.unreturned | 1 |

  Scenario: An offer that is no concession returns nothing
    Given we offered a discount of 1%
    And they offered a discount of 30%
    When they offer a discount of 30%
    Then afterwards ours.unreturned is 1

  Scenario: Flat offers are counted in a row, a first offer not among them
    Given they offered a discount of 30%
    And they offered a discount of 30%
    When they offer a discount of 31%
    Then theirs.flat is 1
    And afterwards theirs.flat is 2
    When they offer a discount of 30%
    Then afterwards theirs.flat is 0

  Scenario: Our own flat offers are counted alike
    Given we offered term 24 months
    And we offered prepay yes
    When we offer term 30 months
    Then ours.flat is 1
    And afterwards ours.flat is 2
    When we offer a discount of 1%
    Then afterwards ours.flat is 0

  # Taking back

  Scenario: What they take back is counted issue by issue
    Given they offered discount 20%, term 36 months and prepay yes
    When they offer discount 25%, term 24 months and prepay yes
    Then move.retracted is 2
    And afterwards theirs.retracted is 2
    When they offer prepay no
    Then afterwards theirs.retracted is 3

  Scenario: What was settled can be taken back too
    Given they offered a discount of 20%
    And we offered a discount of 5%
    And they accepted our discount
    When they offer a discount of 10%
    Then move.retracted is 1
    And afterwards theirs.retracted is 1

  Scenario: A concession of ours that we take back is counted
    Given we offered a discount of 5%
    When we offer a discount of 4%
    Then asked.value is 1,000 USD
    And afterwards ours.retracted is 1

  Scenario: Asking on an issue nobody has named takes nothing back
    Given we offered a discount of 5%
    When we offer term 24 months
    Then afterwards ours.retracted is 0

  # Settling

  Scenario: An acceptance of some issues settles these
    Given we offered discount 5%, term 24 months and prepay yes
    When they accept our discount and term
    Then afterwards the facts are:
      | theirs.settled       | 2         |
      | ours.settled         | 0         |
      | theirs.offers        | 1         |
      | theirs.last.discount | 5%        |
      | theirs.last.term     | 24 months |
      | theirs.last.prepay   | no        |

  Scenario: An acceptance of the whole offer settles every issue
    Given they offered a discount of 5%
    When we accept their offer
    Then give.value is 5,000 USD
    And afterwards the facts are:
      | ours.settled       | 3          |
      | ours.offers        | 1          |
      | ours.concessions   | 1          |
      | ours.net           | -5,000 USD |
      | ours.last.discount | 5%         |

  Scenario: An acceptance of theirs counts as a move of theirs
    Given they offered a discount of 20%
    And we offered a discount of 5%
    When they accept our offer
    Then move.value is 15,000 USD
    And afterwards the facts are:
      | theirs.concessions | 1          |
      | theirs.net         | 15,000 USD |
      | balance            | 10,000 USD |

  # Time and conduct

  Scenario: Time is counted from each kind of event
    Given it is 2026-10-05T09:00:00Z
    And the deal opened
    And 1 hour later
    And they offered a discount of 30%
    And 1 hour later
    And we offered a discount of 1%
    And 1 hour later
    And they offered a discount of 29%
    And 1 hour later
    And we offered term 24 months
    When 30 minutes pass
    Then the facts are:
      | since.opened           | 270 minutes |
      | since.our_offer        | 30 minutes  |
      | since.their_offer      | 90 minutes  |
      | since.our_concession   | 150 minutes |
      | since.their_concession | 90 minutes  |

  Scenario: The event judged is not yet part of the time since
    Given they offered a discount of 30%
    And 2 hours later
    When they offer a discount of 29%
    Then since.their_offer is 2 hours
    And since.their_concession is unknown
    And afterwards since.their_offer is 0 seconds

  Scenario: A signal being judged counts already; one that is not confirmed never does
    Given deception by them was reported but not confirmed
    When deception by them is confirmed
    Then signals.deception is 1
    And afterwards signals.deception is 1

  # Limits

  Scenario: Limits and the distance to them
    Given the limits are:
      | issue    | wish      | want | walk |
      | discount | 0%        | 8%   | 15%  |
      | term     | 36 months |      |      |
    And our BATNA is worth 70,000 USD
    When we offer a discount of 16%
    Then the facts are:
      | wish.discount      | 0%         |
      | want.discount      | 8%         |
      | walk.discount      | 15%        |
      | wish.term          | 36 months  |
      | walk.term          | unknown    |
      | batna.worth        | 70,000 USD |
      | room.discount      | -1%        |
      | room.package       | unknown    |
      | room.beyond_walk   | 1          |
      | room.short_of_want | 1          |

  # What was not let through

  Scenario: An offer that was refused was said, and counts as nothing else
    Given we offered a discount of 25%
    When they offer a discount of 30%
    Then the facts are:
      | ours.last.discount    | 25%   |
      | ours.first.discount   | 25%   |
      | ours.cleared.discount | 0%    |
      | ours.uncleared        | 1     |
      | ours.offers           | 0     |
      | ours.net              | 0 USD |
      | ours.last_give        | 0 USD |

  Scenario: A rejection is counted of what was said
    Given we offered a discount of 25%
    When they reject our offer
    Then afterwards theirs.rejections is 1

  Scenario: After a refused offer the next is measured from what was cleared
    Given we offered a discount of 5%
    And we offered a discount of 25%
    When we offer a discount of 6%
    Then the facts are:
      | give.value     | 1,000 USD |
      | ours.in_a_row  | 1         |
      | ours.last_give | 5,000 USD |

  # Give, get and run

  Scenario: What is given and asked for in one package is a give in each part, and a concession in sum
    When we offer discount 5%, term 24 months and prepay yes
    Then the facts are:
      | give.value | 5,000 USD |
      | give.net   | 1,800 USD |
      | give.run   | 5,000 USD |

  Scenario: Dropping what we asked for is a give
    Given we offered discount 2% and prepay yes
    When we offer prepay no
    Then give.value is 2,000 USD
    And get.value is 0 USD

  Scenario: A run is measured from what was cleared when they last spoke
    Given they offered a discount of 30%
    And we offered a discount of 1%
    And we offered a discount of 2%
    When we offer a discount of 4%
    Then give.value is 2,000 USD
    And give.run is 4,000 USD
    Given they rejected our offer
    When we offer a discount of 5%
    Then give.run is 1,000 USD

  Scenario: What they conceded and we ask for is one thing
    Given they offered discount 30% and prepay no
    And they offered discount 30% and prepay yes
    When we offer discount 4% and prepay yes
    Then the facts are:
      | theirs.net  | 2,000 USD |
      | asked.value | 2,000 USD |
      | get.value   | 2,000 USD |
      | give.value  | 4,000 USD |

  # First mentions

  Scenario: What they name for the first time is a demand, and no move
    Given they offered a discount of 20%
    And they offered a discount of 15%
    When they offer term 6 months
    Then the facts are:
      | move.value     | 0 USD    |
      | move.new       | -600 USD |
      | move.retracted | 0        |
    And afterwards the facts are:
      | theirs.net       | 5,000 USD |
      | theirs.retracted | 0         |
      | theirs.flat      | 0         |

  Scenario: One offer of ours is rejected once, however often they say so
    Given we offered a discount of 1%
    And they rejected our offer
    When they reject our offer
    Then afterwards theirs.rejections is 1

  Scenario: A counter that does not take it rejects it too
    Given we offered a discount of 1%
    When they offer a discount of 10%
    Then afterwards theirs.rejections is 1

  Scenario: An offer we only consider leaves nothing in the ledger
    Given we offered a discount of 5%
    When we consider offering a discount of 25%
    Then the verdict is refuse
    And give.value is 20,000 USD
    And afterwards the facts are:
      | ours.offers        | 1  |
      | ours.last.discount | 5% |
