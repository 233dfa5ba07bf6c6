"""The model registry, on SQLite and PostgreSQL: what is registered is whole, and what is damaged is never loaded."""

import pickle
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from telewave.kernel import Inconclusive, Message
from telewave.models.card_json import UnreadableCard
from telewave.models.store import (
    DamagedModel,
    NoSuchModel,
    UnusableName,
    _digest,
    find,
    load,
    load_card,
    registered,
    save,
)
from telewave.models.tables import model_versions
from telewave.models.usecases import ModelGone, card_behind, made_by


@pytest.fixture
def fitted(toy):
    return toy[1]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "models"


def called(fitted, name):
    return replace(fitted, name=name, card=replace(fitted.card, name=name))


class BrokenOff:
    """The database of a process that ends when the model is registered and renamed, just before the commit."""

    def __init__(self, database, end):
        self._database, self._end = database, end

    @contextmanager
    def transaction(self):
        with self._database.transaction() as connection:
            yield connection
            self._end()


class Lost(Exception):
    pass


def lose_connection():
    raise Lost


def test_a_saved_model_scores_as_before_and_keeps_its_card(toy, folder, database):
    world, fitted = toy
    save(fitted, folder, database)
    read = load(folder, database, "toy")
    np.testing.assert_array_equal(
        read.probabilities(world.table.rows), fitted.probabilities(world.table.rows)
    )
    assert read.card == fitted.card
    assert read.calibration == fitted.calibration
    assert read.estimator.get_params() == fitted.estimator.get_params()


def test_versions_count_up_for_each_name_alone(fitted, folder, database):
    saved = [save(called(fitted, name), folder, database) for name in ("a", "b", "a", "a")]
    assert [(row.name, row.version) for row in saved] == [("a", 1), ("b", 1), ("a", 2), ("a", 3)]
    assert [(row.name, row.version) for row in registered(database)] == [
        ("a", 1), ("a", 2), ("a", 3), ("b", 1),
    ]  # fmt: skip


def test_the_registry_says_of_each_model_what_it_predicts_from_when_it_is_and_how_good(
    fitted, folder, database
):
    written = save(fitted, folder, database)
    read = find(folder, database, "toy")
    assert read == written
    assert read.target == fitted.card.target
    assert read.created_at == fitted.card.trained_at
    assert read.metrics["auc"] == fitted.card.validation.refreshed.auc.value


def test_the_newest_version_is_loaded_unless_one_is_named(toy, folder, database):
    world, first = toy
    second = replace(first, card=replace(first.card, calibration=first.calibration.then_shifted(1.0)))
    save(first, folder, database)
    save(second, folder, database)
    rows = world.table.rows
    np.testing.assert_array_equal(
        load(folder, database, "toy").probabilities(rows), second.probabilities(rows)
    )
    np.testing.assert_array_equal(
        load(folder, database, "toy", version=1).probabilities(rows), first.probabilities(rows)
    )


def test_a_card_is_read_without_its_model_and_knows_its_version(fitted, folder, database):
    save(fitted, folder, database)
    save(fitted, folder, database)
    card = load_card(folder, database, "toy")
    assert card == fitted.card
    assert (card.version, load(folder, database, "toy", 1).card.version) == (2, 1)


def test_the_version_behind_scores_is_found_by_name_and_number_and_never_by_a_time(fitted, folder, database):
    """Two versions may be trained at the same instant: by it they could not be told apart."""
    save(fitted, folder, database)
    save(fitted, folder, database)
    assert [card_behind(folder, database, "toy", f"toy/{k}").version for k in (1, 2)] == [1, 2]
    for gone in ("toy/9", made_by(fitted.card), fitted.card.trained_at.isoformat()):
        with pytest.raises(ModelGone, match="telewave score and telewave group again"):
            card_behind(folder, database, "toy", gone)


def test_an_unknown_model_names_the_known_ones(fitted, folder, database):
    with pytest.raises(NoSuchModel, match=r"no model phone in the registry.*choose one of: -"):
        load(folder, database, "phone")
    for name in ("handset", "broadband"):
        save(called(fitted, name), folder, database)
    with pytest.raises(NoSuchModel, match="choose one of: broadband, handset"):
        load(folder, database, "phone")


def test_an_unknown_version_is_refused_by_its_number(fitted, folder, database):
    save(fitted, folder, database)
    with pytest.raises(NoSuchModel, match="no model toy/7 in the registry"):
        load(folder, database, "toy", version=7)


def spoil_a_byte(place):
    file = place / "member-0.cbm"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(bytes(raw))


def cut_short(place):
    file = place / "model.json"
    file.write_bytes(file.read_bytes()[:-100])


def lose_a_file(place):
    (place / "model.json").unlink()


def lose_all(place):
    for file in place.iterdir():
        file.unlink()
    place.rmdir()


def add_a_file(place):
    (place / "notes.txt").write_text("not the model's")


def exchange_names(place):
    (place / "member-0.cbm").rename(place / "member-1.cbm")


@pytest.mark.parametrize(
    "damage", [spoil_a_byte, cut_short, lose_a_file, lose_all, add_a_file, exchange_names]
)
def test_files_that_are_not_those_registered_are_refused(fitted, folder, database, damage):
    save(fitted, folder, database)
    save(fitted, folder, database)
    damage(folder / "toy" / "2")
    with pytest.raises(DamagedModel, match=r"model toy, version 2.*Restore the models folder"):
        load(folder, database, "toy")
    load(folder, database, "toy", version=1)


def test_an_error_before_the_commit_registers_nothing_and_the_next_save_works(fitted, folder, database):
    with pytest.raises(Lost):
        save(fitted, folder, BrokenOff(database, lose_connection))
    assert registered(database) == []
    with pytest.raises(NoSuchModel):
        load(folder, database, "toy")
    row = save(fitted, folder, database)
    assert registered(database) == [row]
    assert load(folder, database, "toy").card == fitted.card


KILLED = """
import os, pickle, signal, sys
from contextlib import contextmanager
from pathlib import Path
from telewave.models.store import save
from telewave.platform.database import Database

class Killed(Database):
    @contextmanager
    def transaction(self):
        with super().transaction() as connection:
            yield connection
            if (Path(sys.argv[2]) / "toy" / "1").is_dir():  # what is asked before the files lie there may be answered
                os.kill(os.getpid(), signal.SIGKILL)

save(pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2]), Killed(sys.argv[3]))
"""


def test_a_process_killed_before_the_commit_registers_nothing_and_the_next_save_works(
    fitted, folder, database, tmp_path
):
    (tmp_path / "fitted").write_bytes(pickle.dumps(fitted))
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "fitted"), str(folder), url]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert (folder / "toy" / "1").is_dir()  # lies there, registered nowhere
    assert registered(database) == []
    row = save(fitted, folder, database)
    assert row.version == 2
    assert load(folder, database, "toy").card == fitted.card


def test_a_failure_to_write_leaves_neither_files_nor_a_line(fitted, folder, database):
    class Full:
        def save_members(self, place):
            (place / "member-0.cbm").write_bytes(b"half of a tree")
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        save(replace(fitted, estimator=Full()), folder, database)
    assert [p for p in (folder / "toy").iterdir() if p.is_dir()] == []
    assert registered(database) == []


def test_models_saved_at_the_same_time_get_versions_of_their_own(fitted, folder, database):
    start, saved, failed = threading.Barrier(4), [], []

    def work():
        start.wait()
        try:
            saved.append(save(fitted, folder, database).version)
        except Exception as cause:  # noqa: BLE001 - shown below
            failed.append(cause)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(saved) == [1, 2, 3, 4]
    assert all(load(folder, database, "toy", version=v).card == fitted.card for v in saved)


@pytest.mark.parametrize("name", ["", ".", "..", "../toy", "a/b", "a b", "a.b", "toy\n"])
def test_names_that_are_no_folder_names_are_refused_and_leave_nothing(fitted, folder, database, name):
    with pytest.raises(UnusableName, match="Use letters, digits, '-' and '_' only"):
        save(called(fitted, name), folder, database)
    assert not folder.exists()
    assert registered(database) == []


@pytest.mark.parametrize("name", ["手机换购", "handset_2026-07", "x" * 60])
def test_names_in_any_script_can_be_used(fitted, folder, database, name):
    save(called(fitted, name), folder, database)
    assert load(folder, database, name).name == name


def test_measures_that_were_inconclusive_are_registered_as_unknown(fitted, folder, database):
    validation = fitted.card.validation
    unknown = replace(validation.refreshed, auc=Inconclusive(Message("too few")))
    card = replace(fitted.card, validation=replace(validation, refreshed=unknown))
    save(replace(fitted, card=card), folder, database)
    assert find(folder, database, "toy").metrics["auc"] is None
    assert load(folder, database, "toy").card == card


def test_a_stored_model_of_another_version_of_the_program_is_refused(fitted, folder, database):
    save(fitted, folder, database)
    place = folder / "toy" / "1" / "model.json"
    place.write_text(place.read_text().replace('"is": "ModelCard"', '"is": "ModelCardOfTomorrow"'))
    with database.transaction() as connection:
        connection.execute(sa.update(model_versions).values(digest=_digest(place.parent)))
    with pytest.raises(UnreadableCard, match=r"contains ModelCardOfTomorrow.*Train the model again"):
        load(folder, database, "toy")
