"""Names for people of the codes that category variables of the wide table hold. District and brand hold names
already.
"""

from __future__ import annotations

from collections.abc import Mapping

from telewave.kernel import Label

CODE_LABELS: Mapping[str, Mapping[str, Label]] = {
    "gender": {"female": Label("Female", "女"), "male": Label("Male", "男")},
    "payment": {"prepaid": Label("Prepaid", "预付费"), "postpaid": Label("Postpaid", "后付费")},
    "segment": {"public": Label("Public", "公众客户"), "enterprise": Label("Enterprise", "政企客户")},
    "device_kind": {
        "feature_phone": Label("Feature phone", "功能手机"),
        "smartphone": Label("Smartphone", "智能手机"),
        "modem": Label("Modem", "上网卡"),
    },
    "device_generation": {code: Label(code.upper(), code.upper()) for code in ("2g", "3g", "4g", "5g")},
}
"""By variable, then by code."""
