Feature: B. Ceilings, and the distance from them
  At the walk value we may still agree; a cent past it we may not. Well before it the rules ask for more, or for a second
  person, and nobody is told where it lies.

  Background:
    Given the policy "rules/buying-principles/b-ceilings.yaml"

  Scenario Outline: SP-027 At the walk value we may still agree, and past it not
    When they offer a price of <price>
    Then the verdict is trade
    And rule "beyond-walk" <answer>
    And the room of price is <room>

    Examples:
      | price          | answer        | room      |
      | 120,000 USD    | does not fire | 0 USD     |
      | 120,000.01 USD | decides       | -0.01 USD |

  Scenario Outline: SP-027, SP-044 Walk is inclusive and the alternative strict
    Given our BATNA is worth -118,000 USD
    When they offer a price of <price>
    Then rule "beyond-walk" <answer>

    Examples:
      | price          | answer        |
      | 117,999.99 USD | does not fire |
      | 118,000 USD    | decides       |

  Scenario Outline: SP-043, SP-027 A walk value past the alternative is worth a warning
    Given our BATNA is worth <batna>
    When they offer a price of 108,000 USD
    Then the verdict is proceed
    And rule "walk-past-the-alternative" <answer>

    Examples:
      | batna           | answer        |
      | -122,000 USD    | does not fire |
      | -120,000 USD    | does not fire |
      | -119,999.99 USD | only advises  |
      | -118,000 USD    | only advises  |

  Scenario Outline: SP-028 A premium stops at the ceiling
    When we consider offering a price of <price>
    Then rule "beyond-walk" <answer>

    Examples: guide price 100,000 USD, ceiling 20% over it
      | price       | answer        |
      | 120,000 USD | does not fire |
      | 120,010 USD | decides       |

  Scenario: SP-028 Past it their offer is countered
    When they offer a price of 120,010 USD
    Then rule "beyond-walk" answers trade

  Scenario: SP-028 Past the ceiling an offer of ours is refused
    When we offer a price of 120,010 USD
    Then the verdict is refuse

  Scenario Outline: SP-029 Do not land just inside the walk value
    When they offer a price of <price>
    Then the verdict is trade
    And rule "just-inside-the-walk" <answer>

    Examples: the band is 5% of the 8,000 USD between walk and want
      | price          | answer        |
      | 114,000 USD    | does not fire |
      | 119,599.99 USD | does not fire |
      | 119,600 USD    | decides       |
      | 119,700 USD    | decides       |
      | 120,000 USD    | decides       |
      | 120,000.01 USD | does not fire |

  Scenario: SP-029 Just inside it we counter
    When they offer a price of 119,700 USD
    Then rule "just-inside-the-walk" answers trade

  Scenario: SP-029 Whoever goes there needs a second person
    When we consider offering a price of 119,700 USD
    Then rule "near-the-walk-needs-two" answers escalate

  Scenario Outline: SP-029 To agree just inside it takes a second person
    Given they offered a price of <price>
    When we accept their offer
    Then rule "near-the-walk-needs-two" <answer>

    Examples:
      | price          | answer        |
      | 119,700 USD    | decides       |
      | 119,600 USD    | decides       |
      | 119,599.99 USD | does not fire |

  Scenario Outline: SP-030 An agreement covers most of the way from walk to want
    Given the deal's guide price is 90,000 USD
    And they offered a price of <price>
    When we accept their offer
    Then the verdict is <verdict>
    And rule "clear-of-the-walk" <answer>

    Examples: walk 108,000, want 100,800; 60% of the way is 103,680
      | price      | verdict | answer        |
      | 96,000 USD | proceed | does not fire |
      | 99,000 USD | proceed | does not fire |

  Scenario Outline: SP-030 A share of <share> of the way from walk to want
    Given they offered a price of <price>
    When we accept their offer
    Then rule "clear-of-the-walk" <answer>

    Examples:
      | share | price          | answer        |
      | 85%   | 113,200 USD    | does not fire |
      | 60%   | 115,200 USD    | does not fire |
      | 59.9% | 115,200.01 USD | decides       |
      | 15%   | 118,800 USD    | decides       |

  Scenario: SP-030 Short of that we ask for more
    Given they offered a price of 118,800 USD
    When we accept their offer
    Then rule "clear-of-the-walk" answers trade

  Scenario: SP-031 The walk value may be lowered during a deal
    Given they offered a price of 122,000 USD
    When the walk value of price is now 118,000 USD
    Then the verdict is proceed
    And afterwards walk.price is 118,000 USD

  Scenario: SP-031 It is not raised after a tough call
    Given they offered a price of 122,000 USD
    And the walk value of price is now 118,000 USD
    When the walk value of price is now 119,000 USD
    Then the verdict is escalate
    And afterwards walk.price is 118,000 USD

  Scenario Outline: SP-031 Only somebody else of the highest role raises it: <who>
    Given "ana" acts for us
    And the walk value of price is 116,000 USD
    And the deal opened
    And the walk value of price is now 118,000 USD
    And the <who> agreed to event "e2"
    When 1 day passes
    Then walk.price is <walk>

    Examples:
      | who             | walk        |
      | cfo "carla"     | 118,000 USD |
      | cfo "ana"       | 116,000 USD |
      | director "dana" | 116,000 USD |

  Scenario Outline: SP-032 Nobody tells the limit
    Given the deal's draft tells is <what>
    When we offer a price of 105,000 USD
    Then the verdict is <verdict>
    And rule "never-tell-it" <answer>

    Examples: "We are still apart on price", "We cannot go over 120k"
      | what       | verdict | answer        |
      | nothing    | proceed | does not fire |
      | walk value | refuse  | decides       |
      | ceiling    | refuse  | decides       |
      | BATNA      | refuse  | decides       |

  Scenario: SP-032, SP-033 Signal the willingness to walk, not the point
    Given the deal's said we can walk is yes
    And the deal's draft tells is walk value
    When we offer a price of 105,000 USD
    Then the verdict is refuse
    And rule "let-them-know-you-can-walk" does not fire

  Scenario Outline: SP-033 Three concessions, and they never heard that we can walk
    Given the deal's said we can walk is <said>
    And we offered a price of 102,000 USD
    And we offered a price of 103,000 USD
    When we offer a price of 104,000 USD
    Then the verdict is proceed
    And rule "let-them-know-you-can-walk" <answer>

    Examples:
      | said | answer        |
      | yes  | does not fire |
      | no   | only advises  |

  Scenario Outline: SP-033 After two concessions: <price>
    Given we offered a price of 102,000 USD
    And we offered a price of 103,000 USD
    When we offer a price of <price>
    Then rule "let-them-know-you-can-walk" <answer>

    Examples: the same again, and a cent more
      | price          | answer        |
      | 103,000 USD    | does not fire |
      | 103,000.01 USD | only advises  |

  Scenario: SP-033 A second concession needs no such word yet
    Given we offered a price of 102,000 USD
    When we offer a price of 103,000 USD
    Then no rule fires

  Scenario Outline: SP-034 "Sign tonight" changes nothing: <price> is judged as ever
    Given the deal's pressure is <pressure>
    When we offer a price of <price>
    Then the verdict is <verdict>
    And rule "beyond-walk" <answer>

    Examples:
      | pressure | price       | verdict | answer        |
      | none     | 108,000 USD | proceed | does not fire |
      | deadline | 108,000 USD | proceed | does not fire |
      | none     | 124,000 USD | refuse  | decides       |
      | deadline | 124,000 USD | refuse  | decides       |
      | threat   | 124,000 USD | refuse  | decides       |

  Scenario Outline: SP-035 Small gives add up
    Given we offered a price of 102,000 USD
    And we offered a price of 105,000 USD
    When we offer a price of <price>
    Then rule "cumulative-cap" <answer>

    Examples: 2% and 3%, then 3%, 5%, 5.01% and 6%
      | price          | answer        |
      | 108,000 USD    | does not fire |
      | 110,000 USD    | does not fire |
      | 110,000.01 USD | decides       |
      | 110,010 USD    | decides       |
      | 111,000 USD    | decides       |

  Scenario Outline: SP-035 What the cap refused it refuses again, and nothing more is given: <price>
    Given we offered a price of 111,000 USD
    When we offer a price of <price>
    Then rule "cumulative-cap" <answer>

    Examples:
      | price          | answer        |
      | 110,000 USD    | does not fire |
      | 111,000 USD    | decides       |
      | 111,000.01 USD | decides       |

  Scenario: SP-035 What the cap refused it refuses when they accept it
    Given we offered a price of 111,000 USD
    When they accept our offer
    Then the verdict is refuse
    And rule "cumulative-cap" decides

  Scenario: SP-035 It is refused
    When we offer a price of 111,000 USD
    Then the verdict is refuse
    And rule "cumulative-cap" answers refuse

  Scenario: SP-035 What they gave in return is counted too
    Given we offered a price of 102,000 USD
    And we offered a price of 105,000 USD
    When we offer price 111,000 USD and pay_later yes
    Then rule "cumulative-cap" does not fire

  Scenario Outline: SP-037 The walk is there at any stage: <stage>
    Given they offered a price of <theirs>
    And we offered a price of <ours>
    When the deal closes as walked
    Then the verdict is proceed

    Examples:
      | stage             | theirs      | ours        |
      | bargaining        | 110,000 USD | 105,000 USD |
      | awaiting approval | 118,000 USD | 119,700 USD |
      | refused           | 118,000 USD | 121,000 USD |
      | countered         | 130,000 USD | 105,000 USD |

  Scenario Outline: SP-038 A cent past the walk value is past it, whatever the deal is worth: <guide price>
    Given the deal's guide price is <guide price>
    When we offer a price of <price>
    Then the verdict is refuse
    And rule "beyond-walk" decides

    Examples:
      | guide price       | price                |
      | 5,000 USD         | 6,000.01 USD         |
      | 10,000,000 USD    | 12,000,000.01 USD    |
      | 1,000,000,000 USD | 1,200,000,000.01 USD |

  Scenario Outline: SP-038 At the walk value it is not: <guide price>
    Given the deal's guide price is <guide price>
    When we offer a price of <price>
    Then rule "beyond-walk" does not fire

    Examples:
      | guide price       | price             |
      | 5,000 USD         | 6,000 USD         |
      | 1,000,000,000 USD | 1,200,000,000 USD |

  Scenario: SP-029 A twentieth of a cent further from the walk value than the band is not near it
    Given the want value of price is 111,999.81 USD
    When they offer a price of 119,599.99 USD
    Then rule "just-inside-the-walk" does not fire

  Scenario: SP-029 Nor is it for us
    Given the want value of price is 111,999.81 USD
    When we offer a price of 119,599.99 USD
    Then rule "near-the-walk-needs-two" does not fire

  Scenario: SP-030 A fifth of a cent short of the share that is to be kept
    Given the want value of price is 111,999.98 USD
    And they offered a price of 115,199.99 USD
    When we accept their offer
    Then rule "clear-of-the-walk" fires
