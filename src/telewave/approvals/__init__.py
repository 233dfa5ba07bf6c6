"""Approvals: every version of a campaign's plan; draft, review, approval by a second person, launch, pause, stop."""
