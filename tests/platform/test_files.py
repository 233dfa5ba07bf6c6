"""Files appear whole or not at all, and a refusal is a sentence."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telewave.platform.files import FileIsThere, FileNotWritten, filled_aside, write_new, write_whole
from telewave.platform.languages import render


def names(folder):
    return sorted(one.name for one in folder.iterdir())


def fill_half(path, trouble):
    with filled_aside(path) as aside:
        aside.write_text("half of")
        raise trouble


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_what_was_written_is_read_back(content):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new" / "page.html"
        write_whole(path, content)
        assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
        assert names(path.parent) == ["page.html"]


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "plan.json"
    write_whole(path, "old")
    with pytest.raises(RuntimeError):
        fill_half(path, RuntimeError())
    assert path.read_text() == "old"
    assert names(tmp_path) == ["plan.json"]


def test_an_interrupted_writer_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "plan.json"
    write_whole(path, "old")
    with pytest.raises(KeyboardInterrupt):
        fill_half(path, KeyboardInterrupt())
    assert (path.read_text(), names(tmp_path)) == ("old", ["plan.json"])


def test_nothing_is_written_over_where_a_new_file_is_asked_for(tmp_path):
    path = tmp_path / "mine.yaml"
    write_new(path, "mine")
    with pytest.raises(FileIsThere, match=r"mine\.yaml is there already"):
        write_new(path, "other")
    assert path.read_text() == "mine"


def test_a_folder_in_the_place_of_the_file_is_told_in_both_languages(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(FileNotWritten, match="it is a folder") as refused:
        write_whole(tmp_path / "out", "x")
    assert "文件夹" in render(refused.value, "zh")
    assert names(tmp_path) == ["out"]


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(FileNotWritten, match="a part of the path is a file"):
        write_whole(tmp_path / "out" / "page.html", "x")


def test_a_name_that_is_too_long_is_told(tmp_path):
    with pytest.raises(FileNotWritten, match="the name is too long"):
        write_whole(tmp_path / ("x" * 300), "x")


def test_a_full_disk_is_told():
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(FileNotWritten, match="the disk is full"):
        write_whole(Path("/dev/full"), "x")


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "through")
    assert os.read(reading, 100) == b"through"
    os.close(reading)
    assert pipe.is_fifo()
