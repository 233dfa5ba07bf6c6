"""What an approver needs to know of a plan, from its document: figures beside those of the plan that runs, limits,
waves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from telewave.approvals.approval import Approved, Draft, InReview, Launched, Paused, Standing, state_of
from telewave.approvals.model import Dossier
from telewave.approvals.usecases import plan_of
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.kernel import Figure, Label, Message, Money
from telewave.planning.document import document_read
from telewave.planning.wording import price_words
from telewave.platform.answer import TableCell
from telewave.platform.database import Database
from telewave.targeting.sentences import amount

Content: TypeAlias = Mapping[str, Any]
Row: TypeAlias = tuple[TableCell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanTold:
    """A version whose file is a contact plan, read."""

    standing: Standing
    content: Content

    @property
    def number(self) -> int:
        """Of the version."""
        return self.standing.version.number


def plans_told(database: Database, dossier: Dossier) -> list[PlanTold]:
    """The versions that are contact plans and are not over, oldest first; where all are over, the newest."""
    plans = [
        standing
        for standing in dossier.standings
        if dossier.kind(standing.version.number) == ContactPlanKind.name
    ]
    going = [one for one in plans if isinstance(one, Draft | InReview | Approved | Launched | Paused)]
    found = []
    for standing in going or plans[-1:]:
        content = document_read(plan_of(database, dossier.name, standing.version.number))
        if content is not None:
            found.append(PlanTold(standing=standing, content=content))
    return found


def title_of(database: Database, dossier: Dossier) -> Label | str:
    """What the campaign is called, by its newest plan; else its name."""
    told = plans_told(database, dossier)
    return Label(**told[-1].content["title"]) if told else dossier.name


def title_told(told: Sequence[PlanTold], name: str) -> Label | str:
    """The same, of plans that were read already."""
    return Label(**told[-1].content["title"]) if told else name


def headline(content: Content) -> Message:
    """The plan in one sentence."""
    return Message(
        "From {first} to {last} {contacts:,} contacts; of {takers:,.0f} expected takers {caused:,.0f} come because of "
        "them, for {cost}; expected profit {profit}.",
        first=content["from"],
        last=content["to"],
        contacts=content["contacts"],
        takers=content["expected_takers"],
        caused=content["caused_by_the_contact"],
        cost=_cost(content),
        profit=_profit(content),
    )


def _cost(content: Content) -> Message:
    return amount(Money(content["cost_minor"], content["currency"]))


def _profit(content: Content) -> Message:
    return amount(Money(round(content["expected_profit"] * 100), content["currency"]))


_FIGURES: tuple[tuple[Message, Callable[[Content], TableCell]], ...] = (
    (
        Message("Period"),
        lambda one: Message("{first} to {last}", first=one["from"], last=one["to"]),
    ),
    (Message("Contacts"), lambda one: Figure(one["contacts"], f"{one['contacts']:,}")),
    (
        Message("Held out, to measure by"),
        lambda one: Figure(one["control"]["campaign"], f"{one['control']['campaign']:,}"),
    ),
    (Message("Expected takers"), lambda one: _number(one["expected_takers"])),
    (Message("of them because of the contact"), lambda one: _number(one["caused_by_the_contact"])),
    (Message("Cost of the contacts"), _cost),
    (Message("Expected profit"), _profit),
)


def _number(value: float) -> Figure:
    return Figure(value, f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}")


def figure_columns(told: Sequence[PlanTold]) -> list[Message | Label]:
    """A column for each version."""
    return [
        Message("Figure"),
        *(
            Message("Version {number}, {state}", number=one.number, state=state_of(one.standing).label)
            for one in told
        ),
    ]


def figure_rows(told: Sequence[PlanTold]) -> list[Row]:
    """The figures of each version side by side; then what each channel and each offer is given."""
    rows: list[Row] = [(name, *(shown(one.content) for one in told)) for name, shown in _FIGURES]
    channels = {key: value for one in told for key, value in one.content["channels"].items()}
    for key, channel in channels.items():
        counts = [_of_channel(one.content, key) for one in told]
        if any(counts):
            rows.append(
                (
                    Message("{channel}: attempts", channel=Label(**channel["name"])),
                    *(Figure(one, f"{one:,}") for one in counts),
                )
            )
    return rows


def _of_channel(content: Content, channel: str) -> int:
    return sum(one["attempts"] for one in content.get("waves") or () if one["channel"] == channel)


LIMIT_COLUMNS = (
    Message("Limit"),
    Message("Amount"),
    Message("Used"),
    Message("One more would earn"),
)


def limit_rows(content: Content) -> list[Row]:
    """Every limit of the plan, the dearest first."""
    limits = sorted(content["limits"], key=lambda one: -one["price"])
    return [
        (
            Label(**one["limit"]),
            _amount(one["amount"]),
            _amount(one["used"]),
            price_words(one["price"], content["currency"]) if one["price"] > 0 else Label("nothing", "无"),
        )
        for one in limits
    ]


def _amount(value: float) -> Figure:
    return Figure(value, f"{value:,.0f}" if value == int(value) else f"{value:,.2f}")


WAVE_COLUMNS = (
    Message("Phase"),
    Message("Channel"),
    Message("Attempts"),
    Message("Reached"),
    Message("Willing"),
    Message("Ordered"),
    Message("Caused"),
)


def wave_rows(content: Content) -> list[Row]:
    """What is expected of each wave."""
    return [
        (
            Label(**content["phases"][one["phase"]]),
            Label(**content["channels"][one["channel"]]["name"]),
            Figure(one["attempts"], f"{one['attempts']:,}"),
            *(_ends(one.get(step)) for step in ("reached", "willing", "ordered")),
            Figure(one["caused"], f"{one['caused']:,.1f}"),
        )
        for one in content.get("waves") or ()
    ]


def _ends(value: Sequence[float] | None) -> TableCell:
    return None if value is None else Figure(value[0], f"{value[0]:,.1f}")
