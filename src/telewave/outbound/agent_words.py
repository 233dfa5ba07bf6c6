"""What is known of agents in words, for who leads them. Pure."""

from __future__ import annotations

from datetime import timedelta

from telewave.kernel import Figure, Inconclusive, Label, Message
from telewave.outbound.agents import FALSE_ALARM, AgentFound, JudgedAgents, Verdict
from telewave.outbound.training import Term, Trained

CONNECTED = Label("Reached", "接通")
"""Of calls; of any channel it is another word in Chinese."""
AGENT_COLUMNS = (
    Message("Agent"),
    CONNECTED,
    Message("Willing"),
    Message("Of the reached"),
    Message("Expected of the list"),
    Message("Of the expected, shrunken (95 %)"),
    Message("Verdict"),
    Message("Since"),
)
TRAINING_COLUMNS = (
    Message("Time"),
    CONNECTED,
    Message("Willing"),
    Message("Expected at the others' level"),
    Message("Of the expected"),
)
Row = tuple[Figure | Message | str, ...]


def headline(found: JudgedAgents) -> list[Message]:
    """Whom to coach, whom to learn from, and who only looks low."""
    low, ahead = (
        [found.names[one.agent] for one in found.agents if one.verdict is verdict]
        for verdict in (Verdict.LOW, Verdict.AHEAD)
    )
    told = [
        Message("Coach {names}: beyond list and luck, fewer of those they reach become willing.", names=low)
        if low
        else Message("Nobody is known to be truly low.")
    ]
    if ahead:
        told.append(
            Message("Learn from {names}: more become willing than list and luck explain.", names=ahead)
        )
    worst = min(found.agents, key=lambda one: one.raw)
    if worst.verdict is Verdict.OPEN:
        told.append(
            Message(
                "{name} has the lowest raw rate ({rate:.1%} of those reached), which the list and luck still explain: "
                "no reproach can be built on it.",
                name=found.names[worst.agent],
                rate=worst.raw,
            )
        )
    return told


def how() -> list[Message]:
    """What the verdicts promise, and what counts."""
    return [
        Message(
            "An agent is called low where the evidence is so strong that in {share:.0%} of campaigns at most anybody "
            "as good as the others is called so, however often one looks. For ahead it is likewise.",
            share=FALSE_ALARM,
        ),
        Message(
            "Agents are compared within each day and target group, and by what the plan expects of each person; the "
            "ratio of willing to expected is drawn towards 1 where calls are few."
        ),
        Message(
            "Willing counts who became willing, ordered or came; of those who answered, whoever is on the list."
        ),
    ]


def left_out(found: JudgedAgents) -> list[Message]:
    """Calls that do not count."""
    told = []
    if found.unlisted:
        told.append(
            Message("{count:,} calls reached people who are not on the plan's list.", count=found.unlisted)
        )
    if found.unnamed:
        told.append(Message("{count:,} calls do not say who made them.", count=found.unnamed))
    return told


def agent_rows(found: JudgedAgents) -> list[Row]:
    """One row an agent, the lowest first."""
    return [_row(found, one) for one in found.agents]


def _row(found: JudgedAgents, one: AgentFound) -> Row:
    ratio, since = one.ratio, None if one.since is None else found.first + timedelta(days=one.since)
    return (
        found.names[one.agent],
        Figure.of(one.reached, ","),
        Figure.of(one.successes, ","),
        Figure.of(one.raw, ".1%"),
        Figure.of(one.expected, ",.1f"),
        Figure(ratio, f"{ratio.value:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"),
        Figure(one.verdict.value, one.verdict.label),
        Figure(since, "" if since is None else str(since)),
    )


def training_words(found: Trained) -> list[Message]:
    """Whether it did something, and what to beware of."""
    change = found.change
    if isinstance(change, Inconclusive):
        return [change.reason]
    values = {"value": change.value, "low": change.low, "high": change.high}
    if change.low > 1:
        said = Message(
            "Against the others, the trained became {value:.2f} times as successful ({low:.2f} to {high:.2f}).",
            **values,
        )
    elif change.high < 1:
        said = Message(
            "Against the others, the trained fell to {value:.2f} of their success ({low:.2f} to {high:.2f}).",
            **values,
        )
    else:
        said = Message(
            "Whether the training did anything cannot be told yet: {value:.2f} times the success, {low:.2f} to "
            "{high:.2f}.",
            **values,
        )
    return [
        said,
        Message(
            "Whoever is chosen for being low rises in part by himself. To know what the training does, draw by lot who "
            "of the low is trained first."
        ),
    ]


def training_rows(found: Trained) -> list[Row]:
    """Before and after."""
    return [
        _term(Message("Before the training"), found.before),
        _term(Message("After the training"), found.after),
    ]


def _term(name: Message, one: Term) -> Row:
    return (
        name,
        Figure.of(one.reached, ","),
        Figure.of(one.successes, ","),
        Figure.of(one.expected, ",.1f"),
        Figure.of(one.ratio, ".2f"),
    )
