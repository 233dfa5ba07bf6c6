"""The catalogue: every feature of the wide table, declared once.

Sums are in everyday units (minutes, megabytes, yuan); windows are calendar months that end at the as-of date.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis.expr.types as ir

from telewave.features.feature import (
    NONE_IS_ZERO,
    Feature,
    days_since,
    sentence,
    state,
    total,
)
from telewave.features.folding import MONTHS
from telewave.features.model import Variable, VariableKind
from telewave.features.relation_catalogue import RELATION
from telewave.features.usage_catalogue import ACTIVITY, DATA, MESSAGES, VOICE
from telewave.kernel import Label

DAYS_IN_MONTH = 365.2425 / 12
NUMBER, CATEGORY, FLAG = VariableKind.NUMBER, VariableKind.CATEGORY, VariableKind.FLAG


def _plain(column: str) -> Callable[[ir.Table], ir.Value]:
    return lambda t: t[column]


PROFILE: tuple[Feature, ...] = (
    state(
        "age",
        Label("Age", "年龄"),
        Label(
            (
                "Whole years since birth. Born on 29 February, one is a year older on 28 February in years "
                "without the 29th. Unknown without a date of birth."
            ),
            "周岁。2 月 29 日出生的，平年在 2 月 28 日长一岁。没有出生日期时为空。",
        ),
        NUMBER,
        "subscribers",
        "years",
        lambda t: (t.age_months / 12).floor().cast("float64"),
    ),
    state(
        "tenure_months",
        Label("Tenure", "在网时长"),
        Label("Whole months since activation.", "入网以来的整月数。"),
        NUMBER,
        "subscribers",
        "months",
        _plain("tenure_months"),
    ),
    state(
        "gender",
        Label("Gender", "性别"),
        Label("As registered; may be unknown.", "登记的性别；可能为空。"),
        CATEGORY,
        "subscribers",
        "",
        _plain("gender"),
    ),
    state(
        "district",
        Label("District", "区县"),
        Label("District of the subscriber; may be unknown.", "用户所在区县；可能为空。"),
        CATEGORY,
        "subscribers",
        "",
        _plain("district"),
    ),
    state(
        "payment",
        Label("Payment", "付费方式"),
        Label("Prepaid or postpaid.", "预付费或后付费。"),
        CATEGORY,
        "subscribers",
        "",
        _plain("payment"),
    ),
    state(
        "segment",
        Label("Customer segment", "客户类别"),
        Label("Public or enterprise.", "公众客户或政企客户。"),
        CATEGORY,
        "subscribers",
        "",
        _plain("segment"),
    ),
)

HELD: tuple[Feature, ...] = (
    state(
        "has_mobile",
        Label("Holds mobile", "有移动业务"),
        Label("Holds a mobile product on the eve of the date.", "截止日前一天持有移动产品。"),
        FLAG,
        "holdings",
        "",
        lambda t: t.has_mobile.fill_null(False),
    ),
    state(
        "has_broadband",
        Label("Holds broadband", "有宽带业务"),
        Label("Holds a broadband product on the eve of the date.", "截止日前一天持有宽带产品。"),
        FLAG,
        "holdings",
        "",
        lambda t: t.has_broadband.fill_null(False),
    ),
    state(
        "has_iptv",
        Label("Holds IPTV", "有 IPTV 业务"),
        Label("Holds an IPTV product on the eve of the date.", "截止日前一天持有 IPTV 产品。"),
        FLAG,
        "holdings",
        "",
        lambda t: t.has_iptv.fill_null(False),
    ),
    state(
        "products_held",
        Label("Products held", "持有产品数"),
        sentence(Label("Number of products held", "持有的产品数量"), NONE_IS_ZERO),
        NUMBER,
        "holdings",
        "",
        lambda t: t.products_held.fill_null(0).cast("float64"),
    ),
    state(
        "value_added_held",
        Label("Value-added products held", "持有增值业务数"),
        sentence(Label("Number of value-added products held", "持有的增值业务数量"), NONE_IS_ZERO),
        NUMBER,
        "holdings",
        "",
        lambda t: t.value_added_held.fill_null(0).cast("float64"),
    ),
    state(
        "contract_months_left",
        Label("Contract months left", "合约剩余月数"),
        Label(
            "Days until the last running contract of the products held ends, in months of 30.44 days. "
            "Unknown when there is none.",
            "在用产品中最晚到期合约的剩余天数，按每月 30.44 天折算。无合约时为空。",
        ),
        NUMBER,
        "holdings",
        "months",
        lambda t: (t.contract_end_day - t.as_of_day) / DAYS_IN_MONTH,
    ),
)

DEVICE: tuple[Feature, ...] = (
    state(
        "device_kind",
        Label("Kind of device", "终端类型"),
        Label("Of the device last recorded; unknown without one.", "最近登记的终端；没有时为空。"),
        CATEGORY,
        "devices",
        "",
        _plain("device_kind"),
    ),
    state(
        "device_generation",
        Label("Network of the device", "终端网络制式"),
        Label("Of the device last recorded; unknown without one.", "最近登记的终端；没有时为空。"),
        CATEGORY,
        "devices",
        "",
        _plain("device_generation"),
    ),
    state(
        "device_brand",
        Label("Brand of the device", "终端品牌"),
        Label("Of the device last recorded; unknown without one.", "最近登记的终端；没有时为空。"),
        CATEGORY,
        "devices",
        "",
        _plain("device_brand"),
    ),
    state(
        "device_age_months",
        Label("Age of the device", "终端使用时长"),
        Label(
            "Whole months since the device was first used; unknown without one.",
            "终端启用以来的整月数；没有终端时为空。",
        ),
        NUMBER,
        "devices",
        "months",
        _plain("device_months"),
    ),
    state(
        "device_price",
        Label("List price of the device", "终端标价"),
        Label("Of the device last recorded; may be unknown.", "最近登记的终端；可能为空。"),
        NUMBER,
        "devices",
        "yuan",
        lambda t: t.device_price_fen / 100,
    ),
)


def _arpu(t: ir.Table) -> ir.Value:
    return t.billed_fen_3m / t.bills_3m.nullif(0) / 100


def _arpu_change(t: ir.Table) -> ir.Value:
    before = (t.billed_fen_3m - t.billed_fen_1m) / (t.bills_3m - t.bills_1m).nullif(0)
    return (t.billed_fen_1m / t.bills_1m.nullif(0) - before) / 100


MONEY: tuple[Feature, ...] = (
    Feature(
        name="arpu",
        label=Label("ARPU", "ARPU"),
        meaning=Label(
            (
                "Mean of the bills issued in three months; corrections and credit notes (by their kind or, where none "
                "is said, below zero) change the sum and are no bills of their own. Unknown without a bill."
            ),
            "近三个月账单的平均金额；更正和贷记(按账单类型；没有类型时看是否为负数)计入合计，不另计为一张账单。"
            "没有账单时为空。",
        ),
        unit="yuan",
        kind=NUMBER,
        window=MONTHS,
        source="bills",
        formula=_arpu,
    ),
    Feature(
        name="arpu_change",
        label=Label("ARPU, change", "ARPU 变化"),
        meaning=Label(
            "Mean of the last month's bills less the mean of the two months before. Unknown when either has none.",
            "最近一月账单均值减去之前两个月均值。任一期无账单时为空。",
        ),
        unit="yuan",
        kind=NUMBER,
        window=MONTHS,
        source="bills",
        formula=_arpu_change,
    ),
    Feature(
        name="billed_1m",
        label=Label("Billed in the last month", "近一月账单金额"),
        meaning=sentence(
            Label("Sum of the bills issued in the last month", "近一月出账金额合计"), NONE_IS_ZERO
        ),
        unit="yuan",
        kind=NUMBER,
        window=1,
        source="bills",
        formula=lambda t: t.billed_fen_1m / 100,
    ),
    *total("payments", "payments", "payments", Label("Payments", "缴费次数"), ""),
    *total(
        "payments_late",
        "payments_late",
        "payments",
        Label("Late payments", "逾期缴费次数"),
        "",
        meaning=Label("Payments later than their due date", "晚于应缴日的缴费次数"),
    ),
    Feature(
        name="days_late_max_3m",
        label=Label("Longest delay of a payment in three months", "近三月最长逾期天数"),
        meaning=Label(
            "Days from due date to payment, at most; zero when all were in time. Unknown without a payment.",
            "从应缴日到缴费日的最长天数，均按时缴费为零。没有缴费记录时为空。",
        ),
        unit="days",
        kind=NUMBER,
        window=MONTHS,
        source="payments",
        formula=lambda t: t.days_late_3m.cast("float64"),
    ),
    days_since(
        "days_since_payment", "last_paid", "payments", Label("Days since the last payment", "距上次缴费天数")
    ),
)

GROUPS: tuple[tuple[Label, tuple[Feature, ...]], ...] = (
    (Label("Profile", "基本资料"), PROFILE),
    (Label("Products held", "持有产品"), HELD),
    (Label("Device", "终端"), DEVICE),
    (Label("Bills and payments", "账单与缴费"), MONEY),
    (Label("Voice", "语音"), VOICE),
    (Label("Messages", "短彩信"), MESSAGES),
    (Label("Internet", "上网"), DATA),
    (Label("Activity", "活跃情况"), ACTIVITY),
    (Label("Contacts, complaints, orders", "接触、投诉与办理"), RELATION),
)
FEATURES: tuple[Feature, ...] = tuple(feature for _, features in GROUPS for feature in features)
VARIABLES: tuple[Variable, ...] = tuple(feature.variable for feature in FEATURES)
