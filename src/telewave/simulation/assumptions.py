"""Levels of the city that no trustworthy source gives: each with its value, its range and why. Pure constants.

Log odds are added where several apply: a step's chance is the logistic function of their sum.
"""

from __future__ import annotations

from telewave.kernel import Label
from telewave.simulation.assumed_steps import AFTER, CHOICE, LISTENS, ORDERING, REACHED, WILLING
from telewave.simulation.assumption import Assumption, assumed

PEOPLE = (
    assumed(
        "enterprise_share_mobile_broadband",
        0.36,
        0.2,
        0.5,
        "Customers of enterprises among those with mobile and "
        "broadband: the case counts 40 % of their devices alone.",
        "移动+宽带客户中的政企占比：案例单购机中占四成。",
    ),
    assumed(
        "enterprise_share_other",
        0.06,
        0.02,
        0.15,
        "The same among all others, whom the case does not split.",
        "其余客户中的政企占比，案例未分。",
    ),
    assumed(
        "prepaid_share",
        0.45,
        0.3,
        0.7,
        "Mobile lines paid in advance, of a branch of that time.",
        "预付费移动用户占比，按当时分公司的常见水平。",
    ),
    assumed(
        "monthly_churn",
        0.010,
        0.005,
        0.025,
        "Chance to leave in a month, contract or not.",
        "月离网率，不分是否在约。",
    ),
    assumed(
        "unknown_birth_date", 0.02, 0.0, 0.2, "Profiles without date of birth.", "资料中没有出生日期的比例。"
    ),
    assumed("machines", 0.002, 0.0005, 0.01, "Mobile lines that are machines.", "机器号码占移动用户的比例。"),
    assumed(
        "call_share_of_a_mobile_day",
        5.0,
        3,
        8,
        "Calls a day of a mobile line, at 8 records a day.",
        "移动用户每日通话条数(每日 8 条记录时)。",
    ),
    assumed("sms_a_mobile_day", 1.8, 0.5, 4, "SMS a day, at the same density.", "每日短信条数，密度同上。"),
    assumed(
        "mms_a_mobile_day", 0.12, 0.02, 0.5, "MMS a day, at the same density.", "每日彩信条数，密度同上。"
    ),
    assumed(
        "data_sessions_a_mobile_day",
        4.5,
        2,
        10,
        "Sessions of mobile data a day, at the same density.",
        "每日手机上网次数，密度同上。",
    ),
    assumed(
        "broadband_sessions_a_day",
        3.0,
        1,
        6,
        "Broadband sessions a day, at the same density.",
        "每日宽带上网次数，密度同上。",
    ),
)
TAKING = (
    assumed(
        "later_months_decline",
        0.97,
        0.85,
        1.0,
        "Takers of each month after the third, of those of the month before: the case ends there.",
        "第三月之后各月办理量与上月之比；案例到第三月为止。",
    ),
    assumed(
        "occasion_a_month",
        0.03,
        0.01,
        0.06,
        "Something breaks, somebody moves: once in three years.",
        "终端损坏、搬家等时机，约三年一次。",
    ),
    assumed(
        "occasion_multiplier",
        4.0,
        2,
        10,
        "What an occasion multiplies organic odds with.",
        "时机使自然办理几率放大的倍数。",
    ),
    assumed(
        "data_modem_odds",
        0.004,
        0.001,
        0.01,
        "Organic monthly odds of the modem for average appetite; below the handset's first month.",
        "上网卡在平均需求下的月自然几率，低于手机首月。",
    ),
)
HISTORY = (
    assumed(
        "blanket_sms_a_month",
        0.30,
        0.1,
        1.0,
        "Marketing SMS a mobile subscriber and month: a blanket round every third month.",
        "每位移动用户每月营销短信条数：约每季群发一轮。",
    ),
    assumed(
        "hall_visits_a_month",
        0.04,
        0.02,
        0.08,
        "Visits to a hall: 60 halls with some 75 a day.",
        "每位用户每月到厅次数：60 个厅，每厅每日约 75 人。",
    ),
    assumed(
        "hall_asked",
        0.30,
        0.1,
        0.6,
        "Share of visitors to whom a clerk without a list speaks of the offer.",
        "没有名单时，营业员主动介绍的到厅客户比例。",
    ),
    assumed(
        "outbound_calls_a_month",
        0.02,
        0.005,
        0.1,
        "Calls a mobile subscriber and month: a seventh of what the agents could dial.",
        "每位移动用户每月外呼次数：约为坐席能力的七分之一。",
    ),
    assumed(
        "complaints_a_month",
        0.008,
        0.002,
        0.02,
        "Complaints a subscriber and month, of any topic.",
        "每位用户每月投诉次数，不分主题。",
    ),
    assumed(
        "agents",
        100,
        40,
        200,
        "Agents of the branch, in proportion to the city's size.",
        "分公司外呼坐席数，按城市规模折算。",
    ),
    assumed(
        "dials_a_day",
        120,
        80,
        200,
        "Dials of an agent and day: 60 are reached, four minutes each.",
        "每坐席每日拨打数：约 60 个接通，各四分钟。",
    ),
    assumed("halls", 60, 30, 100, "Halls of the branch.", "分公司营业厅数。"),
    assumed("shops", 400, 200, 800, "Shops of third parties.", "社会渠道网点数。"),
)
TABLE: tuple[tuple[Label, tuple[Assumption, ...]], ...] = (
    (Label("People and their records", "人与记录"), PEOPLE),
    (Label("Taking an offer by oneself", "自行办理"), TAKING),
    (Label("What the branch did, and what it has", "分公司的做法与资源"), HISTORY),
    (Label("Reached", "触达"), REACHED),
    (Label("Listens", "倾听"), LISTENS),
    (Label("Willing", "意愿"), WILLING),
    (Label("From willing to activated", "从意向到激活"), ORDERING),
    (Label("Which policy", "选择哪项政策"), CHOICE),
    (Label("What a contact leaves behind", "接触的后效"), AFTER),
)
"""Everything assumed, by what it is about."""
ASSUMPTIONS: dict[str, float] = {one.name: one.value for _, part in TABLE for one in part}
