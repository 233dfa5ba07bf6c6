"""The base on the terminal: classes first, then every cell."""

from __future__ import annotations

from telewave.customers.base import CLASS_LABELS, NET_NEW, PAYMENT_LABELS, SEGMENT_LABELS, BaseClass, Cell
from telewave.customers.usecases import NEW_NUMBER, ORDER_KINDS, Base, BaseRow
from telewave.kernel import Figure, Inconclusive, Label, Message
from telewave.platform.terminal import Session, TableCell, Text

KIND_LABELS: dict[str, Label] = {
    "device_only": Label("Device only", "单购机"),
    NEW_NUMBER: Label("New number", "新号码"),
}
UNKNOWN = Label("Unknown", "未知")


def show_base(session: Session, base: Base) -> None:
    """The classes, then every cell of them."""
    show_classes(session, base)
    detail: list[tuple[TableCell, ...]] = [
        (_cell_name(session, cell), *_cells(row)) for cell, row in base.cells.items()
    ]
    session.table(Message("By payment and customer segment"), (Message("Base class"), *_columns()), detail)


def show_classes(session: Session, base: Base) -> None:
    """The classes that have subscribers, and the sentences about who came new and who is in no class."""
    held = [one for one in BaseClass if base.of_class(one).size]
    rows: list[tuple[TableCell, ...]] = [(CLASS_LABELS[one], *_cells(base.of_class(one))) for one in held]
    rows.append((NET_NEW, *_cells(base.newcomers)))
    rows.append((Message("All together"), *_cells(base.total)))
    title = Message(
        "Base classes as of {as_of}; takers of {offer} from {since} on",
        as_of=base.as_of.isoformat(),
        offer=base.offer,
        since=base.since.isoformat(),
    )
    session.table(title, (Message("Base class"), *_columns()), rows)
    session.say(
        Message(
            "Net new: {net_new} took the offer with a new number and were activated on or after {since}. "
            "They are also counted in the class that they hold.",
            net_new=f"{base.total.net_new:,}",
            since=base.since.isoformat(),
        )
    )
    if base.outside:
        session.say(
            Message(
                "{outside} takers were not yet on record as of {as_of} and are in no class.",
                outside=f"{base.outside:,}",
                as_of=base.as_of.isoformat(),
            )
        )


def _cell_name(session: Session, cell: Cell) -> str:
    parts = (
        CLASS_LABELS[cell.base],
        PAYMENT_LABELS.get(cell.payment, UNKNOWN),
        SEGMENT_LABELS.get(cell.segment, UNKNOWN),
    )
    return " · ".join(session.text(part) for part in parts)


def _columns() -> tuple[Text, ...]:
    kinds = (KIND_LABELS[kind] for kind in ORDER_KINDS)
    return (
        Message("Subscribers"),
        Message("Hold the offer"),
        Message("Penetration (95 % interval)"),
        *kinds,
        NET_NEW,
    )


def _cells(row: BaseRow) -> tuple[TableCell, ...]:
    share = row.penetration
    shown = (
        share.reason
        if isinstance(share, Inconclusive)
        else f"{share.value:.3%} ({share.low:.3%}-{share.high:.3%})"
    )
    takers = (row.takers[kind] for kind in ORDER_KINDS)
    return row.size, row.holders, Figure(share, shown), *takers, row.net_new
