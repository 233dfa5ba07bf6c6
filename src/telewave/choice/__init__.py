"""Which offer suits whom: a choice model learnt from orders, judged forward in time, and what follows from it."""
