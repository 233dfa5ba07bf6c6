"""The action plan as one HTML file that needs nothing else: picture, deliverables, readiness, risks, budget,
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from telewave.kernel import Label, Message
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.projects.action_plan import ActionPlan, obstacles, schedule
from telewave.projects.action_words import (
    bar_words,
    days_words,
    judged_words,
    money_words,
    progress_words,
    remedy_words,
)
from telewave.projects.gantt import gantt
from telewave.projects.risks import worst_first


def action_page(
    plan: ActionPlan,
    today: date,
    language: Language,
    *,
    standing: Sequence[Message] = (),
    assumed: bool = False,
    place: Place = ALONE,
) -> str:
    """The whole page in `language`, as the plan stands on the day `today`; `standing`: how the campaign stands;
    `assumed`: it is the template, not anybody's plan.
    """

    def say(text: Message | Label | str) -> str:
        return render(text, language)

    return rendered(
        "telewave.projects",
        "actions.html",
        language,
        filters={
            "days": lambda offset: say(days_words(plan, offset)),
            "progress": lambda one: say(progress_words(plan, one)),
            "judged": lambda criterion: say(judged_words(criterion)),
            "remedy": lambda criterion: say(remedy_words(criterion)),
            "money": lambda amount: say(money_words(amount)),
            "bar": bar_words,
        },
        place=place,
        plan=plan,
        today=today,
        standing=standing,
        assumed=assumed,
        rows=schedule(plan, today),
        risks=worst_first(plan.risks),
        obstacles=obstacles(plan, today),
        picture=Markup(gantt(plan, today, say)),  # noqa: S704 - every name in it is escaped where it is drawn
    )
