"""The catalogue's part on usage records: voice, messages, data, activity."""

from __future__ import annotations

from telewave.features.feature import Feature, change, days_since, share, total
from telewave.features.folding import MONTHS
from telewave.features.model import VariableKind
from telewave.kernel import Label

VOICE: tuple[Feature, ...] = (
    *total(
        "called_home_min",
        "called_home_s",
        "usage",
        Label("Called minutes, not roaming", "非漫游被叫分钟数"),
        "min",
        60,
        Label("Minutes of incoming calls outside roaming", "非漫游状态下接听电话的分钟数"),
    ),
    change(
        "called_home_min",
        "called_home_s",
        "usage",
        Label("Called minutes, not roaming", "非漫游被叫分钟数"),
        "min",
        60,
    ),
    *total(
        "calling_home_inter_provincial_min",
        "calling_home_inter_provincial_s",
        "usage",
        Label("Calling minutes inter-provincial, not roaming", "非漫游省际长途主叫分钟数"),
        "min",
        60,
        Label(
            "Minutes of outgoing calls to other provinces outside roaming", "非漫游状态下拨打外省电话的分钟数"
        ),
    ),
    *total(
        "calling_home_min",
        "calling_home_s",
        "usage",
        Label("Calling minutes, not roaming", "非漫游主叫分钟数"),
        "min",
        60,
        meaning=Label("Minutes of outgoing calls outside roaming", "非漫游状态下拨打电话的分钟数"),
    ),
    *total(
        "call_min",
        "call_s",
        "usage",
        Label("Call minutes", "通话分钟数"),
        "min",
        60,
        meaning=Label("Minutes of incoming and outgoing calls", "主叫和被叫分钟数合计"),
    ),
    change("call_min", "call_s", "usage", Label("Call minutes", "通话分钟数"), "min", 60),
    *total(
        "calls",
        "calls",
        "usage",
        Label("Calls", "通话次数"),
        "",
        meaning=Label("Incoming and outgoing calls", "主叫和被叫次数合计"),
    ),
    change("calls", "calls", "usage", Label("Calls", "通话次数"), ""),
    *total("calls_out", "calls_out", "usage", Label("Outgoing calls", "主叫次数"), ""),
    *total(
        "calls_inter_provincial",
        "calls_inter_provincial",
        "usage",
        Label("Inter-provincial calls", "省际长途次数"),
        "",
    ),
    *total(
        "calls_hk_mo_tw",
        "calls_hk_mo_tw",
        "usage",
        Label("Calls with Hong Kong, Macao, Taiwan", "港澳台通话次数"),
        "",
    ),
    *total(
        "calls_international",
        "calls_international",
        "usage",
        Label("International calls", "国际通话次数"),
        "",
    ),
    *total(
        "long_distance_abroad_min",
        "call_long_distance_abroad_s",
        "usage",
        Label("Minutes of international, Hong Kong, Macao, Taiwan calls", "国际及港澳台通话分钟数"),
        "min",
        60,
    ),
    *total(
        "roaming_min", "call_roaming_s", "usage", Label("Roaming call minutes", "漫游通话分钟数"), "min", 60
    ),
    *total("calls_roaming", "calls_roaming", "usage", Label("Roaming calls", "漫游通话次数"), ""),
    share("call_length", "call_s", "calls", "usage", Label("Mean call length", "平均通话时长"), unit="s"),
    share("calling_share", "calls_out", "calls", "usage", Label("Share of outgoing calls", "主叫占比")),
    share(
        "night_share",
        "calls_night",
        "calls",
        "usage",
        Label("Share of night calls (22-6 h)", "夜间通话占比(22-6 时)"),
        meaning=Label(
            "Calls that began from 22 to 6 o'clock divided by all calls",
            "22 时至次日 6 时开始的通话次数除以全部通话次数",
        ),
    ),
    share(
        "weekend_share",
        "calls_weekend",
        "calls",
        "usage",
        Label("Share of weekend calls", "周末通话占比"),
        meaning=Label(
            "Calls on Saturdays and Sundays divided by all calls", "周六、周日的通话次数除以全部通话次数"
        ),
    ),
    share(
        "office_share",
        "calls_office",
        "calls",
        "usage",
        Label("Share of calls at 9-18 h", "工作时段通话占比(9-18 时)"),
        meaning=Label(
            "Calls that began from 9 to 18 o'clock on any day, divided by all calls",
            "任意日 9 时至 18 时开始的通话次数除以全部通话次数",
        ),
    ),
    share(
        "evening_share",
        "calls_evening",
        "calls",
        "usage",
        Label("Share of calls at 18-22 h", "傍晚通话占比(18-22 时)"),
        meaning=Label(
            "Calls that began from 18 to 22 o'clock divided by all calls",
            "18 时至 22 时开始的通话次数除以全部通话次数",
        ),
    ),
    share(
        "short_call_share",
        "calls_short",
        "calls",
        "usage",
        Label("Share of calls under 10 s", "10 秒以内通话占比"),
    ),
    share(
        "long_call_share",
        "calls_long",
        "calls",
        "usage",
        Label("Share of calls of 5 minutes or more", "5 分钟以上通话占比"),
    ),
    *total(
        "counterparties",
        "peers",
        "usage",
        Label("Distinct counterparties", "不同对端号码数"),
        "",
        meaning=Label(
            "Different numbers on the other side of calls, messages or other records",
            "通话、短彩信等记录中不同的对端号码数",
        ),
    ),
    share(
        "calls_per_counterparty",
        "calls",
        "peers",
        "usage",
        Label("Calls per counterparty", "每个对端的通话次数"),
        meaning=Label("Calls divided by distinct counterparties", "通话次数除以不同对端号码数"),
    ),
)

MESSAGES: tuple[Feature, ...] = (
    *total(
        "sms",
        "sms",
        "usage",
        Label("SMS", "短信条数"),
        "",
        meaning=Label("SMS sent and received", "发送和接收的短信条数"),
    ),
    *total("sms_out", "sms_out", "usage", Label("SMS sent", "发送短信条数"), ""),
    *total(
        "mms",
        "mms",
        "usage",
        Label("MMS", "彩信条数"),
        "",
        meaning=Label("MMS sent and received", "发送和接收的彩信条数"),
    ),
    *total("mms_out", "mms_out", "usage", Label("MMS sent", "发送彩信条数"), ""),
)

DATA: tuple[Feature, ...] = (
    *total("data_min", "data_s", "usage", Label("Mobile internet minutes", "手机上网分钟数"), "min", 60),
    change("data_min", "data_s", "usage", Label("Mobile internet minutes", "手机上网分钟数"), "min", 60),
    *total("data_mb", "data_kb", "usage", Label("Mobile data", "手机流量"), "MB", 1024),
    change("data_mb", "data_kb", "usage", Label("Mobile data", "手机流量"), "MB", 1024),
    *total("data_sessions", "data_sessions", "usage", Label("Mobile internet sessions", "手机上网次数"), ""),
    *total(
        "data_roaming_mb",
        "data_roaming_kb",
        "usage",
        Label("Mobile data while roaming", "漫游流量"),
        "MB",
        1024,
    ),
    share(
        "data_night_share",
        "data_night_kb",
        "data_kb",
        "usage",
        Label("Share of mobile data at night", "夜间流量占比"),
        meaning=Label(
            "Mobile data of sessions that began from 22 to 6 o'clock divided by all mobile data",
            "22 时至次日 6 时开始的上网流量除以全部手机流量",
        ),
    ),
    share(
        "data_weekend_share",
        "data_weekend_kb",
        "data_kb",
        "usage",
        Label("Share of mobile data at weekends", "周末流量占比"),
    ),
    *total("broadband_min", "broadband_s", "usage", Label("Broadband minutes", "宽带上网分钟数"), "min", 60),
    *total("broadband_mb", "broadband_kb", "usage", Label("Broadband data", "宽带流量"), "MB", 1024),
    change("broadband_mb", "broadband_kb", "usage", Label("Broadband data", "宽带流量"), "MB", 1024),
    share(
        "broadband_evening_share",
        "broadband_evening_kb",
        "broadband_kb",
        "usage",
        Label("Share of broadband data in the evening", "傍晚宽带流量占比"),
        meaning=Label(
            "Broadband data of sessions that began from 18 to 22 o'clock divided by all broadband data",
            "18 时至 22 时开始的宽带流量除以全部宽带流量",
        ),
    ),
)

ACTIVITY: tuple[Feature, ...] = (
    *total(
        "active_days",
        "active_days",
        "usage",
        Label("Days with use", "有使用的天数"),
        "days",
        meaning=Label("Days with any usage record", "有任意使用记录的天数"),
    ),
    days_since("days_since_use", "last_used", "usage", Label("Days since the last use", "距上次使用天数")),
    Feature(
        name="been_abroad_3m",
        label=Label("Used abroad in three months", "近三月有国际漫游"),
        meaning=Label(
            "Whether there is any record while roaming internationally.", "是否有国际漫游使用记录。"
        ),
        unit="",
        kind=VariableKind.FLAG,
        window=MONTHS,
        source="usage",
        formula=lambda t: t.abroad_records_3m > 0,
    ),
)
