"""Settings: what can be read, what is refused, and whose day it is."""

from datetime import UTC, date, datetime

import pytest

from telewave.platform.clock import Clock
from telewave.platform.settings import SETTINGS, UnreadableSetting, load_settings


def test_an_empty_environment_gives_every_setting_its_default(tmp_path):
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path)})
    assert settings.warehouse == tmp_path / "warehouse"
    assert settings.database_url == f"sqlite:///{tmp_path / 'operations.sqlite'}"
    assert (settings.engine, settings.threads, settings.timezone) == ("duckdb", 0, "Asia/Shanghai")


def test_a_setting_that_is_set_to_nothing_has_its_default():
    assert load_settings({setting.variable: "" for setting in SETTINGS}) == load_settings({})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TELEWAVE_ENGINE", "oracle", "duckdb / spark"),
        ("TELEWAVE_MEMORY_GB", "much", ">= 0.5"),
        ("TELEWAVE_MEMORY_GB", "nan", ">= 0.5"),
        ("TELEWAVE_THREADS", "-1", ">= 0"),
        ("TELEWAVE_TIMEZONE", "Shanghai", "such as Asia/Shanghai"),
    ],
)
def test_a_setting_that_cannot_be_read_is_told_with_its_name_and_what_is_expected(name, value, expected):
    with pytest.raises(UnreadableSetting) as refused:
        load_settings({name: value})
    assert name in str(refused.value)
    assert expected in str(refused.value)


def test_the_operators_day_begins_at_its_own_midnight_wherever_the_machine_stands():
    evening = datetime(2026, 2, 9, 16, tzinfo=UTC)
    assert Clock("Asia/Shanghai", lambda: evening).today() == date(2026, 2, 10)
    assert Clock("UTC", lambda: evening).today() == date(2026, 2, 9)
    assert Clock("Asia/Shanghai", lambda: evening).now() == evening
