"""What a policy makes of opponents: deals bargained by a seller who only sends what it clears, and attacks on it.

`bargaining` plays a deal against somebody, `attacks` tries the tricks by which rules of conduct are got around.
"""
