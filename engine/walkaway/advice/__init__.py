"""What else may be said of one offer: counteroffers, headroom, approvals, a briefing."""
