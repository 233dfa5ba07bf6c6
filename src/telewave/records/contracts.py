"""The contracts of the operator's tables. Names follow TM Forum's where it has one (TMF635 usage, TMF637 holdings)."""

from __future__ import annotations

from telewave.kernel import Label
from telewave.records.model import Column, Contract, Kind

DEAREST_DEVICE = 100_000_000  # fen: a million yuan
LARGEST_AMOUNT = 10_000_000_000  # fen: a hundred million yuan, which only a wrong unit exceeds

BILLED_AHEAD = 92
"""Days by which a bill may come out before the month it is for; more is a wrong date."""

SUBSCRIBER = Column("subscriber", Kind.SUBSCRIBER, Label("Subscriber", "用户"))
RECORDED = Column("recorded_on", Kind.DATE, Label("Recorded on", "登记日期"))

SUBSCRIBERS = Contract(
    "subscribers",
    Label("Subscribers", "用户资料"),
    (
        SUBSCRIBER,
        RECORDED,
        Column("customer", Kind.KEY, Label("Customer", "客户"), required=False),
        Column("activated_on", Kind.DATE, Label("Activated on", "入网日期"), past=True),
        Column("birth_date", Kind.DATE, Label("Date of birth", "出生日期"), required=False, past=True),
        Column(
            "gender",
            Kind.CODE,
            Label("Gender", "性别"),
            required=False,
            codes=("female", "male"),
        ),
        Column("district", Kind.TEXT, Label("District", "区县"), required=False),
        Column("payment", Kind.CODE, Label("Payment", "付费方式"), codes=("prepaid", "postpaid")),
        Column("segment", Kind.CODE, Label("Customer segment", "客户类别"), codes=("public", "enterprise")),
        Column("ended_on", Kind.DATE, Label("Ended on", "离网日期"), required=False, past=True),
        Column(
            "end_reason",
            Kind.CODE,
            Label("Reason of the end", "离网原因"),
            required=False,
            codes=("cancelled", "ported_out", "suspended_for_debt", "transferred", "died", "absent"),
        ),
    ),
    key=("subscriber", "recorded_on"),
    dated_by="recorded_on",
    refers=False,
    spans=(("activated_on", "ended_on"),),
    evolved=True,  # `customer` was a whole number once, and a line had no end
)

DEVICES = Contract(
    "devices",
    Label("Devices", "终端"),
    (
        SUBSCRIBER,
        RECORDED,
        Column("used_from", Kind.DATE, Label("Used from", "启用日期"), past=True),
        Column("brand", Kind.TEXT, Label("Brand", "品牌"), required=False),
        Column(
            "kind",
            Kind.CODE,
            Label("Kind", "终端类型"),
            codes=("feature_phone", "smartphone", "modem"),
        ),
        Column("generation", Kind.CODE, Label("Generation", "网络制式"), codes=("2g", "3g", "4g", "5g")),
        Column(
            "price_minor",
            Kind.MONEY,
            Label("List price", "标价"),
            required=False,
            unit="fen",
            low=0,
            high=DEAREST_DEVICE,
        ),
    ),
    key=("subscriber", "recorded_on", "used_from"),
    dated_by="recorded_on",
)

HOLDINGS = Contract(
    "holdings",
    Label("Product holdings", "产品持有"),
    (
        SUBSCRIBER,
        RECORDED,
        Column("product", Kind.TEXT, Label("Product", "产品")),
        Column(
            "kind",
            Kind.CODE,
            Label("Kind of product", "产品类别"),
            codes=("mobile", "broadband", "fixed_line", "iptv", "value_added"),
        ),
        Column("starts_on", Kind.DATE, Label("Starts on", "生效日期")),
        Column("ends_on", Kind.DATE, Label("Ends on", "失效日期"), required=False),
        Column("contract_ends_on", Kind.DATE, Label("Contract ends on", "合约到期日"), required=False),
    ),
    key=("subscriber", "product", "recorded_on"),
    dated_by="recorded_on",
    spans=(("starts_on", "ends_on"), ("starts_on", "contract_ends_on")),
)

BILLS = Contract(
    "bills",
    Label("Bills", "账单"),
    (
        SUBSCRIBER,
        Column("issued_on", Kind.DATE, Label("Issued on", "出账日期")),
        Column("month", Kind.DATE, Label("Month billed", "账期"), first_of_month=True),
        Column(
            "amount_minor",
            Kind.MONEY,
            Label("Amount", "金额"),
            unit="fen",
            low=-LARGEST_AMOUNT,
            high=LARGEST_AMOUNT,
        ),
        Column(
            "kind",
            Kind.CODE,
            Label("Kind of bill", "账单类型"),
            required=False,
            codes=("bill", "correction", "credit_note"),
        ),
    ),
    key=(),
    events=True,
    dated_by="issued_on",
    spans=(("month", "issued_on"),),
    ahead=(("issued_on", BILLED_AHEAD),),
    evolved=True,  # all bills were of one kind once
)

PAYMENTS = Contract(
    "payments",
    Label("Payments", "缴费"),
    (
        SUBSCRIBER,
        Column("paid_on", Kind.DATE, Label("Paid on", "缴费日期")),
        Column("due_on", Kind.DATE, Label("Due on", "应缴日期")),
        Column("amount_minor", Kind.MONEY, Label("Amount", "金额"), unit="fen", low=0, high=LARGEST_AMOUNT),
    ),
    key=(),
    events=True,
    repeats=True,
    dated_by="paid_on",
)

USAGE = Contract(
    "usage",
    Label("Usage records", "使用详单"),
    (
        SUBSCRIBER,
        Column("started_at", Kind.INSTANT, Label("Started at", "开始时间")),
        Column(
            "kind",
            Kind.CODE,
            Label("Kind of usage", "使用类型"),
            codes=("voice", "sms", "mms", "mobile_data", "broadband_data"),
        ),
        Column("direction", Kind.CODE, Label("Direction", "方向"), required=False, codes=("out", "in")),
        Column(
            "reach",
            Kind.CODE,
            Label("Reach", "长途类型"),
            required=False,
            codes=("local", "inter_provincial", "hk_mo_tw", "international"),
        ),
        Column(
            "roaming",
            Kind.CODE,
            Label("Roaming", "漫游"),
            codes=("none", "domestic", "international"),
        ),
        Column("peer", Kind.PEER, Label("Counterparty", "对端号码"), required=False),
        Column(
            "duration_s",
            Kind.INTEGER,
            Label("Duration", "时长"),
            unit="s",
            low=0,
            high=7 * 86_400,
            spared=("sms", "mms"),
        ),
        Column(
            "volume_kb",
            Kind.INTEGER,
            Label("Volume", "流量"),
            unit="kB",
            low=0,
            high=4_000_000_000,
            spared=("voice", "sms", "mms"),
        ),
    ),
    key=(),
    events=True,
    dated_by="started_at",
)

CONTACTS = Contract(
    "contacts",
    Label("Contacts", "营销接触"),
    (
        SUBSCRIBER,
        Column("contacted_at", Kind.INSTANT, Label("Contacted at", "接触时间")),
        Column(
            "channel",
            Kind.CODE,
            Label("Channel", "渠道"),
            codes=(
                "outbound_call",
                "hall",
                "third_party_shop",
                "sms",
                "mms",
                "email",
                "web_push",
                "web_hall",
                "app",
                "social",
                "courier",
            ),
        ),
        Column("offer", Kind.TEXT, Label("Offer", "业务"), required=False),
        Column(
            "disposition",
            Kind.CODE,
            Label("Disposition", "接触结果"),
            codes=(
                "no_answer",
                "hung_up",
                "refused",
                "willing",
                "ordered",
                "delivered",
                "opened",
                "clicked",
                "replied",
                "bounced",
                "opted_out",
                "visited",
            ),
        ),
        Column("reached", Kind.FLAG, Label("Reached", "是否触达"), required=False),
        Column("reference", Kind.KEY, Label("Order or appointment", "订单或预约号"), required=False),
        Column("agent", Kind.KEY, Label("Agent", "坐席"), required=False),
        Column("script", Kind.TEXT, Label("Script", "话术"), required=False),
        Column(
            "list_position", Kind.INTEGER, Label("Position in the list", "名单序号"), required=False, low=1
        ),
    ),
    key=(),
    events=True,
    dated_by="contacted_at",
    evolved=True,  # the steps of a contact were not told once
)

COMPLAINTS = Contract(
    "complaints",
    Label("Complaints", "投诉"),
    (
        SUBSCRIBER,
        Column("opened_at", Kind.INSTANT, Label("Opened at", "受理时间")),
        Column(
            "topic",
            Kind.CODE,
            Label("Topic", "投诉主题"),
            codes=("billing", "coverage", "service", "marketing", "device", "other"),
        ),
    ),
    key=(),
    events=True,
    dated_by="opened_at",
)

ORDERS = Contract(
    "orders",
    Label("Orders", "订单"),
    (
        SUBSCRIBER,
        Column("ordered_at", Kind.INSTANT, Label("Ordered at", "办理时间")),
        Column("offer", Kind.TEXT, Label("Offer", "业务")),
        Column("kind", Kind.CODE, Label("Kind of order", "办理类型"), codes=("device_only", "new_number")),
        Column(
            "channel",
            Kind.CODE,
            Label("Channel", "渠道"),
            codes=("hall", "third_party_shop", "web_hall", "outbound_call", "other"),
        ),
        Column("policy", Kind.TEXT, Label("Policy", "政策"), required=False),
        Column("reference", Kind.KEY, Label("Order number", "订单号"), required=False),
        Column("activated_on", Kind.DATE, Label("Activated on", "激活日期"), required=False),
    ),
    key=(),
    events=True,
    dated_by="ordered_at",
    evolved=True,  # which policy was taken, and what became of the order, were not told once
)

TAGS = Contract(
    "tags",
    Label("Tags", "标签"),
    (
        SUBSCRIBER,
        RECORDED,
        Column("tag", Kind.TEXT, Label("Tag", "标签")),
        Column("held", Kind.FLAG, Label("Held", "是否持有")),
    ),
    key=("subscriber", "recorded_on", "tag"),
    dated_by="recorded_on",
)

CONTRACTS: dict[str, Contract] = {
    contract.name: contract
    for contract in (
        SUBSCRIBERS,
        DEVICES,
        HOLDINGS,
        BILLS,
        PAYMENTS,
        USAGE,
        CONTACTS,
        COMPLAINTS,
        ORDERS,
        TAGS,
    )
}
"""Every table, in the order in which they are ingested: `subscribers` first, since the others refer to it."""
