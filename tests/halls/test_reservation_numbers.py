"""A number that is heard wrong is told, never taken for another customer's."""

import pytest

from telewave.halls.reservation_number import NotAReservation, number_of, said, serial_of


@pytest.mark.parametrize("serial", [1, 37, 4711, 89_999, 123_456])
def test_every_wrong_digit_and_every_two_neighbours_exchanged_are_found(serial):
    digits = str(number_of(serial))
    wrong = {digits[:k] + str(d) + digits[k + 1 :] for k in range(len(digits)) for d in range(10)}
    wrong |= {digits[:k] + digits[k + 1] + digits[k] + digits[k + 2 :] for k in range(len(digits) - 1)}
    for text in wrong - {digits}:
        with pytest.raises(NotAReservation):
            serial_of(text)


def test_a_number_comes_back_however_it_is_written_and_has_six_digits():
    for serial in (1, 2, 500, 89_999):
        text = said(number_of(serial))
        assert len(text.replace(" ", "")) == 6
        assert {serial_of(text), serial_of(text.replace(" ", "-")), serial_of(text.replace(" ", ""))} == {
            serial
        }


@pytest.mark.parametrize("text", ["", "12", "abc", "13900000001", "000000"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(NotAReservation):
        serial_of(text)
