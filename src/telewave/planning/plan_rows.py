"""The rows of a kept plan as the arrays that dating works on. Pure."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.briefs.model import Brief
from telewave.kernel import Malformed, Message
from telewave.planning.plan_tables import EPOCH
from telewave.scheduling.spacing import NO_DAY
from telewave.scheduling.waves import Contacts


class PlanOfOtherChannels(Malformed):
    """The kept plan has contacts of {what} {name}, which the campaign file no longer names. Leave it in the file, with
    capacity 0 where it is not to be used, or make the plan anew.
    """

    code = "plan_of_other_channels"


def contact_arrays(rows: pa.Table, brief: Brief) -> Contacts:
    """The contacts as they are dated. Raises `PlanOfOtherChannels`."""
    channels = [channel.id for channel in brief.channels]
    phases = [phase.id for phase in brief.phases]
    return Contacts(
        subscriber=rows["subscriber"].to_numpy(),
        channel=_codes(rows, "channel", channels, Message("the channel")),
        phase=_codes(rows, "phase", phases, Message("the phase")),
        value=rows["expected_profit"].to_numpy(),
        probability=rows["probability"].to_numpy(),
        touch=rows["touch"].to_numpy().astype(np.int64),
    )


def _codes(rows: pa.Table, column: str, names: list[str], what: Message) -> NDArray[np.int64]:
    found = pc.index_in(rows[column], pa.array(names, pa.string()))
    if found.null_count:
        missing = rows[column].filter(pc.is_null(found))[0].as_py()
        raise PlanOfOtherChannels(what=what, name=missing)
    return np.asarray(found.to_numpy()).astype(np.int64)


def days_of(rows: pa.Table) -> NDArray[np.int32]:
    """Ordinals, `NO_DAY` where there is none."""
    days = rows["day"].cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.float64) + EPOCH
    return np.where(np.isfinite(days), days, NO_DAY).astype(np.int32)
