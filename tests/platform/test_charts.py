"""The table behind a chart tells what the chart draws."""

from telewave.platform.pages.charts import (
    BLUE,
    GREEN,
    MOST_ROWS,
    Bars,
    Line,
    Points,
    flat_bars,
    lines,
    numbers_of,
    points_with_intervals,
    stacked_shares,
)


def test_bars_are_told_by_label_with_a_column_a_series():
    told = numbers_of(
        flat_bars(["a", "b"], [Bars("x", [1.0, None], BLUE), Bars("y", [2_000, 3], GREEN)], "", " %")
    )
    assert list(told.columns[1:]) == ["x", "y"]
    assert [list(row) for row in told.rows] == [["a", "1 %", "2,000 %"], ["b", "–", "3 %"]]


def test_parts_too_narrow_for_their_number_are_told_all_the_same():
    told = numbers_of(stacked_shares(["a"], [Bars("x", [2.0], BLUE), Bars("y", [98.0], GREEN)]))
    assert [list(row) for row in told.rows] == [["a", "2 %", "98 %"]]


def test_a_curve_of_many_points_is_told_at_a_few_its_ends_among_them():
    told = numbers_of(lines([Line("x", [(k, 2 * k) for k in range(101)], BLUE)], ("fee", "cost")))
    assert list(told.columns) == ["fee", "x"]
    assert len(told.rows) == MOST_ROWS
    assert [list(told.rows[0]), list(told.rows[-1])] == [["0", "0"], ["100", "200"]]


def test_curves_that_are_not_everywhere_leave_a_dash_where_they_are_not():
    told = numbers_of(lines([Line("x", [(0, 1), (1, 2)], BLUE), Line("y", [(1, 3)], GREEN)], ("fee", "cost")))
    assert [list(row) for row in told.rows] == [["0", "1", "–"], ["1", "2", "3"]]


def test_an_interval_is_told_by_its_ends_beside_its_value_and_what_it_is_compared_with():
    points = Points(
        name="rate", interval_name="95% interval", labels=["a"], values=[2.0], lows=[1.5], highs=[3.25]
    )
    told = numbers_of(
        points_with_intervals(points, ("group", ""), suffix=" %", beside=Bars("predicted", [2.5], GREEN))
    )
    assert list(told.columns) == ["group", "rate", "95% interval", "predicted"]
    assert [list(row) for row in told.rows] == [["a", "2 %", "1.5–3.25 %", "2.5 %"]]
