"""Outbound calls: how many agents a stream of them needs, and which agents are truly low, not unlucky."""
