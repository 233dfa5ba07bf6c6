"""The words that the report uses, explained at its end for readers who are no statisticians."""

from __future__ import annotations

from telewave.kernel import Message

GLOSSARY: tuple[tuple[Message | str, Message], ...] = (
    (Message("Subscriber"), Message("One line or contract. A customer may hold several.")),
    (Message("Taker"), Message("A subscriber who took the offer in the days after the as-of date.")),
    (
        Message("As-of date"),
        Message(
            "Only what was known before this day is used. What came later serves to check the prediction."
        ),
    ),
    (
        Message("Probability"),
        Message(
            "How many of a hundred such subscribers take the offer. Learnt from those who took it before."
        ),
    ),
    (
        Message("Core, normal, basic group"),
        Message(
            "Core is worth the plan's richest contact, such as an outbound call; normal a low-cost active "
            "one, such as an SMS; basic is reached by passive channels only."
        ),
    ),
    (
        Message("Expected takers"),
        Message(
            "The probabilities of a group added up, times the response factor of its treatment. An "
            "expectation: the real number will scatter around it."
        ),
    ),
    (
        Message("Caused by the contact"),
        Message(
            "Those of the expected takers who would not come by themselves. How many come by themselves is "
            "assumed by the plan: the response factor of basic, whom nobody contacts."
        ),
    ),
    (
        Message("Profit caused by the contact"),
        Message("Takers caused by the contact times margin of a sale, less the cost of the contact."),
    ),
    (
        Message("Response factor"),
        Message(
            "The share of the probability that a treatment realises: an assumption of the plan, not a measurement."
        ),
    ),
    (
        Message("Capacity"),
        Message("How many subscribers a group's channels can contact in the period."),
    ),
    (
        Message("Break-even"),
        Message("The probability from which on a richer treatment earns more than it costs in addition."),
    ),
    (
        Message("Contribution"),
        Message(
            "A variable's share of what moves the probabilities up or down; all shares together are 1. It "
            "says what the ranking looks at, not what causes a purchase."
        ),
    ),
    (
        Message("High-response interval"),
        Message("The stretch of a variable in which clearly more subscribers take the offer than elsewhere."),
    ),
    (
        Message("95% interval"),
        Message(
            "Chance makes every measured number uncertain; the true one lies in this range in 95 of 100 cases."
        ),
    ),
    (Message("Lift"), Message("Takers in a part of the list, relative to a random part of the same size.")),
    (
        "AUC",
        Message("One number for the quality of a ranking: 0.5 is tossing a coin, 1 is perfect."),
    ),
    (
        Message("Calibrated"),
        Message(
            "Where 2% was predicted, about 2% take the offer. Only then can expected takers be added up."
        ),
    ),
    (
        Message("Validation forward in time"),
        Message(
            "The model is judged only on periods that came after everything it learnt from, as in real use."
        ),
    ),
    (
        Message("Refreshed, trained once"),
        Message(
            "Refreshed: learnt anew before each period judged. Trained once: learnt on the first half of "
            "the time and never again."
        ),
    ),
    (
        Message("Drift"),
        Message(
            "Customers, offers or the market have changed since the model learnt, so that old patterns mislead."
        ),
    ),
    (
        Message("Leak"),
        Message(
            "A variable that already knows the outcome, such as one written after the purchase. It makes a "
            "model look good in the test and fail in use, so it is left out."
        ),
    ),
)
