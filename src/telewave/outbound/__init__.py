"""Outbound calls and what comes back of them: how many agents a stream of calls needs."""
