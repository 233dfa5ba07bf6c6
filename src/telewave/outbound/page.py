"""A campaign's agents as one HTML page that needs nothing else."""

from __future__ import annotations

from telewave.kernel import Message
from telewave.outbound.agent_words import AGENT_COLUMNS, agent_rows, headline, how, left_out
from telewave.outbound.agents import JudgedAgents
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import Points, points_with_intervals
from telewave.platform.pages.page_table import page_table

_CHART = Message("Willing of the expected by agent, shrunken, with 95 % intervals")


def agents_page(
    found: JudgedAgents, language: Language, *, simulated: bool = False, place: Place = ALONE
) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""
    agents = found.agents
    points = Points(
        name=render(Message("Of the expected"), language),
        interval_name=render(Message("95 % interval"), language),
        labels=[found.names[one.agent] for one in agents],
        values=[round(one.ratio.value, 3) for one in agents],
        lows=[round(one.ratio.low, 3) for one in agents],
        highs=[round(one.ratio.high, 3) for one in agents],
        joined=False,
    )
    names = (render(Message("Agent"), language), render(Message("Of the expected"), language))
    return rendered(
        "telewave.outbound",
        "agents.html",
        language,
        place=place,
        found=found,
        simulated=simulated,
        headline=headline(found),
        left_out=left_out(found),
        how=how(),
        agents=page_table(Message("The campaign's agents"), AGENT_COLUMNS, agent_rows(found), None, language),
        chart=points_with_intervals(points, names, (1.0, render(Message("as the others"), language))),
        words=render(_CHART, language),
        charts=True,
    )
