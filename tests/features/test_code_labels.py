from telewave.features.code_labels import CODE_LABELS
from telewave.records.contracts import DEVICES, SUBSCRIBERS

CODED = {
    "gender": SUBSCRIBERS.column("gender"),
    "payment": SUBSCRIBERS.column("payment"),
    "segment": SUBSCRIBERS.column("segment"),
    "device_kind": DEVICES.column("kind"),
    "device_generation": DEVICES.column("generation"),
}


def test_every_code_that_a_category_of_the_wide_table_can_hold_has_a_name():
    assert {name: set(column.codes) for name, column in CODED.items()} == {
        name: set(labels) for name, labels in CODE_LABELS.items()
    }
