"""Commands of `experiments`: size, measure, uplift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from telewave.experiments.measure_command import measure_command
from telewave.experiments.power import Certainty
from telewave.experiments.uplift_command import uplift_command
from telewave.kernel import Figure, Inconclusive, Message
from telewave.platform.shares import parse_share as share
from telewave.platform.terminal import Session, TableCell, Text, spoken

if TYPE_CHECKING:
    from telewave.experiments.design import Design, Question

USUAL_LIFTS = (0.1, 0.2, 0.3, 0.5, 1.0)
USUAL_HOLDOUTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


Subscribers = Annotated[
    int,
    typer.Option(
        "--subscribers",
        help=spoken("How many subscribers the campaign would contact if nobody were held out."),
    ),
]
Rate = Annotated[
    str,
    typer.Option(
        "--rate", help=spoken("Share of them that takes the offer without being contacted, such as 0.2%.")
    ),
]
Lift = Annotated[
    list[str] | None,
    typer.Option(
        "--lift",
        help=spoken(
            "Effect that would matter: by how much the contact raises the take-up, such as 20%. May be repeated."
        ),
    ),
]
Power = Annotated[str, typer.Option("--power", help=spoken("Chance of seeing the effect if it is there."))]
Alarm = Annotated[
    str, typer.Option("--false-alarm", help=spoken("Chance of seeing an effect where there is none."))
]
Arms = Annotated[
    int, typer.Option("--arms", help=spoken("How many ways of treatment are compared with the holdout."))
]
PerMonth = Annotated[
    int | None,
    typer.Option(
        "--per-month", help=spoken("How many subscribers are contacted in a month; none: all at once.")
    ),
]
Months = Annotated[
    int | None,
    typer.Option("--months", help=spoken("How many months the campaign may run; none: as long as it takes.")),
]
Window = Annotated[
    int, typer.Option("--window", help=spoken("Days after the last contact in which orders still count."))
]
Most = Annotated[str, typer.Option("--most", help=spoken("Largest share that may be held out."))]


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = typer.Typer(
        no_args_is_help=True, help=spoken("Experiments: what a campaign earned, measured honestly.")
    )
    group.command(
        "size",
        help=spoken("Say how many to hold out to see an effect, what that costs and how long it takes."),
    )(size_command)
    group.command(
        "measure", help=spoken("Say what an experiment did: each arm against the control, with intervals.")
    )(measure_command)
    group.command(
        "uplift",
        help=spoken("Learn from an experiment whom the contact moves, and whether targets may be chosen so."),
    )(uplift_command)
    app.add_typer(group, name="experiments")


def size_command(
    context: typer.Context,
    subscribers: Subscribers,
    rate: Rate,
    lift: Lift = None,
    power: Power = "80%",
    false_alarm: Alarm = "5%",
    arms: Arms = 1,
    per_month: PerMonth = None,
    months: Months = None,
    window: Window = 30,
    most: Most = "50%",
) -> None:
    """Two tables: the holdout for each effect, and the effect for each holdout."""
    from telewave.experiments.design import Question

    session: Session = context.obj
    base, certainty = share(rate), Certainty(share(power), share(false_alarm))
    usual = [one for one in USUAL_LIFTS if base * (1 + one) < 1] or USUAL_LIFTS[
        :1
    ]  # the first says what is wrong
    lifts = [share(text) for text in lift] if lift else usual

    def question(one: float) -> Question:
        return Question(
            subscribers,
            base,
            base * one,
            arms=arms,
            certainty=certainty,
            contacts_a_month=per_month,
            months=months,
            window_days=window,
            most=share(most),
        )

    questions = [question(one) for one in lifts]
    show_sizes(session, questions)
    show_effects(session, questions[0])


def show_sizes(session: Session, questions: list[Question]) -> None:
    """A line for each effect that would matter; below it, why some cannot be seen, and how to read the table."""
    from telewave.experiments.design import design

    columns: list[Text] = [
        Message("Contact raises take-up by"),
        Message("Take-up without and with contact"),
        Message("Hold out"),
        Message("Share of the list"),
        Message("Contacted in each arm"),
        Message("Orders forgone"),
        Message("Answer after"),
    ]
    answers = [(question, design(question)) for question in questions]
    session.table(Message("How many to hold out"), columns, [_size_row(q, a) for q, a in answers])
    for question, answer in answers:
        if isinstance(answer, Inconclusive):
            lift = f"{question.effect / question.base_rate:.0%}"
            session.say(
                Message("A rise of {lift}: {reason}", lift=lift, reason=answer.reason), style="yellow"
            )
    _explain(session, questions[0].certainty)


def _size_row(question: Question, answer: Design | Inconclusive) -> list[TableCell]:
    from telewave.targeting.sentences import percent

    rates = _rates(question.base_rate, question.treated_rate)
    row: list[TableCell] = [Figure.of(question.effect / question.base_rate, ".0%"), rates]
    if isinstance(answer, Inconclusive):
        return [*row, Message("cannot be seen"), "", "", "", ""]
    return [
        *row,
        answer.held_out,
        Figure(answer.share, percent(answer.share)),
        answer.treated,
        Figure.of(answer.forgone, ",.0f"),
        duration(answer),
    ]


def _rates(without: float, with_contact: float) -> Figure:
    from telewave.targeting.sentences import percent

    shown = Message(
        "{without} → {with_contact}", without=percent(without), with_contact=percent(with_contact)
    )
    return Figure({"without": without, "with_contact": with_contact}, shown)


def duration(answer: Design) -> Message:
    """How long until the answer, in words."""
    days = answer.question.window_days
    if answer.months is None:
        return Message("{days} days", days=days)
    return Message("{months:.1f} months and {days} days", months=answer.months, days=days)


def _explain(session: Session, certainty: Certainty) -> None:
    session.say(
        Message(
            "Hold out: drawn by lot and not contacted, so that their orders show what would have come "
            "anyway. An effect of the stated size is "
            "seen in {power:.0%} of such campaigns; where the contact does nothing, {alpha:.0%} of them "
            "show an effect by chance.",
            power=certainty.power,
            alpha=certainty.alpha,
        )
    )
    session.say(
        Message(
            "Orders forgone: what contacting the held-out subscribers would have brought, if the effect is as stated."
        )
    )


def show_effects(session: Session, question: Question) -> None:
    """A line for each usual holdout: the smallest effect that it shows."""
    columns = (
        Message("Share of the list"),
        Message("Hold out"),
        Message("Contacted in each arm"),
        Message("Smallest rise seen"),
        Message("Take-up without and with contact"),
    )
    rows = [_effect_row(question, one) for one in USUAL_HOLDOUTS]
    session.table(Message("What a given holdout shows"), columns, rows)


def _effect_row(question: Question, one: float) -> list[TableCell]:
    from telewave.experiments.design import with_holdout
    from telewave.targeting.sentences import percent

    held_out = question.held_out_at(one)
    answer = with_holdout(question, held_out)
    treated = question.an_arm(held_out)
    part = held_out / (held_out + treated * question.arms)
    row: list[TableCell] = [
        Figure(part, percent(part)),
        held_out,
        treated,
    ]
    if isinstance(answer, Inconclusive):
        return [*row, Message("too few to tell"), ""]
    base, effect = question.base_rate, answer.smallest_effect
    rates = _rates(base, base + effect)
    return [*row, Figure.of(effect / base, ".0%"), rates]
