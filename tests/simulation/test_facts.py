"""Each fact that the city is calibrated to, with its tolerance. One city of 24 000 subscribers; chance is in the tolerances."""

import datetime as dt
import itertools

import numpy as np
import pytest
from scipy import stats

from telewave.simulation import facts
from telewave.simulation.facts import Base, OrderKind
from telewave.simulation.plan import CityPlan
from telewave.simulation.truth import Truth
from telewave.simulation.volumes import takers

CITY = CityPlan(subscribers=24_000, seed=7, workers=2)
LAUNCH = [dt.date(2026, 4, 1), dt.date(2026, 5, 1), dt.date(2026, 6, 1)]


def near(value, wanted, tolerance):
    assert value == pytest.approx(wanted, rel=tolerance), f"{value} is not {wanted} within {tolerance:.0%}"


# The reference case -------------------------------------------------------------------------------------------


def test_the_case_s_margins_are_met_within_one_and_a_half_percent():
    table = takers(3)
    for base in Base:
        for kind in OrderKind:
            near(table[:, base, kind].sum() + 1, facts.HANDLED[base][kind] + 1, 0.001)
    for month in range(3):
        near(table[month].sum(), facts.HANDLED_BY_MONTH[month], 0.015)
        near(table[month, :, 0].sum() / table[month].sum(), facts.NEW_NUMBER_SHARE[month], 0.03)
    for base, share in facts.PENETRATION_MONTH_3.items():
        near(table[2, base].sum() / facts.CUSTOMERS[base], share, 0.015)


def test_base_classes_have_the_case_s_proportions_but_for_rounding(look):
    counted = dict(look("SELECT base, count(*) FROM people WHERE base < 3 GROUP BY 1"))
    total = sum(facts.CUSTOMERS.values())
    for base, customers in facts.CUSTOMERS.items():
        assert abs(counted[base] - CITY.subscribers * customers / total) <= 1


def test_in_month_3_the_classes_have_the_case_s_sizes_within_two_percent(look):
    """Counted from what is held as of June: those who left are made up for by those who were there at the start."""
    rows = look(
        "WITH latest AS (FROM holdings WHERE recorded_on < '2026-06-01' AND kind IN ('mobile', 'broadband') "
        "QUALIFY row_number() OVER (PARTITION BY subscriber, product ORDER BY recorded_on DESC) = 1), "
        "held AS (SELECT subscriber, count(*) FILTER (kind = 'mobile') AS m, count(*) FILTER (kind = 'broadband') AS b "
        "FROM latest SEMI JOIN (FROM people WHERE base < 3) USING (subscriber) WHERE ends_on IS NULL GROUP BY 1) "
        "SELECT m, b, count(*) FROM held GROUP BY 1, 2"
    )
    counted = {(m, b): n for m, b, n in rows}
    for key, base in (((1, 1), Base.BOTH), ((1, 0), Base.MOBILE), ((0, 1), Base.BROADBAND)):
        near(counted[key], facts.CUSTOMERS[base] * CITY.share, 0.02)


def expected(city):
    """Expected takers of each month among the people of the start who had not taken the offer yet: with a new number, a device alone."""
    truth, free = Truth(city), 1.0
    for first in LAUNCH:
        month = truth.month(first)
        chance, new = (month.column(name).to_numpy() for name in ("probability", "new_number"))
        yield new * free, (chance - new) * free
        free = free * (1 - chance)


def test_expected_takers_follow_the_case_by_class_kind_and_month_within_two_percent(city):
    base, case = Truth(city).people().base, takers(3) * CITY.share
    for month, kinds in enumerate(expected(city)):
        for kind, chance in enumerate(kinds):
            mine = base[: len(chance)]
            for one in (Base.BOTH, Base.MOBILE, Base.BROADBAND):
                near(chance[mine == one].sum() + 1e-9, case[month, one, kind] + 1e-9, 0.02)


def test_as_many_come_with_the_offer_as_in_the_case(look):
    came = look(
        "SELECT month(recorded_on), count(*) FROM subscribers WHERE recorded_on >= '2026-04-01' GROUP BY 1 ORDER BY 1"
    )
    case = takers(3)[:, Base.NEW].sum(axis=1) * CITY.share
    assert [n for _, n in came] == list(np.round(case))


def test_public_and_enterprise_prepaid_and_postpaid_devices_are_the_case_s_within_two_percent(city):
    people = Truth(city).people()
    device = sum(device for _, device in expected(city))
    n = len(device)
    base, enterprise, prepaid = people.base[:n], people.enterprise[:n], people.prepaid[:n]
    for mine, case in (
        ((base == Base.BOTH) & ~enterprise, 2_123),
        ((base == Base.BOTH) & enterprise, 1_432),
        ((base == Base.MOBILE) & prepaid, 549),
        ((base == Base.MOBILE) & ~prepaid, 4_236),
    ):
        near(device[mine].sum(), case * CITY.share, 0.02)


def test_expected_takers_follow_the_case_by_class_and_month_within_two_percent(city):
    truth, people = Truth(city), Truth(city).people()
    case = takers(3) * CITY.share
    free = 1.0  # who took it in one month cannot in the next
    for month, first in enumerate(LAUNCH):
        chance = truth.month(first).column("probability").to_numpy() * free
        base = people.base[: len(chance)]
        for one in (Base.BOTH, Base.MOBILE, Base.BROADBAND):
            near(chance[base == one].sum(), case[month, one].sum(), 0.02)
        free = free * (1 - chance)


def test_drawn_takers_are_within_four_standard_errors_of_the_case(look):
    drawn = dict(look("SELECT kind, count(*) FROM orders WHERE offer = 'contract_phone' GROUP BY 1"))
    case = takers(3).sum(axis=(0, 1)) * CITY.share
    for kind, name in ((OrderKind.NEW_NUMBER, "new_number"), (OrderKind.DEVICE_ONLY, "device_only")):
        assert abs(drawn[name] - case[kind]) < 4 * np.sqrt(case[kind])


@pytest.mark.parametrize(
    ("variable", "who"),
    [
        ("calls * called_share * call_scale", "base < 2"),
        ("sessions * session_s", "base < 2"),
        ("tenure", "base < 2"),
        ("calls * (1 - called_share) * inter_provincial * call_scale", "base < 2"),
        ("calls", "base < 2"),
        ("mms", "base < 2"),
        ("sessions * session_kb", "base < 2"),
        ("broadband * broadband_kb", "base = 0"),
    ],
)
def test_the_response_rises_over_the_case_s_variables(city, look, variable, who):
    """By fifths of the variable the true chance never falls by more than a tenth, and the top is at least 1.3 times the bottom."""
    rates = [
        row[0]
        for row in look(
            f"SELECT avg(probability) FROM (SELECT probability, ntile(5) OVER (ORDER BY {variable}) AS fifth "
            f"FROM people JOIN '{city}/truth/contract_phone-2026-04-01-*.parquet' USING (subscriber) WHERE {who} AND NOT machine) "
            "GROUP BY fifth ORDER BY fifth"
        )
    ]
    assert all(b > 0.9 * a for a, b in itertools.pairwise(rates)), rates
    assert rates[-1] > 1.3 * rates[0], rates


def test_the_response_is_highest_at_24_to_36_years(city, look):
    rates = dict(
        look(
            "SELECT CASE WHEN age < 24 THEN 'young' WHEN age < 37 THEN 'core' WHEN age < 46 THEN 'middle' ELSE 'old' END, "
            f"avg(probability) FROM people JOIN '{city}/truth/contract_phone-2026-04-01-*.parquet' USING (subscriber) "
            "WHERE base < 2 GROUP BY 1"
        )
    )
    assert rates["core"] > rates["middle"] > rates["old"]
    assert rates["core"] > rates["young"]


# 4 144 ordinary subscribers ----------------------------------------------------------------------------------


def test_arpu_has_the_measured_quantiles_within_a_tenth(look):
    ((found,),) = look(
        "SELECT quantile_cont(a, [0.25, 0.5, 0.75, 0.95, 0.99]) FROM "
        "(SELECT avg(amount_minor) / 100 AS a FROM bills SEMI JOIN ordinary USING (subscriber) GROUP BY subscriber)"
    )
    for value, wanted_ in zip(found, facts.ARPU_YUAN.values(), strict=True):
        near(value, wanted_, 0.10)


def test_data_has_the_measured_quantiles_within_a_fifth(look):
    ((found,),) = look(
        "SELECT quantile_cont(coalesce(mb, 0), [0.25, 0.5, 0.75, 0.95]) FROM ordinary LEFT JOIN "
        "(SELECT subscriber, sum(volume_kb) / 1024 AS mb FROM april WHERE kind = 'mobile_data' GROUP BY 1) USING (subscriber)"
    )
    for value, wanted_ in zip(found, facts.DATA_MB_A_MONTH.values(), strict=True):
        near(value, wanted_, 0.20)


@pytest.mark.parametrize(
    ("what", "value", "tolerance"),
    [
        ("calls", "SELECT count(*) FILTER (kind = 'voice') AS x FROM april GROUP BY subscriber", 0.05),
        (
            "data",
            "SELECT sum(volume_kb) FILTER (kind = 'mobile_data') AS x FROM april GROUP BY subscriber",
            0.05,
        ),
        (
            "revenue",
            "SELECT sum(amount_minor) AS x FROM bills SEMI JOIN ordinary USING (subscriber) GROUP BY subscriber",
            0.05,
        ),
    ],
)
def test_the_top_fifth_have_their_measured_share(look, what, value, tolerance):
    ((share,),) = look(
        f"WITH each AS ({value}), ranked AS (SELECT x, ntile(5) OVER (ORDER BY x DESC) AS fifth FROM each) "
        "SELECT sum(x) FILTER (fifth = 1) / sum(x) FROM ranked"
    )
    near(share, facts.TOP_FIFTH[what], tolerance)


def test_arpu_goes_with_calls_and_data_as_measured_within_a_twentieth_of_one(look):
    ((calls, data),) = look(
        "WITH money AS (SELECT subscriber, avg(amount_minor) AS a FROM bills SEMI JOIN ordinary USING (subscriber) GROUP BY 1), "
        "used AS (SELECT subscriber, count(*) FILTER (kind = 'voice') AS n, "
        "sum(volume_kb) FILTER (kind = 'mobile_data') / 1024 AS mb FROM april GROUP BY 1) "
        "SELECT corr(ln(a), ln(1 + n)), corr(ln(a), ln(1 + coalesce(mb, 0))) FROM money JOIN used USING (subscriber)"
    )
    assert abs(calls - facts.LOG_CORRELATION_WITH_ARPU["calls"]) < 0.05
    assert abs(data - facts.LOG_CORRELATION_WITH_ARPU["data"]) < 0.05


def test_calls_last_as_long_as_measured_within_eight_percent(look):
    ((median,),) = look("SELECT median(duration_s) FROM april WHERE kind = 'voice'")
    near(median, facts.MEDIAN_CALL_S, 0.08)
    ((mean,),) = look(
        "SELECT median(m) FROM (SELECT avg(duration_s) AS m FROM april WHERE kind = 'voice' GROUP BY subscriber HAVING count(*) >= 10)"
    )
    near(mean, facts.MEAN_CALL_OF_MEDIAN_USER_S, 0.08)


def test_a_person_s_call_durations_are_log_logistic(look):
    """For heavy callers the Kolmogorov distance to a fitted log-logistic is smaller than to a fitted lognormal or exponential for most."""
    rows = look(
        "SELECT list(duration_s) FROM april WHERE kind = 'voice' GROUP BY subscriber HAVING count(*) > 300 ORDER BY subscriber LIMIT 60"
    )
    wins = 0
    for (durations,) in rows:
        x = np.asarray(durations, dtype=float) + 0.5
        families = (stats.fisk, stats.lognorm, stats.expon)
        distance = [stats.kstest(x, f.cdf, args=f.fit(x, floc=0)).statistic for f in families]
        wins += distance[0] == min(distance)
    assert wins > 0.7 * len(rows)


def test_counterparties_in_three_months_are_as_measured_within_a_fifth(look):
    ((found,),) = look(
        "SELECT quantile_cont(n, [0.5, 0.95]) FROM (SELECT count(DISTINCT peer) AS n FROM usage SEMI JOIN ordinary "
        "USING (subscriber) WHERE started_at >= '2026-04-01' GROUP BY subscriber)"
    )
    for value, wanted_ in zip(found, facts.COUNTERPARTIES.values(), strict=True):
        near(value, wanted_, 0.20)


def test_calls_peak_at_10_to_11_and_17_to_18_hours(look):
    by_hour = dict(look("SELECT hour(started_at), count(*) FROM april WHERE kind = 'voice' GROUP BY 1"))
    assert set(sorted(by_hour, key=by_hour.get)[-4:]) == {
        hour for pair in facts.CALL_PEAK_HOURS for hour in pair
    }


def fitted_gaps(rows):
    """Of each list of instants: the shape of the Weibull fitted to its gaps, and whether that fits better than a Pareto."""
    for (seconds,) in rows:
        gaps = np.diff(np.asarray(seconds)) + 1
        shape, _, scale = stats.weibull_min.fit(gaps, floc=0)
        alpha = 1 / np.mean(np.log(gaps / gaps.min()))
        weibull = stats.weibull_min.logpdf(gaps, shape, 0, scale).sum()
        yield shape, weibull > stats.pareto.logpdf(gaps, alpha, 0, gaps.min()).sum()


def test_gaps_between_calls_are_weibull_for_most_people(look):
    """Weibull fits better than a Pareto for at least 73 % of people (the literature's share), with a shape below 1: bursts."""
    rows = look(
        "SELECT list(second ORDER BY second) FROM (SELECT subscriber, epoch(started_at) AS second FROM april WHERE kind = 'voice') "
        "GROUP BY subscriber HAVING count(*) BETWEEN 150 AND 600 ORDER BY subscriber LIMIT 80"
    )
    shape, better = np.transpose(list(fitted_gaps(rows)))
    assert better.sum() >= facts.WEIBULL_SHARE * len(rows)
    assert (shape < 1).sum() >= 0.9 * len(rows)


def test_gaps_between_calls_are_a_power_law_for_machines(look):
    """A Pareto fits better than a Weibull for at least 73 % of the machines."""
    rows = look(
        "SELECT list(second ORDER BY second) FROM (SELECT subscriber, epoch(started_at) AS second FROM usage "
        "SEMI JOIN (FROM people WHERE machine) USING (subscriber) WHERE kind = 'voice' AND started_at::DATE = '2026-04-08') "
        "GROUP BY subscriber HAVING count(*) >= 50 ORDER BY subscriber"
    )
    assert len(rows) >= 10
    better = [weibull for _, weibull in fitted_gaps(rows)]
    assert np.mean(better) <= 1 - facts.WEIBULL_SHARE


def test_outbound_calls_connect_at_40_to_60_percent(look):
    ((rate,),) = look(
        "SELECT avg((disposition <> 'no_answer')::INT) FROM contacts WHERE channel = 'outbound_call'"
    )
    assert facts.CONNECT_RATE[0] < rate < facts.CONNECT_RATE[1]
