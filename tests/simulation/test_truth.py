"""The truth: what contacts change, that it is kept apart, and that observing follows it."""

from datetime import date

import numpy as np
import pytest
from scipy.stats import binomtest

from telewave.simulation.response import age_shape
from telewave.simulation.truth import Truth


def test_the_age_shape_is_high_at_24_to_36_middling_around_and_low_for_the_old():
    assert (age_shape(np.array([24, 30, 36])) == 1).all()
    assert (age_shape(np.array([19, 22, 39, 44])) < 1).all()
    assert age_shape(np.array([60])) < age_shape(np.array([45]))


def test_the_truth_says_every_step_with_and_without_contact(city):
    truth, first = Truth(city), date(2026, 5, 1)
    month = truth.month(first)
    organic = month.column("organic").to_numpy()
    once = truth.contacted(first, "outbound_call")
    assert once.organic == pytest.approx(organic)
    assert once.probability == pytest.approx(1 - (1 - organic) * (1 - once.steps.wins))
    assert once.probability - organic == pytest.approx(once.caused)
    assert (once.displaced <= organic).all()
    steps = once.steps
    assert steps.wins == pytest.approx(steps.reached * steps.listens * steps.willing * steps.closes)
    tired, rested = (truth.contacted(first, "outbound_call", earlier=3, days_since=days) for days in (1, 90))
    assert (tired.caused < rested.caused).mean() > 0.99
    assert rested.caused.sum() < once.caused.sum()
    put_off = truth.people().persuasion[: len(organic)] < 0
    assert ((once.leaves > 0) == put_off).all()
    assert once.opts_out[put_off].mean() > 5 * once.opts_out[~put_off].mean() > 0
    assert not truth.contacted(first, "hall").opts_out.any()
    gift = truth.contacted(first, "outbound_call", promotions=["recall_gift"])
    assert gift.caused.sum() > 1.2 * once.caused.sum()


def test_as_things_went_the_chance_is_that_of_intention_or_of_being_won(city):
    for month in (date(2026, 4, 1), date(2026, 6, 1)):
        table = Truth(city).month(month)
        p, organic, won = (table.column(name).to_numpy() for name in ("probability", "organic", "won"))
        assert p == pytest.approx(1 - (1 - organic) * (1 - won))
        share = ((1 - organic) * won).sum() / p.sum()
        assert 0.1 < share < 0.5  # what the branch's own contacts caused


def test_who_takes_the_offer_is_who_the_truth_says(city, look):
    """By tenths of the true chance, the takers of April lie within the 99.9 % interval of the binomial for nine tenths at least."""
    rows = look(
        "SELECT count(*), count(o.subscriber), avg(probability) FROM "
        f"(SELECT *, ntile(10) OVER (ORDER BY probability) AS tenth FROM '{city}/truth/contract_phone-2026-04-01-*.parquet') t "
        "LEFT JOIN (SELECT subscriber FROM orders WHERE offer = 'contract_phone' AND ordered_at < '2026-05-01') o USING (subscriber) GROUP BY tenth"
    )
    fits = [binomtest(took, n, min(mean, 1.0)).pvalue > 0.001 for n, took, mean in rows]
    assert sum(fits) >= 9


def test_records_hold_nothing_of_the_truth(city):
    assert {path.name for path in (city / "records").iterdir()} == {
        "bills", "complaints", "contacts", "devices", "holdings", "orders", "payments", "subscribers", "usage",
    }  # fmt: skip
    assert not list((city / "records").rglob("*truth*"))


def test_nothing_on_record_of_a_subscriber_reproduces_a_hidden_trait(look):
    """Of every trait and everything that a table says of a subscriber, as a number or a yes or no, the correlation stays below a half."""
    traits = (
        "affinity",
        "price_sensitivity",
        "patience",
        "loyalty",
        "hall",
        "online",
        "community",
        "persuasion",
    )
    ((count,),) = look("SELECT count(*) FROM people WHERE base < 3")
    hidden = np.array(
        look(f"SELECT {', '.join(traits)} FROM people WHERE base < 3 ORDER BY subscriber"), float
    ).T
    shown = {}

    def note(name, rows):
        values = np.zeros(count)
        for subscriber, value in rows:
            values[subscriber] = value
        shown[name] = values

    for table in (
        "subscribers",
        "devices",
        "holdings",
        "contacts",
        "orders",
        "complaints",
        "bills",
        "payments",
    ):
        per = "any_value" if table in ("subscribers", "devices") else "avg"
        for column, kind in [row[:2] for row in look(f"DESCRIBE {table}")]:
            if column == "subscriber":
                continue
            mine = f"FROM {table} WHERE subscriber < {count}"
            note(
                f"{table}.{column} known",
                look(f"SELECT subscriber, avg(({column} IS NOT NULL)::INT) {mine} GROUP BY 1"),
            )
            if kind == "VARCHAR":
                # A code of few rows, such as a customer's own number, can go with nothing that all have.
                codes = f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL GROUP BY 1 HAVING count(*) >= 20"
                for (code,) in look(codes):
                    note(
                        f"{table}.{column} {code}",
                        look(f"SELECT subscriber, count(*) FILTER ({column} = '{code}') {mine} GROUP BY 1"),
                    )
            else:
                value = (
                    f"epoch({column}::TIMESTAMP)" if kind in ("DATE", "TIMESTAMP") else f"{column}::DOUBLE"
                )
                note(
                    f"{table}.{column}",
                    look(f"SELECT subscriber, {per}({value}) {mine} AND {column} IS NOT NULL GROUP BY 1"),
                )
    for product in [row[0] for row in look("SELECT DISTINCT product FROM holdings")]:
        mine = f"FROM holdings WHERE product = '{product}' AND subscriber < {count}"
        note(
            f"contract of {product}",
            look(f"SELECT subscriber, avg((contract_ends_on IS NOT NULL)::INT) {mine} GROUP BY 1"),
        )
    note("late payments", look("SELECT subscriber, avg((paid_on > due_on)::INT) FROM payments GROUP BY 1"))
    assert len(shown) > 60
    found = {
        (name, trait): abs(np.corrcoef(values, hidden[k])[0, 1])
        for name, values in shown.items()
        if values.std() > 0
        for k, trait in enumerate(traits)
    }
    assert {pair: value for pair, value in found.items() if value >= 0.5} == {}


def test_a_contract_s_end_is_on_record_for_loyal_and_disloyal_customers_alike(look):
    """Loyal customers renew more often, but whether a contract runs does not tell a subscriber's loyalty."""
    rows = look(
        "SELECT bool_or(contract_ends_on IS NOT NULL), any_value(loyalty) FROM holdings JOIN people USING (subscriber) "
        "WHERE kind IN ('mobile', 'broadband') AND base < 3 GROUP BY subscriber"
    )
    runs, loyalty = np.array(rows, float).T
    assert 0.2 < np.corrcoef(runs, loyalty)[0, 1] < 0.5


def test_contacts_before_the_launch_were_blanket_and_to_those_who_come_by_themselves(look):
    """The history is biased, as the branch's was: hall contacts went to those who like halls."""
    ((visitors,),) = look(
        "SELECT avg(hall) FROM people SEMI JOIN (FROM contacts WHERE channel = 'hall') USING (subscriber)"
    )
    assert visitors > 0.2
    offers = dict(look("SELECT offer, min(contacted_at)::DATE FROM contacts GROUP BY 1"))
    assert offers["contract_phone"] >= date(2026, 4, 1)
