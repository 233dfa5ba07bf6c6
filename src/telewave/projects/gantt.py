"""The Gantt picture of an action plan as one SVG element: no script, no font, no second file. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from telewave.kernel import Label, Message
from telewave.platform.pages.charts import (
    BLUE,
    FAINT,
    FONTS,
    GREEN,
    INK,
    ORANGE,
    PALE,
    SKY,
    VERMILION,
    WARNING_INK,
)
from telewave.projects.action_plan import ActionPlan, Scheduled, Timing, schedule

Say = Callable[[Message | Label | str], str]

WIDTH, NAMES, ROW, TOP, BOTTOM, BAR = 1080, 330, 26, 56, 34, 14
WEEK = timedelta(days=7)
MOST_LABELS = 16
COLOURS = {
    Timing.COMPLETE: GREEN,
    Timing.OVERDUE: VERMILION,
    Timing.LATE_START: ORANGE,
    Timing.RUNNING: BLUE,
    Timing.AHEAD: SKY,
}


@dataclass(frozen=True, slots=True)
class Scale:
    """Where days lie: `first` at the left edge of the drawing, the day after `last` at the right."""

    first: date
    last: date

    def x(self, day: date) -> float:
        """The left edge of a day, in pixels."""
        days = (self.last - self.first).days + 1
        return round(NAMES + (day - self.first).days / days * (WIDTH - NAMES - 10), 1)


def gantt(plan: ActionPlan, today: date, say: Say) -> str:
    """The SVG element: a bar for each deliverable, weeks before launch, the launch day, today, and who waits for
    whom.
    """
    rows = schedule(plan, today)
    scale = scale_of(plan, rows)
    height = TOP + ROW * len(rows) + BOTTOM
    title = say(Message("Action plan of {plan}, launch on {launch}", plan=plan.label, launch=plan.launch))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="{escape(FONTS)}" font-size="12">'
    )
    parts = [
        head,
        f"<title>{escape(title)}</title>",
        *_weeks(plan, scale, height),
        *_waits(rows, scale),
        *(part for index, row in enumerate(rows) for part in _row(plan, row, index, scale, say)),
        *_line(scale, plan.launch, height, INK, say(Message("launch")), dashed=False),
    ]
    if scale.first <= today <= scale.last and today != plan.launch:
        parts += _line(scale, today, height, VERMILION, say(Message("today")), dashed=True)
    return "".join([*parts, *_legend(height, say), "</svg>"])


def scale_of(plan: ActionPlan, rows: Sequence[Scheduled]) -> Scale:
    """Whole weeks, counted from launch, around everything that is planned."""
    first = min([plan.launch, *(row.start for row in rows)])
    last = max([plan.launch, *(row.due for row in rows)])
    before = -(-(plan.launch - first).days // 7)
    after = (last - plan.launch).days // 7 + 1
    return Scale(plan.launch - before * WEEK, plan.launch + after * WEEK - timedelta(days=1))


def _weeks(plan: ActionPlan, scale: Scale, height: int) -> list[str]:
    """A line for each week, with its distance from launch and its date."""
    weeks = ((scale.last - scale.first).days + 1) // 7
    every = -(-weeks // MOST_LABELS)
    parts = []
    for index in range(weeks):
        day = scale.first + index * WEEK
        x, distance = scale.x(day), (day - plan.launch).days // 7
        parts.append(_stroke(x, TOP - 8, x, height - BOTTOM, PALE))
        if distance % every == 0:
            name = "T" if not distance else f"T{distance:+d}"
            parts.append(_text(x + 2, TOP - 24, name, INK))
            parts.append(_text(x + 2, TOP - 11, f"{day:%m-%d}", INK, 10))
    return parts


def _row(plan: ActionPlan, row: Scheduled, index: int, scale: Scale, say: Say) -> list[str]:
    one = row.deliverable
    y = TOP + ROW * index
    left, right = scale.x(row.start), scale.x(row.due + timedelta(days=1))
    name, owner = say(one.label), say(plan.name(one.owner))
    told = f"{name} · {owner} · {row.start} – {row.due} · {say(row.timing.label)}"
    bar = (
        f'<rect x="{left}" y="{y + 6}" width="{max(3.0, round(right - left, 1))}" height="{BAR}" rx="3" '
        f'fill="{COLOURS[row.timing]}"><title>{escape(told)}</title></rect>'
    )
    parts = [_text(0, y + 17, _shortened(name), INK), bar]
    if one.approver is not None:  # a diamond at the due day: somebody must approve
        x, middle = right, y + 6 + BAR / 2
        corners = f"{x},{middle - 6} {x + 6},{middle} {x},{middle + 6} {x - 6},{middle}"
        told = say(Message("approved by {approver}", approver=plan.name(one.approver)))
        parts.append(
            f'<polygon points="{corners}" fill="#fff" stroke="{INK}"><title>{escape(told)}</title></polygon>'
        )
    return parts


def _waits(rows: Sequence[Scheduled], scale: Scale) -> list[str]:
    """A thin line from what is waited for to what waits."""
    place: Mapping[str, tuple[int, Scheduled]] = {row.deliverable.key: (i, row) for i, row in enumerate(rows)}
    parts = []
    for index, row in enumerate(rows):
        for key in row.deliverable.after:
            above, other = place[key]
            x0, x1 = scale.x(other.due + timedelta(days=1)), scale.x(row.start)
            y0, y1 = (TOP + ROW * i + 6 + BAR / 2 for i in (above, index))
            bend = max(x0 + 4, x1 - 4)
            path = f"M{x0} {y0}H{bend}V{y1}H{x1}"
            parts.append(f'<path d="{path}" fill="none" stroke="{FAINT}" stroke-width="0.8"/>')
    return parts


def _line(scale: Scale, day: date, height: int, colour: str, name: str, dashed: bool) -> list[str]:
    x = scale.x(day)
    return [
        _stroke(x, TOP - 8, x, height - BOTTOM, colour, 1.6, dashed),
        _text(x + 3, TOP - 40, name, WARNING_INK if colour == VERMILION else INK),
    ]


def _legend(height: int, say: Say) -> list[str]:
    parts, x = [], float(NAMES)
    for timing in Timing:
        name = say(timing.label)
        parts.append(
            f'<rect x="{x}" y="{height - 18}" width="12" height="10" rx="2" fill="{COLOURS[timing]}"/>'
        )
        parts.append(_text(x + 17, height - 9, name, INK, 11))
        x += 40 + _cells(name) * 6
    return parts


def _shortened(name: str) -> str:
    """A name that fits beside the bars; Chinese characters take two places."""
    if _cells(name) <= NAMES // 7:
        return name
    kept = ""
    for letter in name:
        if _cells(kept + letter) > NAMES // 7 - 2:
            break
        kept += letter
    return kept.rstrip() + "…"


def _cells(name: str) -> int:
    return sum(1 if ord(letter) < 0x2E80 else 2 for letter in name)


def _stroke(
    x0: float, y0: float, x1: float, y1: float, colour: str, width: float = 1, dashed: bool = False
) -> str:
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="{colour}" stroke-width="{width}"{dash}/>'


def _text(x: float, y: float, words: str, colour: str, size: int = 12) -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}" font-size="{size}">{escape(words)}</text>'
