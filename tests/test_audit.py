"""The audit log: written with what it tells of, and no change of it goes unseen."""

import json
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.started import started

from telewave.approvals.approval import Approve, OwnPlan
from telewave.approvals.usecases import PlanFile, step, submit
from telewave.audit.model import BEGINNING, Action, Anchor, Break, Entry, breaks, digest_of_numbers, hash_of
from telewave.audit.store import found, write_down
from telewave.audit.usecases import AnchorUnreadable, anchors_in, verify
from telewave.records.revealing import reveals_apart, seen_by
from telewave.records.store import record_reveal

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)


def chain(texts):
    """A sound log of these."""
    entries, before = [], BEGINNING
    for number, text in enumerate(texts, 1):
        made = Entry(
            sequence=number, at=NOW + timedelta(minutes=number), person=text, action=Action.POLICY_SET.value,
            about=text[::-1], facts={"version": number, "text": text}, previous=before, hash="",
        )  # fmt: skip
        made = replace(made, hash=hash_of(made))
        entries.append(made)
        before = made.hash
    return entries


def end_of(entries):
    last = entries[-1] if entries else None
    return Anchor(at=NOW, sequence=last.sequence if last else 0, hash=last.hash if last else BEGINNING)


def wrong(entries, end, anchors=()):
    return {one.what for one in breaks(entries, end, anchors)}


def rewritten(entries):
    """The same log written anew by somebody who computes all hashes again."""
    found, before = [], BEGINNING
    for number, one in enumerate(entries, 1):
        made = replace(one, sequence=number, previous=before, hash="")
        found.append(replace(made, hash=hash_of(made)))
        before = found[-1].hash
    return found


TEXTS = st.lists(st.text(min_size=1, max_size=5), min_size=2, max_size=12)


@given(TEXTS)
def test_a_log_that_nobody_touched_is_whole(texts):
    entries = chain(texts)
    assert wrong(entries, end_of(entries), [end_of(entries[:1]), end_of(entries)]) == set()


@given(TEXTS, st.data())
def test_whatever_is_changed_removed_or_moved_is_found(texts, data):
    entries = chain(texts)
    place = data.draw(st.integers(0, len(entries) - 1))
    changed = list(entries)
    which = data.draw(st.sampled_from(["person", "about", "at", "facts", "action", "sequence"]))
    other = {
        "person": entries[place].person + "x", "about": entries[place].about + "x", "at": NOW, "facts": {"a": 1},
        "action": Action.EXCLUDED.value, "sequence": 99,
    }  # fmt: skip
    changed[place] = replace(entries[place], **{which: other[which]})
    assert Break.CHANGED in wrong(changed, end_of(entries))
    removed = [*entries[:place], *entries[place + 1 :]]
    assert wrong(removed, end_of(entries)) & {Break.MISSING, Break.OTHER_END}
    one, two = sorted(
        data.draw(st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2, unique=True))
    )
    moved = list(entries)
    moved[one], moved[two] = (
        replace(entries[two], sequence=one + 1),
        replace(entries[one], sequence=two + 1),
    )
    assert wrong(moved, end_of(entries))


@given(TEXTS, st.data())
def test_a_log_written_anew_or_cut_off_is_found_by_its_anchors(texts, data):
    """Who can write the database can make every hash agree, but not with what was kept outside."""
    entries = chain(texts)
    anchored = data.draw(st.integers(1, len(entries)))
    anchors = [end_of(entries[:anchored])]
    place = data.draw(st.integers(0, anchored - 1))
    changed = list(entries)
    changed[place] = replace(entries[place], about=entries[place].about + "x")
    anew = rewritten(changed)
    assert wrong(anew, end_of(anew)) == set()
    assert Break.OTHER_THAN_ANCHORED in wrong(anew, end_of(anew), anchors)
    cut = entries[: anchored - 1]
    assert wrong(cut, end_of(cut), anchors) == {Break.CUT_OFF}


def all_of(database):
    return list(reversed(found(database, most=1_000)))


def test_steps_of_a_plan_are_written_down_with_them(database, tmp_path):
    submit(database, "spring", "Li Na", NOW, PlanFile("actions.yaml", b"steps: []"))
    step(database, "spring", Approve("Wang Wei"), NOW + timedelta(hours=1))
    assert [(one.person, one.action) for one in all_of(database)] == [
        ("Li Na", "plan:draft"), ("Li Na", "plan:in review"), ("Wang Wei", "plan:approved"),
    ]  # fmt: skip
    assert found(database, person="Wang Wei")[0].facts["version"] == 1
    assert [one.person for one in found(database, action="plan:app")] == ["Wang Wei"]
    assert found(database, about="autumn") == []
    assert len(found(database, first=NOW + timedelta(minutes=30))) == 1
    assert verify(database, tmp_path / "anchors", NOW).end.sequence == 3


def test_what_is_not_done_is_not_written_down(database):
    submit(database, "spring", "Li Na", NOW, PlanFile("actions.yaml", b"steps: []"))
    with pytest.raises(OwnPlan):
        step(database, "spring", Approve("Li Na"), NOW)  # who handed it in cannot approve it
    with suppress(RuntimeError), database.transaction() as connection:
        write_down(connection, at=NOW, person="X", action=Action.EXCLUDED, about="file", facts={})
        raise RuntimeError
    assert len(all_of(database)) == 2


def test_who_saw_whose_number_is_answerable_and_cannot_be_changed_unseen(database, tmp_path):
    record_reveal(database, [3, 1, 2], by="Zhao Min", purpose="contacts of spring", now=NOW)
    record_reveal(database, [2], by="Li Na", purpose="list", now=NOW + timedelta(hours=1))
    assert [(one.person, one.purpose) for one in seen_by(database, 2)] == [
        ("Li Na", "list"), ("Zhao Min", "contacts of spring"),
    ]  # fmt: skip
    assert seen_by(database, 9) == []
    told = verify(database, tmp_path / "anchors", NOW).revealed
    assert list(told.values()) == [digest_of_numbers([1, 2, 3]), digest_of_numbers([2])]
    assert reveals_apart(database, told) == []
    with database.transaction() as connection:
        connection.execute(sa.text("DELETE FROM revealed WHERE number = 3"))
    assert reveals_apart(database, told) == [min(told)]


def test_a_changed_row_is_found_and_nothing_is_anchored(database, tmp_path):
    submit(database, "spring", "Li Na", NOW, PlanFile("actions.yaml", b"steps: []"))
    file = tmp_path / "anchors"
    assert verify(database, file, NOW).kept.sequence == 2
    assert verify(database, file, NOW).kept is None  # nothing new
    assert file.stat().st_mode & 0o077 == 0
    with database.transaction() as connection:
        connection.execute(sa.text("UPDATE audit_log SET person = 'Wang Wei' WHERE sequence = 1"))
    done = verify(database, file, NOW)
    assert [(one.what, one.sequence) for one in done.found] == [(Break.CHANGED, 1)]
    with database.transaction() as connection:
        connection.execute(sa.text("UPDATE audit_log SET facts = 'no json' WHERE sequence = 2"))
    assert [one.sequence for one in verify(database, file, NOW).found] == [1, 2]
    with database.transaction() as connection:
        connection.execute(sa.text("DELETE FROM audit_log"))
    assert {one.what for one in verify(database, file, NOW).found} == {Break.CUT_OFF, Break.OTHER_END}
    assert len(anchors_in(file)) == 1


def test_many_who_add_at_once_make_one_chain(database, tmp_path):
    failed = []

    def work(who):
        try:
            for number in range(10):
                record_reveal(database, [number], by=who, purpose="list", now=NOW)
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work, args=(f"P{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    done = verify(database, tmp_path / "anchors", NOW)
    assert (done.end.sequence, done.found) == (40, ())


def test_an_anchor_that_cannot_be_read_is_told_with_its_line(database, tmp_path):
    file = tmp_path / "anchors"
    verify(database, file, NOW)
    record_reveal(database, [1], by="Li Na", purpose="list", now=NOW)
    verify(database, file, NOW)
    file.write_text(file.read_text() + '{"at": "2026-')
    with pytest.raises(AnchorUnreadable, match="Line 2"):
        verify(database, file, NOW)


def test_the_commands_say_who_did_what_and_whether_the_record_is_whole(tmp_path):
    home = {"TELEWAVE_HOME": str(tmp_path / "home")}
    policy = tmp_path / "policy.yaml"
    policy.write_text("caps:\n  - {most: 2, days: 7}\n", encoding="utf-8")
    assert started(["campaign", "policy", str(policy), "--by", "Li Na"], env=home, text=True).returncode == 0
    shown = started(["--lang", "en", "audit", "show", "--json"], env=home, text=True)
    assert "Li Na" in shown.stdout
    assert "set the contact policy" in shown.stdout
    json.loads(shown.stdout)
    whole = started(["--lang", "zh", "audit", "verify"], env=home, text=True)
    assert (whole.returncode, "审计日志完整" in whole.stdout) == (0, True)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'home' / 'operations.sqlite'}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE audit_log SET person = 'Wang Wei'"))
    engine.dispose()
    examined = started(["--lang", "en", "doctor"], env=home, text=True)
    assert (examined.returncode, "Entry 1 was changed" in " ".join(examined.stdout.split())) == (1, True)
    broken = started(["--lang", "en", "audit", "verify"], env=home, text=True)
    assert broken.returncode == 1
    assert "Entry 1 was changed" in broken.stdout
