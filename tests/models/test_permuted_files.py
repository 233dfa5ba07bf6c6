"""A file and its shuffled copy, brought in by the same mapping, give the same report."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from tests.models.worlds import sigmoid

from telewave.features.usecases import open_samples
from telewave.models.response import TrainOptions
from telewave.models.training import train
from telewave.models.training_tables import OrderNotSaid, samples_table
from telewave.models.usecases import score
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.mapping_file import parse_mapping
from telewave.records.usecases import ingest
from telewave.targeting.plan import DEFAULT_PLAN
from telewave.targeting.usecases import group, make_report

NOW = datetime(2026, 7, 1, tzinfo=UTC)
MAPPING = "samples: people\noutcome: {from: took, positive: 'yes'}\n"
OPTIONS = TrainOptions(iterations=15, depth=2, threads=1, early_stopping=0, half_lives=(0.0,))


def lines(n=700, seed=0):
    """Lines of a file: five variables, of which every fifth row comes from another place, and an outcome."""
    rng = np.random.default_rng(seed)
    parts = np.round(rng.standard_normal((3, n)), 4)
    place = np.where(np.arange(n) % 5 == 0, "10083", "51007")
    took = rng.random(n) < sigmoid(parts.sum(0) - 2.2 + (place == "10083"))
    return [
        f"{parts[0, k]},{parts[1, k]},{parts[2, k]},{place[k]},{rng.integers(1, 4)},{'yes' if took[k] else 'no'}"
        for k in range(n)
    ]


class Home:
    """A warehouse for each file, trained on and reported."""

    def __init__(self, folder):
        self.database = Database(f"sqlite:///{folder / 'operations.sqlite'}")
        self.database.migrate()
        self.warehouse = Warehouse(folder / "warehouse", DuckDBEngine(1, 1, folder / "spill"))
        self.folder = folder

    def ingest(self, rows, mapping=MAPPING):
        file = self.folder / "people.csv"
        file.write_text("a,b,c,place,lines,took\n" + "\n".join(rows) + "\n", encoding="utf-8")
        ingest(self.warehouse, self.database, parse_mapping(mapping), [file], Silent(), date(2026, 7, 1))
        return open_samples(self.warehouse, "people")

    def report(self, rows, mapping=MAPPING):
        wide = self.ingest(rows, mapping)
        table = samples_table(self.warehouse, "people", wide)
        fitted = train(table, name="people", seed=1, now=NOW, options=OPTIONS)
        score(fitted, wide, self.warehouse, Silent())
        group(self.warehouse, "people", None, DEFAULT_PLAN, Silent())
        return make_report(self.warehouse, fitted.card, wide, NOW, Silent())


def test_permuting_the_rows_of_a_file_changes_nothing_in_the_report(tmp_path):
    rows = lines()
    mixed = [rows[k] for k in np.random.default_rng(4).permutation(len(rows))]
    first, second = (Home(_new(tmp_path, k)).report(one) for k, one in enumerate((rows, mixed)))
    assert (
        replace(first, profiles=second.profiles, everybody=second.everybody, groups=second.groups) == second
    )
    for one, other in zip(first.groups, second.groups, strict=True):
        assert one.cutoff == other.cutoff
        assert one.profile.n == other.profile.n
        assert one.profile.expected_takers == pytest.approx(other.profile.expected_takers)
        assert one.profile.profit == other.profile.profit


def test_a_file_sorted_by_its_outcome_is_asked_about_and_learnt_from_as_the_question_says(tmp_path):
    rows = sorted(lines(), key=lambda line: line.endswith("no"))
    home = Home(_new(tmp_path, 0))
    with pytest.raises(OrderNotSaid, match="`order: none`"):
        home.report(rows)
    judged = home.report(rows, MAPPING + "order: none\n")
    plain = Home(_new(tmp_path, 1)).report(lines(), MAPPING + "order: none\n")
    assert judged.refreshed == plain.refreshed
    assert not any("Drift" in warning.template for warning in judged.warnings)


def _new(folder, number):
    (folder / str(number)).mkdir()
    return folder / str(number)
