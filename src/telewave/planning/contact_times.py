"""The time of day of each contact of a kept plan. Pure."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from telewave.briefs.model import Brief
from telewave.planning.plan_rows import contacts_of, days_of
from telewave.scheduling.waves import send_minutes


def with_times(rows: pa.Table, brief: Brief) -> pa.Table:
    """The rows with a column `time` after `day`, hours and minutes outside the channel's quiet hours; null without a day.

    Raises `PlanOfOtherChannels`.
    """
    minute = send_minutes(contacts_of(rows, brief), days_of(rows), brief.timetable).astype(np.int64)
    clock = np.array([f"{m // 60:02d}:{m % 60:02d}" for m in range(24 * 60)])
    times = pa.array(clock[np.maximum(minute, 0)], mask=minute < 0)
    return rows.add_column(rows.schema.get_field_index("day") + 1, "time", times)
