"""The catalogue's features of contacts, complaints and orders."""

from __future__ import annotations

from telewave.features.feature import Feature, days_since, share, total
from telewave.kernel import Label

RELATION: tuple[Feature, ...] = (
    *total(
        "contacts",
        "contacts",
        "contacts",
        Label("Marketing contacts", "营销接触次数"),
        "",
        meaning=Label("Contacts of any channel and outcome", "各渠道、各种结果的营销接触次数"),
    ),
    *total(
        "contacts_call",
        "contacts_call",
        "contacts",
        Label("Outbound calls received", "接到外呼次数"),
        "",
        meaning=Label("Outbound calls, answered or not", "外呼次数，含未接通"),
    ),
    *total(
        "contacts_sms",
        "contacts_sms",
        "contacts",
        Label("Marketing SMS and MMS received", "收到营销短彩信条数"),
        "",
        meaning=Label("SMS and MMS of marketing", "营销短信和彩信条数"),
    ),
    *total(
        "contacts_hall",
        "contacts_hall",
        "contacts",
        Label("Contacts in halls and shops", "营业厅和门店接触次数"),
        "",
        meaning=Label("Contacts in halls and third-party shops", "营业厅和第三方门店的接触次数"),
    ),
    *total(
        "contacts_online",
        "contacts_online",
        "contacts",
        Label("Online contacts", "线上接触次数"),
        "",
        meaning=Label(
            "Contacts by email, web push, web hall, app and social media",
            "邮件、网页推送、网上营业厅、客户端和社交媒体的接触次数",
        ),
    ),
    *total(
        "contacts_refused",
        "contacts_refused",
        "contacts",
        Label("Refusals", "拒绝次数"),
        "",
        meaning=Label("Contacts that were refused or answered by opting out", "被拒绝或退订的接触次数"),
    ),
    share(
        "contacts_willing_share",
        "contacts_willing",
        "contacts",
        "contacts",
        Label("Share of willing contacts", "有意向接触占比"),
        meaning=Label(
            "Contacts with interest shown, clicked, or followed by a visit, divided by all contacts",
            "有意向、点击或到厅的接触次数除以全部接触次数",
        ),
    ),
    share(
        "contacts_unanswered_share",
        "contacts_unanswered",
        "contacts_call",
        "contacts",
        Label("Unanswered per outbound call", "外呼未接比例"),
        meaning=Label(
            "Outbound calls without answer divided by all outbound calls", "未接通外呼次数除以全部外呼次数"
        ),
    ),
    days_since(
        "days_since_contact",
        "last_contacted",
        "contacts",
        Label("Days since the last contact", "距上次接触天数"),
    ),
    *total("complaints", "complaints", "complaints", Label("Complaints", "投诉次数"), ""),
    *total(
        "complaints_billing",
        "complaints_billing",
        "complaints",
        Label("Complaints about bills", "账单投诉次数"),
        "",
    ),
    *total(
        "complaints_marketing",
        "complaints_marketing",
        "complaints",
        Label("Complaints about marketing", "营销投诉次数"),
        "",
    ),
    days_since(
        "days_since_complaint",
        "last_complained",
        "complaints",
        Label("Days since the last complaint", "距上次投诉天数"),
    ),
    *total("orders", "orders", "orders", Label("Orders", "办理次数"), ""),
    days_since(
        "days_since_order", "last_ordered", "orders", Label("Days since the last order", "距上次办理天数")
    ),
)
