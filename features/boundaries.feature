Feature: Boundaries, to the cent and to 1/10,000 of a percent
  Walk and want values are met at the number itself: one step past it they are not. The best alternative (BATNA) must
  be beaten: the same is not better. A buyer's limits mirror a seller's.

  Scenario Outline: An offer of ours may reach the walk value of an issue, and not pass it
    Given the policy "policies/<policy>"
    When we offer a price of <price>
    Then the verdict is <verdict>
    And the room of price is <room>
    And rule "beyond-walk" <fires>

    Examples: selling, walk 80,000 USD
      | policy       | price         | verdict | room      | fires         |
      | price-seller | 80,000.01 USD | proceed | 0.01 USD  | does not fire |
      | price-seller | 80,000 USD    | proceed | 0 USD     | does not fire |
      | price-seller | 79,999.99 USD | refuse  | -0.01 USD | fires         |

    Examples: buying, walk 7,200 USD
      | policy      | price        | verdict | room      | fires         |
      | price-buyer | 7,199.99 USD | proceed | 0.01 USD  | does not fire |
      | price-buyer | 7,200 USD    | proceed | 0 USD     | does not fire |
      | price-buyer | 7,200.01 USD | refuse  | -0.01 USD | fires         |

  Scenario Outline: An acceptance of ours may reach the walk value, and not pass it
    Given the policy "policies/<policy>"
    And they offered a price of <price>
    When we accept their offer
    Then the verdict is <verdict>

    Examples:
      | policy       | price         | verdict |
      | price-seller | 80,000 USD    | proceed |
      | price-seller | 79,999.99 USD | refuse  |
      | price-buyer  | 7,200 USD     | proceed |
      | price-buyer  | 7,200.01 USD  | refuse  |

  Scenario Outline: What they accept of ours may reach the walk value, and not pass it
    Given the policy "policies/<policy>"
    And we offered a price of <price>
    When they accept our offer
    Then the verdict is <verdict>

    Examples:
      | policy       | price         | verdict |
      | price-seller | 80,000 USD    | proceed |
      | price-seller | 79,999.99 USD | refuse  |
      | price-buyer  | 7,200 USD     | proceed |
      | price-buyer  | 7,200.01 USD  | refuse  |

  Scenario Outline: An offer of theirs short of the want value, or beyond the walk value, wants a counter
    Given the policy "policies/<policy>"
    When they offer a price of <price>
    Then the verdict is <verdict>
    And rule "short-of-want" <short>
    And rule "beyond-walk" <beyond>

    Examples: selling, want 88,000 USD
      | policy       | price         | verdict | short         | beyond        |
      | price-seller | 88,000 USD    | proceed | does not fire | does not fire |
      | price-seller | 87,999.99 USD | trade   | fires         | does not fire |
      | price-seller | 80,000 USD    | trade   | fires         | does not fire |
      | price-seller | 79,999.99 USD | trade   | fires         | fires         |

    Examples: buying, want 6,800 USD
      | policy      | price        | verdict | short         | beyond        |
      | price-buyer | 6,800 USD    | proceed | does not fire | does not fire |
      | price-buyer | 6,800.01 USD | trade   | fires         | does not fire |
      | price-buyer | 7,200 USD    | trade   | fires         | does not fire |
      | price-buyer | 7,200.01 USD | trade   | fires         | fires         |

  Scenario Outline: The best alternative must be beaten: a tie is no better
    Given the policy "policies/<policy>"
    And our BATNA is worth <batna>
    When we offer a price of <price>
    Then the verdict is <verdict>
    And offer.worth is <worth>

    Examples: selling, above the walk value
      | policy       | batna      | price         | verdict | worth         |
      | price-seller | 85,000 USD | 85,000.01 USD | proceed | 85,000.01 USD |
      | price-seller | 85,000 USD | 85,000 USD    | refuse  | 85,000 USD    |
      | price-seller | 85,000 USD | 84,999.99 USD | refuse  | 84,999.99 USD |

    Examples: buying, the same car stands elsewhere at 6,500 USD
      | policy      | batna      | price        | verdict | worth         |
      | price-buyer | -6,500 USD | 6,499.99 USD | proceed | -6,499.99 USD |
      | price-buyer | -6,500 USD | 6,500 USD    | refuse  | -6,500 USD    |
      | price-buyer | -6,500 USD | 7,000 USD    | refuse  | -7,000 USD    |

    Examples: at the walk value the walk value is no excuse for missing the alternative
      | policy       | batna         | price      | verdict | worth      |
      | price-seller | 80,000 USD    | 80,000 USD | refuse  | 80,000 USD |
      | price-seller | 79,999.99 USD | 80,000 USD | proceed | 80,000 USD |

  Scenario Outline: An offer of theirs must beat the best alternative as well
    Given the policy "policies/<policy>"
    And our BATNA is worth <batna>
    When they offer a price of <price>
    Then the verdict is <verdict>

    Examples:
      | policy       | batna      | price         | verdict |
      | price-seller | 90,000 USD | 90,000.01 USD | proceed |
      | price-seller | 90,000 USD | 90,000 USD    | trade   |
      | price-buyer  | -6,500 USD | 6,499.99 USD  | proceed |
      | price-buyer  | -6,500 USD | 6,500 USD     | trade   |

  Scenario Outline: The walk value of the package is met at its worth, and not a cent below
    Given the policy "policies/<policy>"
    When we offer:
      | discount | <discount> |
      | term     | <term>     |
      | support  | gold       |
    Then the verdict is <verdict>
    And the room of the package is <room>

    Examples: selling, walk 80,000 USD
      | policy         | discount | term      | verdict | room      |
      | package-seller | 16%      | 12 months | proceed | 0 USD     |
      | package-seller | 16.0001% | 12 months | refuse  | -0.10 USD |
      | package-seller | 17%      | 22 months | proceed | 0 USD     |
      | package-seller | 17%      | 21 months | refuse  | -100 USD  |

    Examples: buying, walk -95,000 USD
      | policy        | discount | term      | verdict | room      |
      | package-buyer | 1%       | 12 months | proceed | 0 USD     |
      | package-buyer | 0.9999%  | 12 months | refuse  | -0.10 USD |
      | package-buyer | 2%       | 22 months | proceed | 0 USD     |
      | package-buyer | 2%       | 23 months | refuse  | -100 USD  |

  Scenario Outline: The want value of the package is met at its worth, and not a cent below
    Given the policy "policies/<policy>"
    When they offer a discount of <discount>
    Then the verdict is <verdict>
    And rule "short-of-want" <fires>

    Examples:
      | policy         | discount | verdict | fires         |
      | package-seller | 10%      | proceed | does not fire |
      | package-seller | 10.0001% | trade   | fires         |
      | package-buyer  | 8%       | proceed | does not fire |
      | package-buyer  | 7.9999%  | trade   | fires         |

  Scenario Outline: Every kind of issue has its smallest step
    Given the policy "policies/issues"
    When we offer <issue> <value>
    Then the verdict is <verdict>
    And the room of <issue> is <room>

    Examples:
      | issue    | value           | verdict | room       |
      | discount | 20%             | proceed | 0%         |
      | discount | 20.0001%        | refuse  | -0.0001%   |
      | term     | 12 months       | proceed | 0 months   |
      | term     | 11 months       | refuse  | -1 month   |
      | payment  | 60 days         | proceed | 0 days     |
      | payment  | 61 days         | refuse  | -1 day     |
      | seats    | 50              | proceed | 0          |
      | seats    | 49              | refuse  | -1         |
      | ratio    | 0.5             | proceed | 0          |
      | ratio    | 0.4999          | refuse  | -0.0001    |
      | answer   | 2 hours         | proceed | 0 days     |
      | answer   | 7,199 seconds   | refuse  | -1 second  |
      | prepay   | no              | refuse  | -2,000 USD |
      | support  | silver          | proceed | 0 USD      |
      | support  | gold            | refuse  | -3,000 USD |

  Scenario Outline: A walk value on yes or no holds whatever the list price is, and at a list price of 0
    Given the policy "policies/free"
    And a deal with list price <price>
    When we offer <terms>
    Then the verdict is <verdict>
    And rule "beyond-walk" <fires>

    Examples:
      | price    | terms                            | verdict | fires         |
      | 0.40 USD | liability yes                    | refuse  | fires         |
      | 0 USD    | liability yes                    | refuse  | fires         |
      | 0 USD    | liability no                     | proceed | does not fire |
      | 0 USD    | support silver                   | proceed | does not fire |
      | 0 USD    | support gold                     | refuse  | fires         |
      | 0 USD    | liability no and support silver  | proceed | does not fire |
      | 0 USD    | training yes                     | proceed | does not fire |

  Scenario Outline: A threshold in a rule is met at its number
    Given the policy "policies/issues"
    When we offer a discount of <discount>
    Then rule "long-discount" <fires>

    Examples:
      | discount | fires         |
      | 4.9999%  | does not fire |
      | 5%       | fires         |
      | 6%       | fires         |
      | 6.0001%  | does not fire |

  Scenario: A value between two steps is no value, and is never rounded
    Given the policy "policies/issues"
    When we offer a discount of 20.00001%
    Then it is a dead letter with WA504
