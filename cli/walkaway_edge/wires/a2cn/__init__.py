"""A2CN 0.2, agent-to-agent commercial negotiation: two companies' programs take turns with signed offers."""
