"""The chart library is read from the wheel or from beside the source tree, and where it is missing the remedy is told."""

import pytest

from telewave.platform.pages.library import ChartLibraryMissing, read_library


def test_what_the_wheel_brought_comes_first(tmp_path):
    shipped, beside = tmp_path / "shipped.js", tmp_path / "beside.js"
    beside.write_text("beside")
    assert read_library((shipped, beside)) == "beside"
    shipped.write_text("shipped")
    assert read_library((shipped, beside)) == "shipped"


def test_no_end_tag_in_the_library_ends_the_script(tmp_path):
    (tmp_path / "library.js").write_text("var x = '</script>';")
    assert read_library((tmp_path / "library.js",)) == "var x = '<\\/script>';"


def test_where_it_is_missing_the_remedy_is_named(tmp_path):
    with pytest.raises(ChartLibraryMissing, match=r"library\.js.*make web.*pip install"):
        read_library((tmp_path / "library.js",))
