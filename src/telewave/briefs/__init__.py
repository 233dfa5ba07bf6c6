"""Briefs: a campaign as its marketer states it, its file, and the offers that it proposes."""
