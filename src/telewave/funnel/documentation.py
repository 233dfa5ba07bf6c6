"""The reference page of the funnel: how it is learnt, and the table of assumptions, made from the data itself."""

from __future__ import annotations

from telewave.funnel.assumptions import BELIEFS, FAMILY_LABELS, GROUP_LABELS, MOST_WEIGHT, Belief
from telewave.funnel.steps import CHANNEL_LABELS, CHANNELS, STEPS, Family
from telewave.funnel.wording import percent
from telewave.kernel import Label
from telewave.platform.languages import Language, render

TITLE = Label("# What a contact does", "# 接触的效果")
TEXT = Label(
    """`telewave funnel learn --as-of DAY --model NAME` learns from the contacts and orders before a day what a contact
does, step by step, keeps it under a name and version, and says what to use and what to test first.
`telewave funnel show --report FILE.html` shows it again, with a page.

- *Steps.* A record says yes, no, or nothing of each step. `delivered` where nobody tracks who opens says nothing on
  *seen*. A step that no record of a channel denies was not recorded; its chance is part of the next one's, and both
  are named together.
- *Orders.* An order belongs to the contact that names its number (`reference`), else to the last contact of the same
  subscriber and offer in the days before it (`--days`, 14). Contacts whose days are not over tell nothing on orders.
  Who is known to have refused, or was not reached, did not order through the contact.
- *Chances.* A logit a step with an intercept for each channel, group and offer. Cells with few records are drawn
  towards the others of their channel, and all of them towards what was believed. `Rests on` says whether a figure rests
  on own records, on the channel's other cells, or on an assumption alone; `Records` how many.
- *By hour, agent and script.* For calls and visits: being reached by hour and earlier attempts in the window, listening
  and being willing by agent and script, beside group, offer and score. Each chance is what all records together would
  have had there, so that an agent is told apart from his list; levels are pooled, and those with fewer than 30 records
  not told.
- *Groups* are those of the newest grouping of `--model` not after the first day of the contacts: a later one would know
  what the contacts did.
- *Who is willing.* Of those who heard of an offer, in all channels together: a logit of the model's chance, of what
  the wide table as of the groups' day says (age, tenure, monthly fee, calls, data, products held, class), and of
  touches before, half of each forgotten in 30 days; each channel has a level of its own. Learnt from the first
  third of the days it foretells the second, and from both the last, beside the groups' chances; where the whole 95
  % interval by household says that it does better, plans tell people apart by it, one standard error below the
  middle, and for the touches that will be left by then. The page shows what was foretold and seen by tenths, and by
  what. It needs 30 willing people, a grouping (`--model`), and the wide table as of its day. Where a lot decides of
  a channel's groups, the groups' figures stand.
- *What a contact adds.* **Adjusted**: take-up of the contacted less that of people of the group left alone, weighted
  by the odds of having been contacted at their model's chance. Weights stay below 19; the contacted for whom nobody
  comparable was left alone are left out and their share is told; the page draws both sides by that chance. It holds
  as far as nothing but group and chance decided both who was contacted and who ordered. Whoever was left alone and
  contacted later stands on both sides; intervals count him once.
- *Several channels.* Whom a second channel contacts is watched for the first until then, and for both together from
  then on: an order is counted once. `If each did as by itself` is 1 - (1 - a)(1 - b) of the effects a and b.
- *Who decides.*
  **Randomised** (`--campaign`): where that campaign held people of the group out by lot and 95 % of the contacted were
  contacted through one channel, the lot decides: the doubly robust effect of not being held out, over the difference in
  the share contacted. Draws as of a day after `--since` do not count, since contacts before them were made regardless.
  **Assumed**: orders through the steps, with nobody to compare; some of these would have come anyway.
- Whoever orders early is not contacted any more. So everybody is watched for `--days` days from a day on which he had
  not ordered: the contacted from their first contact, those left alone from days drawn like those of the contacts, as
  long as they are not contacted themselves.
""",
    """`telewave funnel learn --as-of 日期 --model 名称` 根据该日之前的接触和订单，逐环节学习接触的效果，
按名称和版本保存，并说明该用什么、最先测什么。`telewave funnel show --report 文件.html` 再次查看，并生成页面。

- *环节。* 每条记录在每个环节上只有三种情况：是、否、未写明。没有跟踪打开情况时，`delivered` 说明不了是否“已阅”。
  某渠道某环节若没有一条记录为“否”，视为未登记，其概率并入下一环节，两者合并列出。
- *订单。* 接触记录写明订单号（`reference`）的，订单归该次接触；否则归同一用户、同一业务在期限内（`--days`，14 天）
  最近的一次接触。期限未满的接触，不用来判断是否办理。已知拒绝或未接通的，不算经该次接触办理。
- *概率。* 每个环节用逻辑回归估计，每个“渠道×目标群×业务”单元各有截距。记录少的单元向同渠道其他单元收缩，
  全部单元向原先假设收缩。“依据”列写明数字来自自身记录、同渠道其他单元，还是仅为假设；“记录数”列写明有多少条。
- *时段、坐席和话术。* 外呼和厅店：接通按时段和此前接触次数，听完介绍和有意向按坐席和话术，
  并扣除目标群、业务和模型概率的差别。每个概率是全部记录放到该时段、该坐席或该话术下的水平，
  因此坐席的高低不受名单好坏影响；各档相互收缩，不足 30 条记录的不列。
- *目标群*取 `--model` 在接触起始日及之前最近一次划分的结果：之后划分的已受接触结果影响。
- *谁有意向。* 对象为听到业务介绍的用户，各渠道合并：用逻辑回归估计，依据模型概率、
  目标群日期的宽表（年龄、在网时长、月均消费、通话、流量、持有产品、客户类别）和此前接触（每次 30 天忘记一半），
  各渠道另有自身水平。用前三分之一时间学得的结果预测中间三分之一，再用前两段预测最后一段，与目标群的概率比较；
  按户计算的 95% 区间整体显示更准时，方案就逐人区分，取中值以下一个标准误，并按届时尚未忘记的接触计算。
  报告按十等分列出预测与实际，以及依据哪些记录。需要 30 位有意向的用户、目标群（`--model`）及其日期的宽表。
  渠道的目标群有抽签对照时，以目标群的数值为准。
- *接触的净增效果。* **校正比较**：已接触用户的办理率，减去同一目标群中未接触用户的办理率；
  后者按其模型概率对应的被接触几率加权，权重不超过 19；
  没有可比未接触用户的已接触用户不参与比较，报告会列出其占比，并画出双方被接触概率的分布。
  前提是除目标群和概率外，没有其他因素同时影响接触谁和谁办理。先未接触、后被接触的用户会出现在两侧，计算区间时按同一人处理。
- *多渠道接触。* 用户再被另一渠道接触的，此前归首个渠道，此后归两个渠道合计，同一订单只计一次。
  “各自单独起效时”为 1 − (1 − a)(1 − b)，a、b 为两个渠道各自的效果。
- *以何为准。*
  **随机对照**（`--campaign`）：该活动在目标群内抽签留出对照组，且 95% 的已接触用户都经同一渠道接触时，以抽签结果为准：
  取未被留作对照的双重稳健效果，除以接触占比之差。晚于 `--since` 的抽签不计入：此前的接触并未避开对照组。
  **假设推算**：没有可比用户，只能按各环节的办理推算；其中一部分用户本来也会办理。
- 早早办理的用户不会再被接触。因此双方都从尚未办理的某一天起，观察同样的天数（`--days`）：已接触用户从首次接触那天算起，
  未接触用户从按接触日期分布抽取的一天算起，观察到其本人被接触为止。
""",
)
STEPS_TITLE = Label("## Steps of each channel", "## 各渠道的环节")
BELIEFS_TITLE = Label("## What is believed before any record", "## 没有记录时的假设")
BELIEFS_TEXT = Label(
    f"No trustworthy source gives these numbers. Each is the chance of the step given the one before. The weight is "
    f"the number of records that would be as sure as the range, at most {MOST_WEIGHT:.0f}.",
    f"这些数字没有可靠来源。每个数字是在前一环节发生的条件下该环节的概率。权重表示该范围的把握程度相当于多少条记录，"
    f"最多 {MOST_WEIGHT:.0f}。",
)
STEP_HEADS = (Label("Channels", "渠道"), Label("Steps", "环节"))
HEADS = (
    Label("Kind of contact", "接触类型"),
    Label("Step", "环节"),
    Label("Group", "目标群"),
    Label("Chance", "概率"),
    Label("Range", "范围"),
    Label("Weight", "权重"),
    Label("Reason", "理由"),
)
EVERY = Label("every", "全部")


def funnel_markdown(language: Language) -> str:
    """The whole page."""
    lines: list[Label | str] = [
        TITLE,
        "",
        TEXT,
        STEPS_TITLE,
        "",
        _line([render(one, language) for one in STEP_HEADS]),
        "| --- | --- |",
    ]
    lines += [_steps(family, language) for family in Family]
    lines += ["", BELIEFS_TITLE, "", BELIEFS_TEXT, "", _line([render(one, language) for one in HEADS])]
    lines += ["|" + " --- |" * len(HEADS), *(_belief(one, language) for one in BELIEFS)]
    return "\n".join(render(line, language) for line in lines) + "\n"


def _steps(family: Family, language: Language) -> str:
    between = {"en": ", ", "zh": "、"}[language]
    channels = between.join(
        render(CHANNEL_LABELS[one], language) for one in CHANNELS if CHANNELS[one] is family
    )
    return _line([channels, " → ".join(render(step.label, language) for step in STEPS[family])])


def _belief(one: Belief, language: Language) -> str:
    group = GROUP_LABELS[one.group] if one.group else EVERY
    return _line(
        [
            render(FAMILY_LABELS[one.family], language),
            render(one.step.label, language),
            render(group, language),
            percent(one.chance),
            f"{percent(one.low)} – {percent(one.high)}",
            f"{one.weight:.0f}",
            render(one.reason, language),
        ]
    )


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
