"""What the reference page of records says of holders and of those who have left, in both languages. Pure."""

from __future__ import annotations

from telewave.kernel import Label

HISTORY: tuple[Label, ...] = (
    Label("## Whose history, and who is there", "## 历史属于谁，谁还在网"),
    Label(
        "A number that goes to somebody else is another subscriber from then on: bills, calls, complaints, "
        "tags, devices and consent of the one before are not his. "
        "Two customers (`customer`; zeros in front aside) are two holders, and one customer is one. Where "
        "a row names none, a holder is another one if he was activated more than a "
        "month after the earlier, and after the last day on which that one was recorded; less is a "
        "correction. The new line begins on its day of activation, and the one before "
        "ends on the eve. Rows of other tables belong to the line of their day; `--subscriber` and outside "
        "lists mean the present holder. If the delivery that told of a new holder is "
        "replaced by one that does not, the number goes back to the one before. A file in which more than "
        "a tenth of the known numbers change hands is refused: "
        "then customers were renumbered, and `customer` should be left out.",
        "号码转给他人后，从那时起就是另一个用户：前一位的账单、通话、投诉、标签、终端和营销授权都不算他的。"
        "客户编号(`customer`，不计前导零)不同就是两位机主，相同就是同一位。某行没有客户编号时，"
        "如果入网日期比先前晚一个月以上、且晚于先前最后一次登记的日期，视为另一位机主；差得不多的视为更正。"
        "新机主从入网之日起算，前一位在前一天离网。其他表的行归当天的机主；`--subscriber` 和外部名单指现在的机主。"
        "如果带来新机主的那次交付被替换、且不再提到他，号码就还给前一位。"
        "一个文件里有超过十分之一的已知号码换了机主时拒收：那多半是客户编号整体换过，应当不导入 "
        "`customer`。",
    ),
    Label(
        "A subscriber is there up to and with the day `ended_on`. An end is known from the day on which it "
        "was recorded; wide tables, base, penetration, scores, plans and hand-out count who is there. "
        "Somebody recorded later without an end is there again.",
        "用户在网到 `ended_on` 当天为止(含当天)。离网从登记之日起可知；宽表、客户群、渗透率、评分、"
        "计划和名单输出只计在网用户。之后又登记、且没有离网日期的，视为重新在网。",
    ),
    Label(
        "**Full snapshots.** Most exports never say that somebody has left: he is just missing from the "
        "next one. `snapshot: full` in a mapping of `subscribers` or `holdings` says that the files name "
        "everybody, or every product, that is there on the day `recorded_on` (the day of the snapshot, the "
        "same in all its rows, not of the last change). Then",
        "**全量快照。** 多数导出文件不会写谁离网了，只是下一份里没有他。在 `subscribers` 或 `holdings` "
        "的映射中写 `snapshot: full`，表示文件列出了 `recorded_on` 当天(快照日期，各行相同，"
        "不是最近变更日期)"
        "全部在网用户或全部有效产品。此时：",
    ),
    Label(
        "- who was known before, had not ended and is missing ends on the day of the first snapshot that "
        "lacks him (`end_reason`: `absent`). An end that was told otherwise stays; one told later, with "
        "its true day, "
        "counts from then on. As of a day before the snapshot he is there. A missing product ends on that day;",
        "- 此前已知、尚未离网、快照中却没有的用户，在第一份缺少他的快照当天离网(`end_reason` 为 `absent`)。"
        "已写明的离网日期不变；以后补来的真实离网日期，从登记之日起生效。截至快照之前的日期，他仍在网。"
        "缺少的产品在当天失效；",
    ),
    Label(
        "- all full deliveries that have rows of one day are its snapshot together. If it comes in several "
        "files, such as one a region, give all of them in one command;",
        "- 同一天的所有全量交付合起来是一份快照。如果分成几个文件(例如每个地市一个)，请在同一条命令中一起给出；",
    ),
    Label(
        "- files may come in any order, and again: what follows from a snapshot is computed anew, and "
        "absence is taken back where its reason is gone;",
        "- 文件可以按任意顺序导入，也可以重新交付：由快照推出的结果会重新计算，依据不再成立的离网会撤回；",
    ),
    Label(
        "- a refused row is not absence: whoever it names is as before. Where refused rows do not say "
        "whose they are, more than a tenth of all rows were refused, or those of more than 20,000 people, nobody "
        "leaves by that snapshot, and the report says so. Rows of totals do not count;",
        "- 被拒收的行不算缺失：它所指的用户保持原状。如果拒收行看不出属于谁，或拒收超过十分之一，或涉及超过两万人，"
        "这份快照不会让任何人离网，报告会说明。合计行不计在内；",
    ),
    Label(
        "- a snapshot that lacks more than a tenth of what it, or any one file of the snapshot before, had "
        "(from 20 on) is refused as cut short, with everything else of the command. `--fewer` says that it "
        "is meant.",
        "- 与上一份快照或其中任何一个文件(20 条以上)相比，缺少超过十分之一的，视为被截断，整条命令不生效。"
        "确实如此时加 `--fewer`。",
    ),
    Label(
        "Other logs (`devices`, `tags`) know no end by absence: the last that was recorded stays.",
        "其他登记表(`devices`、`tags`)不按缺失判断结束：以最后登记的为准。",
    ),
    Label(
        "**Spellings of earlier releases.** Counterparties are digests that nobody can open. Those of "
        "records ingested by a release that did not yet bring numbers to one form stay apart from the same "
        "numbers "
        "of today until their file is ingested again.",
        "**早期版本的号码写法。** 对端号码只存摘要，无法还原。早期版本(尚未统一号码写法)导入的对端号码，"
        "与现在的同一号码不会合并，直到重新导入原文件。",
    ),
)
