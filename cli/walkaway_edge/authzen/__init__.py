"""The Authorization API of AuthZEN 1.0: a policy enforcement point asks whether somebody may act in a deal."""
