"""The time of day of each contact of a kept plan. Pure."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from telewave.planning.campaign import Campaign
from telewave.planning.kept import contacts_of, days_of
from telewave.planning.waves import send_minutes


def with_times(rows: pa.Table, campaign: Campaign) -> pa.Table:
    """The rows with a column `time` after `day`, hours and minutes outside the channel's quiet hours; null without a day.

    Raises `PlanOfOtherChannels`.
    """
    minute = send_minutes(contacts_of(rows, campaign), days_of(rows), campaign.timetable).astype(np.int64)
    clock = np.array([f"{m // 60:02d}:{m % 60:02d}" for m in range(24 * 60)])
    times = pa.array(clock[np.maximum(minute, 0)], mask=minute < 0)
    return rows.add_column(rows.schema.get_field_index("day") + 1, "time", times)
