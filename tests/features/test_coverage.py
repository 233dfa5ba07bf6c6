"""Unknown is not zero: what is missing is named, what cannot be known is empty, and a table made of other records is not read."""

from datetime import date, datetime, timedelta

import pytest
from tests.features.records import AS_OF, EVENTS, by_seed, present, witness

from telewave.features.coverage import covered, remarks
from telewave.features.measures import SOURCES
from telewave.features.usecases import (
    MostlyMissing,
    WideTableOutdated,
    build_wide,
    coverage_as_of,
    open_wide,
    update_partials,
    wide_dates,
)
from telewave.kernel.periods import days, month_window
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse

AS_OF_DAY = date(2026, 4, 1)
QUARTER = days(date(2026, 1, 1), AS_OF_DAY)
USAGE, BILLS, CONTACTS = (next(s for s in SOURCES if s.contract == n) for n in ("usage", "bills", "contacts"))


def use(*on):
    """A message of two subscribers on each day."""
    some = {"kind": "sms", "direction": "out", "reach": "local", "roaming": "none", "peer": 7}
    return [
        {**some, "subscriber": n, "started_at": datetime(d.year, d.month, d.day, 9, n), "duration_s": 0, "volume_kb": 0}
        for d in on
        for n in (0, 1)
    ]  # fmt: skip


def settle(town, usage, as_of=AS_OF_DAY):
    """A town of two people with that usage and nothing else."""
    people = present({"subscribers": [], "usage": []}, as_of, 2)["subscribers"]
    return town.put({"subscribers": people, "usage": usage})


def said(town, as_of=AS_OF_DAY):
    return [str(remark) for one in coverage_as_of(town.warehouse, as_of) for remark in remarks(one, as_of)]


def test_a_build_with_most_of_a_month_missing_is_refused_with_the_missing_days_and_a_flag_allows_it(town):
    there = {QUARTER[0], *QUARTER[-7:]}
    settle(town, use(*there))
    with pytest.raises(MostlyMissing, match=r"no usage on 24 days: 2026-03-01–2026-03-24\. .*--with-gaps"):
        build_wide(town.warehouse, AS_OF_DAY, Silent())
    assert wide_dates(town.warehouse) == ()
    assert town.wide(AS_OF_DAY)[0]["sms_1m"] == 7


def test_a_few_missing_days_are_named_and_do_not_stand_in_the_way():
    gap = [date(2026, 1, 1), date(2026, 2, 3), date(2026, 3, 8), date(2026, 3, 9)]
    found = covered(USAGE, {date(2025, 12, 31), *QUARTER} - {*gap}, AS_OF_DAY)
    assert (found.known, found.lacking) == ({1, 3}, ())
    assert [str(remark) for remark in remarks(found, AS_OF_DAY)] == [
        "No usage on 4 days: 2026-01-01, 2026-02-03, 2026-03-08–2026-03-09. Ingest them and build again.",
        "Until then counts and sums of usage are too low.",
    ]


def test_days_missing_for_the_most_part_count_in_each_window_that_would_be_told():
    def lacking(recorded):
        return len(covered(USAGE, recorded, AS_OF_DAY).lacking)

    assert lacking(QUARTER[-15:]) == 16  # of the last month
    assert lacking(QUARTER[-16:]) == 0  # three months are unknown anyway
    assert lacking([QUARTER[0], *QUARTER[-44:]]) == 0
    assert lacking([QUARTER[0], *QUARTER[-43:]]) == 46


def test_what_records_do_not_go_back_over_is_unknown_and_what_they_do_is_known(town):
    settle(town, use(date(2026, 2, 20), date(2026, 3, 1), QUARTER[-1]))
    row = town.wide(AS_OF_DAY)[0]
    assert (row["sms_1m"], row["counterparties_1m"], row["days_since_use"]) == (2, 1, 0)
    for name in (
        "sms_3m",
        "calls_3m",
        "calls_change",
        "night_share_3m",
        "been_abroad_3m",
        "counterparties_3m",
    ):
        assert row[name] is None
    assert (
        "The usage from 2026-02-20 on do not fill three months: features that look back so far are unknown."
    ) in said(town)


def test_a_source_never_delivered_is_unknown_and_one_without_a_record_of_somebody_is_zero(town):
    settle(town, use(QUARTER[-1]))
    row = town.wide(AS_OF_DAY)[1]
    assert row["complaints_3m"] is None
    assert "No complaints before 2026-04-01: every feature of them is unknown." in said(town)
    town.put({"complaints": [{**witness("complaints", QUARTER[5]), "subscriber": 0}]})
    assert town.wide(AS_OF_DAY)[1]["complaints_3m"] == 0


@pytest.mark.parametrize("as_of", AS_OF)
def test_daily_records_must_begin_by_the_first_day_and_occasional_ones_within_the_first_month(as_of):
    start, next_month = month_window(as_of, 2)
    for source, last_start in ((USAGE, start), (CONTACTS, next_month - timedelta(1))):
        for late, known in ((0, {1, 3}), (1, {1})):
            begins = last_start + timedelta(late)
            assert covered(source, days(begins, as_of), as_of).known == known
            assert covered(source, [begins, as_of, as_of + timedelta(9)], as_of).begins == begins


def test_a_month_without_bills_is_missing_and_makes_its_windows_unknown():
    billed = [date(2025, 12, 3), date(2026, 1, 3), date(2026, 3, 3)]
    found = covered(BILLS, billed, AS_OF_DAY)
    assert (found.known, len(found.missing), found.missing[0]) == ({1}, 28, date(2026, 2, 1))
    assert covered(BILLS, [*billed, date(2026, 2, 3)], AS_OF_DAY).known == {1, 3}
    assert covered(BILLS, billed[:2], AS_OF_DAY).known == set()


def test_all_that_is_there_is_passed_over_in_silence(town):
    records = {name: [witness(name, month_window(AS_OF_DAY, k)[0]) for k in range(3)] for name in EVENTS}
    settle(town.put(records), use(*QUARTER))
    assert said(town) == []


@pytest.fixture
def built(town):
    """A town with a wide table, and its as-of date."""
    as_of = AS_OF[0]
    town.put(by_seed(as_of, people=5, a_person=4, offsets=(-40, -2)))
    town.wide(as_of)
    return town, as_of


def test_a_wide_table_made_before_records_came_is_refused_with_the_command_that_builds_it(built):
    town, as_of = built
    for table in ("holdings", "usage", "orders"):
        town.put({table: [witness(table, as_of - timedelta(2))]})
        with pytest.raises(WideTableOutdated, match=rf"changed: {table}\. .*features build --as-of {as_of}"):
            open_wide(town.warehouse, as_of)
        town.wide(as_of)
        assert open_wide(town.warehouse, as_of).as_of == as_of


def test_records_of_later_or_of_no_account_leave_a_wide_table_current(built):
    town, as_of = built
    for table in ("holdings", "subscribers", "devices", *EVENTS):
        town.put({table: [witness(table, as_of)]})
    town.put({"usage": [witness("usage", as_of - timedelta(700))], "tags": []})
    with pytest.raises(WideTableOutdated, match="usage"):  # it makes three months known
        open_wide(town.warehouse, as_of)
    town.wide(as_of)
    town.put({"usage": [witness("usage", as_of - timedelta(701))]})
    assert open_wide(town.warehouse, as_of).as_of == as_of


class Meanwhile(Silent):
    """Progress that does something when the first step begins."""

    def __init__(self, action):
        self.action = action

    def step(self, *arguments, **named):
        action, self.action = self.action, lambda: None
        action()
        return super().step(*arguments, **named)


def test_a_day_taken_out_while_partials_are_made_is_the_next_run_s_work(built):
    town, as_of = built
    eve = (as_of - timedelta(1)).isoformat()
    town.put({"usage": [witness("usage", as_of - timedelta(1))]})

    def take_out():
        with Warehouse(town.warehouse.root, town.warehouse.engine).change("usage") as change:
            change.set(eve, {})

    assert build_wide(town.warehouse, as_of, Meanwhile(take_out), with_gaps=True).as_of == as_of
    with pytest.raises(WideTableOutdated, match="usage"):
        open_wide(town.warehouse, as_of)
    assert update_partials(town.warehouse, Silent()).removed["partials.usage"] == 1
