"""The reference page of what the simulated city assumes, made from the table itself."""

from __future__ import annotations

from telewave.kernel import Label
from telewave.platform.languages import Language, render
from telewave.simulation.assumptions import TABLE

TITLE = Label("# What the simulated city assumes", "# 模拟城市的假设")
INTRODUCTION = Label(
    "No trustworthy source gives these levels. Each has the value that the simulator uses, the range that a person who "
    "knows the trade would still believe, and why. Levels are those of the reference case's branch: 3.5 million "
    "customers, 100 agents. Where several apply to a step log odds add up, and the step's chance is "
    "the logistic function of the sum. Nothing here is a finding: from an operator's records they are learnt.",
    "下列水平没有可信来源。每一项给出模拟器的取值、业内人士仍会相信的范围和理由。水平均按参考案例的分公司："
    "350 万客户、100 名坐席、60 个营业厅。一个步骤涉及多项时，对数几率相加，再经逻辑函数得出该步概率。"
    "这里没有任何一项是结论：有了运营商自己的记录，这些水平应从中学得。",
)
HEADER = Label(
    "| parameter | value | from | to | why |\n|---|---|---|---|---|",
    "| 参数 | 取值 | 下限 | 上限 | 理由 |\n|---|---|---|---|---|",
)


def assumptions_markdown(language: Language) -> str:
    """Every assumption, a table a subject."""
    lines = [render(TITLE, language), "", render(INTRODUCTION, language), ""]
    for subject, part in TABLE:
        lines += [f"## {render(subject, language)}", "", render(HEADER, language)]
        lines += [
            f"| `{one.name}` | {one.value:g} | {one.low:g} | {one.high:g} | {render(one.reason, language)} |"
            for one in part
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
