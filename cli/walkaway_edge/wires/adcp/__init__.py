"""AdCP 3.2, the Ad Context Protocol, as the seller of a media buy: proposals, and what buyers' programs ask of them."""
