"""Words by which files call the contracts' columns, units and codes, in Chinese and English. Constants.

Only words that mean one thing are here: `1` for male, say, means something else in the next system.
"""

from __future__ import annotations

HEADERS: dict[str, tuple[str, ...]] = {
    "subscriber": (
        "手机号码", "手机号", "用户号码", "服务号码", "业务号码", "计费号码", "电话号码", "本机号码", "用户编号",
            "用户标识", "用户ID",
        "msisdn", "phone", "phone number", "mobile", "mobile number", "service number", "user id",
        "subscriber id", "acc_nbr", "serv_id",
    ),
    "recorded_on": ("登记日期", "数据日期", "统计日期", "快照日期", "更新日期", "记录日期", "snapshot date",
        "record date", "stat date"),
    "customer": ("客户编号", "客户标识", "客户号", "客户ID", "customer id", "cust_id", "party id"),
    "activated_on": ("入网时间", "入网日期", "开户日期", "开户时间", "激活日期", "激活时间", "activation date",
        "open date", "join date"),
    "birth_date": ("出生日期", "出生年月日", "生日", "birthday", "date of birth", "dob"),
    "gender": ("性别", "sex"),
    "district": ("归属区县", "区县", "归属地区", "所属区县", "county"),
    "payment": ("付费类型", "付费方式", "付费模式", "付费标识", "pay type", "payment type", "paymode"),
    "segment": ("客户类型", "客户类别", "客户属性", "公众政企标识", "customer type", "customer class"),
    "ended_on": ("离网日期", "离网时间", "销户日期", "销户时间", "拆机日期", "拆机时间", "注销日期",
        "cancel date", "termination date"),
    "end_reason": ("离网原因", "销户原因", "拆机原因", "cancel reason", "churn reason"),
    "used_from": ("启用日期", "终端启用日期", "换机日期", "首次使用日期", "first used"),
    "brand": ("品牌", "终端品牌", "手机品牌", "device brand"),
    "generation": ("网络制式", "终端制式", "制式", "network generation"),
    "price_minor": ("标价", "终端价格", "零售价", "市场价", "device price", "list price"),
    "product": ("产品", "产品名称", "产品编码", "套餐名称", "product name", "product id", "plan name"),
    "starts_on": ("生效日期", "生效时间", "开始日期", "start date", "eff_date", "valid from"),
    "ends_on": ("失效日期", "失效时间", "终止日期", "end date", "exp_date", "valid to"),
    "contract_ends_on": ("合约到期日", "合约到期日期", "合约到期时间", "协议到期日期", "contract end",
        "contract end date"),
    "issued_on": ("出账日期", "出账日", "账单日期", "issue date", "bill date"),
    "month": ("账期", "账务月", "账务周期", "帐期", "计费月", "billing month", "bill month", "billing cycle"),
    "amount_minor": (
        "金额", "账单金额", "出账金额", "应收金额", "出账收入", "实缴金额", "缴费金额", "付款金额", "amount",
            "bill amount", "paid amount",
        "payment amount",
    ),
    "paid_on": ("缴费日期", "缴费时间", "付款日期", "pay date", "payment date"),
    "due_on": ("应缴日期", "缴费截止日期", "最后缴费日期", "due date"),
    "started_at": ("开始时间", "起始时间", "通话开始时间", "通话时间", "start time", "begin time", "call start"),
    "direction": ("方向", "呼叫类型", "主被叫", "主被叫标识", "呼叫方向", "call direction", "call type"),
    "reach": ("长途类型", "长途标识", "通话范围", "toll type"),
    "roaming": ("漫游", "漫游类型", "漫游标识", "roam type", "roaming type"),
    "peer": ("对端号码", "对方号码", "对方电话", "other party", "peer number", "opposite number"),
    "duration_s": ("时长", "通话时长", "计费时长", "使用时长", "call duration", "duration"),
    "volume_kb": ("流量", "总流量", "计费流量", "上网流量", "data volume", "volume", "traffic"),
    "contacted_at": ("接触时间", "营销时间", "触达时间", "外呼时间", "contact time"),
    "channel": ("渠道", "接触渠道", "办理渠道", "受理渠道", "营销渠道"),
    "offer": ("业务", "业务名称", "推荐业务", "办理业务", "营销产品", "offer name"),
    "disposition": ("接触结果", "营销结果", "外呼结果", "反馈结果", "contact result", "result"),
    "reached": ("是否触达", "是否接通", "接通标志", "reached", "connected"),
    "agent": ("话务员", "工号", "话务员工号", "坐席", "坐席工号", "agent id"),
    "script": ("话术", "话术编号", "脚本", "script id"),
    "list_position": ("名单序号", "外呼序号", "list no"),
    "policy": ("政策", "资费政策", "合约政策", "政策编码", "销售品", "policy id"),
    "opened_at": ("受理时间", "投诉时间", "投诉受理时间", "complaint time"),
    "topic": ("投诉主题", "投诉类型", "投诉原因", "投诉类别", "complaint type"),
    "ordered_at": ("办理时间", "订购时间", "下单时间", "受理完成时间", "order time", "order date"),
    "tag": ("标签", "标签名称", "tag name"),
    "held": ("是否持有", "是否有效", "标签值"),
}  # fmt: skip
"""By column, whatever its table; beside these its own name and label count."""

HEADERS_OF_TABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("devices", "kind"): ("终端类型", "终端类别", "设备类型", "device type"),
    ("bills", "kind"): (
        "账单类型",
        "账单类别",
        "单据类型",
        "出账类型",
        "账单性质",
        "bill type",
        "document type",
        "invoice type",
        "entry type",
    ),
    ("holdings", "kind"): ("产品类别", "产品类型", "product type"),
    ("usage", "kind"): ("使用类型", "业务类型", "话单类型", "usage type", "record type"),
    ("contacts", "reference"): ("订单号", "预约号", "预约单号", "order number", "appointment number"),
    ("orders", "reference"): ("订单号", "订单编号", "受理单号", "order number", "order id"),
    ("orders", "activated_on"): ("激活日期", "激活时间", "开通日期", "activation date"),
    ("orders", "kind"): ("办理类型", "订单类型", "办理方式", "order type"),
}
"""Of columns whose name means another thing in each table."""

FILE_WORDS: dict[str, tuple[str, ...]] = {
    "subscribers": ("subscriber", "用户资料", "用户信息", "用户表"),
    "devices": ("device", "终端"),
    "holdings": ("holding", "产品持有", "订购关系"),
    "bills": ("bill", "账单", "出账"),
    "payments": ("payment", "缴费"),
    "usage": ("usage", "cdr", "话单", "详单"),
    "contacts": ("contact", "营销接触", "外呼结果"),
    "complaints": ("complaint", "投诉"),
    "orders": ("order", "订单", "办理"),
    "tags": ("tag", "标签"),
}
"""What in a file's name speaks for a table."""

CODES: dict[str, dict[str, tuple[str, ...]]] = {
    "gender": {"female": ("女", "女性", "f"), "male": ("男", "男性", "m")},
    "payment": {"prepaid": ("预付费", "预付"), "postpaid": ("后付费", "后付")},
    "segment": {"public": ("公众", "个人", "公众客户", "个人客户"), "enterprise": ("政企", "集团", "政企客户",
        "集团客户")},
    "kind": {
        "feature_phone": ("功能机",), "smartphone": ("智能机", "智能手机"), "modem": ("上网卡", "数据卡"),
        "mobile": ("移动",), "broadband": ("宽带",), "fixed_line": ("固话", "固定电话"), "iptv": ("iptv",),
        "value_added": ("增值业务", "增值"),
        "voice": ("语音", "通话"), "sms": ("短信",), "mms": ("彩信",), "mobile_data": ("手机上网", "移动数据",
            "流量"),
        "broadband_data": ("宽带上网",),
        "bill": ("账单", "正常账单", "正常", "正常出账", "出账", "月账单", "invoice", "normal"),
        "correction": ("更正", "更正账单", "账单更正", "冲正", "调账", "调整", "补出账", "补出", "补账", "补收",
            "adjustment", "corrected", "supplement", "reversal"),
        "credit_note": ("贷记", "贷记单", "贷项", "贷项通知单", "红冲", "红字账单", "退费", "credit", "credit note",
            "credit memo"),
        "device_only": ("购机", "裸机", "单机"), "new_number": ("新入网", "新开户"),
    },
    "end_reason": {
        "cancelled": ("销户", "主动销户", "主动离网", "拆机", "注销"), "ported_out": ("携出", "携号转出", "携号转网"),
        "suspended_for_debt": ("欠费停机", "欠费拆机", "欠费离网"),
        "transferred": ("过户",), "died": ("死亡", "去世", "身故"),
    },
    "generation": {"2g": ("2g",), "3g": ("3g",), "4g": ("4g", "lte"), "5g": ("5g", "nr")},
    "direction": {"out": ("主叫", "呼出", "发送"), "in": ("被叫", "呼入", "接收")},
    "reach": {
        "local": ("本地", "市话"), "inter_provincial": ("省际", "省际长途"), "hk_mo_tw": ("港澳台", "港澳台长途"),
        "international": ("国际", "国际长途"),
    },
    "roaming": {
        "none": ("非漫游", "不漫游", "无漫游"), "domestic": ("国内漫游", "省际漫游"), "international": ("国际漫游",),
    },
    "channel": {
        "outbound_call": ("外呼", "电话外呼"), "hall": ("营业厅", "自有厅"), "third_party_shop": ("代理店",
            "社会渠道", "代理商"),
        "sms": ("短信",),
        "mms": ("彩信",), "email": ("邮件", "电子邮件"), "web_push": ("网页推送",), "web_hall": ("网上营业厅",
            "网厅"),
        "app": ("掌厅", "手机app", "app"),
        "social": ("微信", "公众号"), "courier": ("快递",), "other": ("其他", "其它"),
    },
    "disposition": {
        "no_answer": ("未接通", "无人接听", "未接"),
        "hung_up": ("挂断", "中途挂断", "未听完"),
        "refused": ("拒绝", "明确拒绝"), "willing": ("有意向", "意向"),
        "ordered": ("已办理", "办理成功"),
        "delivered": ("已送达", "发送成功"), "opened": ("已打开",), "clicked": ("已点击",),
        "replied": ("已回复",), "bounced": ("退回",
            "发送失败"),
        "opted_out": ("退订",),
        "visited": ("到店", "到厅"),
    },
    "topic": {
        "billing": ("资费", "费用争议", "账务"), "coverage": ("网络覆盖", "网络质量", "信号"),
            "service": ("服务", "服务态度"),
        "marketing": ("营销", "营销骚扰"),
        "device": ("终端",), "other": ("其他", "其它"),
    },
}  # fmt: skip
"""By column: the words for each of its codes, beside the code itself."""

UNITS: dict[str, dict[str, str | None]] = {
    "fen": {"元": "100", "yuan": "100", "rmb": "100", "cny": "100", "分": None, "fen": None, "角": "10", "厘": "0.1"},
    "s": {"秒": None, "s": None, "sec": None, "seconds": None, "分钟": "60", "min": "60", "minutes": "60",
        "小时": "3600", "毫秒": "0.001", "ms": "0.001"},
    "kB": {
        "kb": None, "k": None, "千字节": None, "字节": "1/1024", "byte": "1/1024", "bytes": "1/1024", "b": "1/1024",
        "mb": "1024", "m": "1024",
        "兆": "1024", "兆字节": "1024",
    },
}  # fmt: skip
"""By the contract's unit: what a header calls a unit, and the factor that turns it
into the contract's; None: it is the contract's.
"""

RECORD_WORDS = (
    "流水号", "话单流水号", "话单序号", "话单编号", "记录编号", "记录标识", "记录流水", "缴费流水", "缴费流水号",
    "支付流水号", "交易流水号", "交易流水", "业务流水号", "订单号", "订单编号", "工单号", "投诉单号", "投诉编号",
    "账单编号", "账单号", "serial", "serial number", "serial no", "record id", "record number", "cdr id",
    "transaction id", "transaction number", "payment id", "order id", "order number", "order no",
    "ticket id", "bill number", "invoice number",
)  # fmt: skip
"""Headers of what tells records apart."""
PART_WORDS = (
    "会话标识", "会话ID", "会话编号", "呼叫标识", "呼叫ID", "通话标识", "通话ID", "计费标识", "关联标识",
    "call id", "session id", "charging id", "correlation id",
)  # fmt: skip
"""Headers of what the parts of one long record have in common."""
FULL_WORDS = ("全量", "full")
"""What a file calls itself that names everybody who is there."""
SNAPSHOT_WORDS = ("快照", "snapshot")
"""What a file calls itself that may name everybody."""
NO_OUTCOMES = (
    "no", "n", "0", "false", "f", "否", "无", "没有", "未", "未办理", "未响应", "未订购", "未购买", "未转化",
        "未流失", "不", "不同意",
    "拒绝", "明确拒绝",
    "refused", "declined", "not interested", "no response", "none",
)  # fmt: skip
"""What an outcome that is not the one asked for calls itself, in lower case."""
UNSURE_OUTCOMES = (
    "未知", "不详", "不明", "不确定", "待定", "待确认", "待回访", "处理中", "其他", "其它", "unknown", "unclear",
        "undecided",
    "pending", "other", "n/a", "na", "nan", "?", "？",
)  # fmt: skip
"""What does not tell the outcome, in lower case."""
NOTHING = ("NULL", "null", "\\N", "N/A", "None", "nan", "-", "--")
"""What exports write where there is nothing."""
FOREVER = (
    "20991231",
    "2099-12-31",
    "2099/12/31",
    "20371231",
    "2037-12-31",
    "2037/12/31",
    "29991231",
    "2999-12-31",
    "99991231",
    "9999-12-31",
    "9999/12/31",
)
"""What exports write as the end of what has none."""
