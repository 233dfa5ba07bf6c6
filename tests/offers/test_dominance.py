"""Which assumed terms of the reference case its dominated policies hang on, and up to where."""

from dataclasses import replace

from telewave.offers.catalogue_file import reference_case
from telewave.offers.classes import Market
from telewave.offers.consistency import findings
from telewave.offers.model import Customers, Kind
from telewave.offers.price_findings import Dominated
from telewave.platform.languages import render

CASE = reference_case()
ALL = [f for f in findings(CASE, Market()) if isinstance(f, Dominated)]


def by_device_only(catalogue):
    """The contracts for new numbers that the device alone beats."""
    return {
        f.offer.id
        for f in findings(catalogue, Market())
        if isinstance(f, Dominated)
        and f.offer.customers is Customers.NEW
        and f.by[0].kind is Kind.DEVICE_ONLY
    }


def with_months(months, which):
    offers = tuple(
        replace(o, terms=replace(o.terms, contract_months=months)) if which(o) else o for o in CASE.offers
    )
    return replace(CASE, offers=offers)


def test_device_only_beats_contracts_for_new_numbers_only_while_they_bind_as_long():
    assert by_device_only(CASE) == {"new-bundle-189-subsidy", "new-bundle-189-credit"}
    new = with_months(12, lambda o: o.customers is Customers.NEW and o.terms.contract_months == 24)
    assert by_device_only(new) == set()
    assert by_device_only(with_months(36, lambda o: o.id == "shop-credit-3100")) == set()


def test_the_finding_says_which_assumptions_it_hangs_on_and_up_to_where():
    (finding,) = [f for f in ALL if f.offer.id == "new-bundle-189-subsidy"]
    said = [render(hinge.sentence, "en") for hinge in finding.hinges]
    name, shop = "“New number, bundle 189, device 3,799”", "“Device 4,699, 3,100 credit back by use”"
    length = "Hangs on an assumption: the length of the contract of"
    assert said[0] == f"{length} {name} (24 months). It holds from 24 months on."
    # With a minimum of m it is 3 799 at m a month, the shop's 4 599 - 8.40 m: equal at 95.24.
    assert said[1].endswith("(189 yuan). It holds from 96 yuan on.")
    assert said[2] == f"{length} {shop} (24 months). It holds up to 24 months."


def test_every_finding_on_assumed_terms_names_them_in_both_languages():
    for finding in ALL:
        assert finding.hinges
        assert all(
            "{" not in render(h.sentence, language) for h in finding.hinges for language in ("en", "zh")
        )
