"""The assumptions about one contact: what each step of it adds up. Pure constants; `assumptions` has them all."""

from __future__ import annotations

from telewave.simulation.assumption import assumed

REACHED = (
    assumed(
        "reached_call",
        0.50,
        0.40,
        0.60,
        "Calls that are answered; hour and person move it within this range. Vendors' figure, weak.",
        "外呼接通率，随时段和个人在此范围内变化；厂商数据，可信度低。",
    ),
    assumed(
        "reached_sms",
        0.98,
        0.95,
        0.995,
        "Messages delivered: few numbers are off for days.",
        "短信送达率：少数号码数日不开机。",
    ),
    assumed(
        "reached_online",
        0.90,
        0.7,
        0.98,
        "Pushes delivered to who uses the web hall or the app.",
        "网页与掌厅推送送达率。",
    ),
)
LISTENS = (
    assumed(
        "listens_call",
        0.4,
        -0.4,
        1.2,
        "Log odds that who answers hears the agent out: six in ten do.",
        "接听者听完介绍的对数几率：约六成。",
    ),
    assumed(
        "listens_hall",
        1.1,
        0.4,
        2.0,
        "The same at the counter, where he waits anyway: three in four.",
        "柜台前的对数几率：约四分之三，反正在等候。",
    ),
    assumed("listens_third_party_shop", 0.4, -0.2, 1.2, "The same in a shop.", "社会网点的对数几率。"),
    assumed(
        "listens_sms",
        -0.6,
        -1.5,
        0.3,
        "Log odds that a delivered SMS is read: a third are.",
        "短信送达后被阅读的对数几率：约三分之一。",
    ),
    assumed(
        "listens_online",
        -1.8,
        -3.0,
        -0.8,
        "Log odds that a push is opened: one in seven.",
        "推送被打开的对数几率：约七分之一。",
    ),
)
WILLING = (
    assumed(
        "willing_call",
        -3.85,
        -4.5,
        -3.2,
        "Log odds that a listener of the normal group and average liking is willing: of the reached, 0.8-1.5 % "
        "order who would not have.",
        "一般群中喜好居中的听者产生意向的对数几率：对应接通者中因接触办理 0.8-1.5 %。",
    ),
    assumed(
        "willing_core",
        0.60,
        0.2,
        1.0,
        "More for the core group: 2-4 % of the reached.",
        "核心群的增量：对应接通者的 2-4 %。",
    ),
    assumed(
        "willing_basic",
        -1.15,
        -1.8,
        -0.5,
        "Less for the basic group: 0.1-0.3 % of the reached.",
        "基础群的减量：对应接通者的 0.1-0.3 %。",
    ),
    assumed(
        "willing_slope",
        0.70,
        0.4,
        1.1,
        "For each standard deviation of liking, what shows and what does not.",
        "喜好每增加一个标准差的增量，含可见与不可见部分。",
    ),
    assumed(
        "willing_hall",
        0.75,
        0.2,
        1.2,
        "More for who is in the hall: a pop-up wins 3-6 % of the targets who come anyway.",
        "到厅者的增量：弹窗对顺路到厅的目标客户成功率 3-6 %。",
    ),
    assumed("willing_third_party_shop", 0.40, 0.0, 0.9, "More for who is in a shop.", "在社会网点者的增量。"),
    assumed(
        "willing_message",
        -0.90,
        -1.8,
        -0.3,
        "Less by a message, of which nothing can be asked: 0.05-0.3 % of targets. Operators report 0.5 %, and "
        "6 % with a learnt list.",
        "短信与推送的减量，无人答疑：目标客户的 0.05-0.3 %；运营商报告 0.5 %，用学得的名单 6 %。",
    ),
    assumed("persuaded", 0.60, 0.2, 1.0, "More for the persuadable.", "易被说服者的增量。"),
    assumed("unmoved", -0.35, -0.8, 0.0, "Less for those whom contact moves little.", "不易打动者的减量。"),
    assumed("repelled", -1.60, -3.0, -0.8, "Less for those whom contact puts off.", "反感者的减量。"),
    assumed("persuadable", 0.35, 0.2, 0.5, "Share of people whom contact moves.", "可被说服者占比。"),
    assumed("put_off", 0.15, 0.05, 0.3, "Share of people whom contact puts off.", "反感者占比。"),
    assumed(
        "intender_willing",
        0.80,
        0.5,
        0.95,
        "Chance that a listener who would have ordered later in the month by himself is willing now.",
        "本月稍后本会自行办理的听者现在就愿意的概率。",
    ),
    assumed(
        "skill",
        0.25,
        0.1,
        0.5,
        "For each standard deviation of an agent's skill.",
        "坐席技能每高一个标准差的增量。",
    ),
    assumed(
        "script_taste",
        0.30,
        0.1,
        0.5,
        "Of a script that speaks to a person's liking, for each standard deviation of it.",
        "话术投其所好时，偏好每一个标准差的增量。",
    ),
    assumed(
        "recall_gift",
        0.35,
        0.1,
        0.7,
        "A gift for coming to the hall: adds to willingness.",
        "回访到厅礼：意愿增量。",
    ),
    assumed(
        "trade_in",
        0.50,
        0.2,
        0.9,
        "An old device taken in payment, for those whose device is two years old or more.",
        "以旧换新：终端满两年者的意愿增量。",
    ),
    assumed(
        "flash_sale", 0.30, 0.1, 0.6, "A price for a few days: adds to willingness.", "限时抢购：意愿增量。"
    ),
)
ORDERING = (
    assumed(
        "in_call",
        -0.50,
        -1.5,
        0.5,
        "Log odds that the willing order in the call; the rest promise to come to the hall.",
        "有意向者当场在电话中下单的对数几率，其余约定到厅。",
    ),
    assumed(
        "parcel_accepted",
        0.85,
        0.7,
        0.95,
        "Parcels that are accepted: cash on delivery is refused now and then.",
        "快递签收率，货到付款时有拒收。",
    ),
    assumed(
        "comes", -0.20, -1.0, 0.5, "Log odds that who promised comes to the hall.", "约定者到厅的对数几率。"
    ),
    assumed(
        "comes_within_days",
        7,
        3,
        14,
        "Days within which he comes, at most to the month's end.",
        "几日内到厅，最迟至月末。",
    ),
    assumed(
        "buys_in_hall",
        0.90,
        0.7,
        0.98,
        "Of those who come, who buys: stock, papers, second thoughts.",
        "到厅后办成的比例，受库存、证件、犹豫影响。",
    ),
    assumed(
        "buys_at_once",
        0.80,
        0.6,
        0.95,
        "The willing in a hall or shop who buy then and there.",
        "在厅或网点有意向者当场办成的比例。",
    ),
    assumed(
        "buys_online",
        0.25,
        0.1,
        0.5,
        "Who clicks or replies and completes the order.",
        "点击或回复者完成下单的比例。",
    ),
    assumed("activates", 0.98, 0.9, 1.0, "Orders that are activated.", "订单激活比例。"),
)
AFTER = (
    assumed(
        "tiring",
        0.50,
        0.2,
        1.0,
        "Log odds of listening and of being willing that each touch that got through takes away, whatever its "
        "channel and offer.",
        "每次触达(不论渠道与产品)使倾听和意愿的对数几率降低多少。",
    ),
    assumed(
        "recovery_half_life_days",
        30,
        14,
        90,
        "Days in which half of that is forgotten.",
        "疲劳消退一半所需天数。",
    ),
    assumed(
        "opts_out",
        0.004,
        0.001,
        0.01,
        "Chance that who reads a message or hears a call opts out.",
        "读到短信或接听外呼后退订的概率。",
    ),
    assumed(
        "put_off_opts_out", 0.05, 0.01, 0.15, "The same of those whom contact puts off.", "反感者退订的概率。"
    ),
    assumed(
        "put_off_complains",
        0.01,
        0.002,
        0.03,
        "Chance that a touch makes one whom it puts off complain.",
        "触达使反感者投诉的概率。",
    ),
    assumed(
        "put_off_churn",
        1.0,
        0.3,
        2.0,
        "Log of what a call multiplies the chance to leave with for those whom it puts off; a visit half of it, "
        "a message a quarter. Forgotten as fatigue is.",
        "外呼使反感者离网概率放大的对数；到厅为一半，短信为四分之一；与疲劳同样消退。",
    ),
)

CHOICE = (
    assumed(
        "own_orders_in_shops",
        0.45,
        0.2,
        0.6,
        "Of those who order by themselves but not on line, who goes to a shop.",
        "自行办理且不在线上的人中，去社会网点的比例。",
    ),
    assumed(
        "cost_weight",
        0.90,
        0.4,
        2.0,
        "Log odds that a policy loses for each 1,000 yuan of true cost over its contract, at the "
        "taker's own fee; more for the price-sensitive.",
        "政策在合约期内的真实成本(按办理人自身消费)每多 1000 元，对数几率降低多少；价格敏感者更多。",
    ),
    assumed(
        "money_down_weight",
        0.25,
        0.1,
        0.6,
        "The same for each 1,000 yuan paid on the first day; more for who spends little.",
        "首日每多付 1000 元的降低；消费低者更多。",
    ),
    assumed(
        "bound_year_weight",
        0.15,
        0.05,
        0.4,
        "The same for each year that one is bound.",
        "每多绑定一年的降低。",
    ),
    assumed(
        "group_weight",
        0.50,
        0.2,
        1.0,
        "The same for the log of the pieces that an order needs.",
        "起订台数的对数每增加 1 的降低。",
    ),
    assumed(
        "brand_habit",
        0.50,
        0.0,
        1.0,
        "What a policy without contract gains with who uses a device of the brand already.",
        "已在用该品牌终端者选择无合约政策的增量。",
    ),
)
