"""Effects told as odds ratios and tastes by price, for the tests of what a campaign does that states them so."""

from dataclasses import replace

from telewave.briefs.model import Effect
from telewave.kernel import Money
from telewave.offers.economics import DEFAULT_ASSUMPTIONS

RATIOS = {"outbound_call": 1.7, "hall": 1.5, "third_party_shop": 1.4, "sms": 1.12, "web_push": 1.1}


def with_odds(brief):
    """The campaign with beliefs on odds and price in place of orders caused and weights of terms, margins without what a
    contract retains, the web hall's policies sold by itself alone, and twenty agents whose calls cost three yuan.
    """
    channels = tuple(
        replace(
            one,
            effect=Effect(RATIOS[one.id], 1_000.0),
            sells=one.sells if one.id == "web_push" else tuple(s for s in one.sells if s != "web_hall"),
        )
        for one in brief.channels
    )
    channels = tuple(
        replace(one, cost=Money(3_00), calendar=replace(one.calendar, daily_capacity=1_000))
        if one.id == "outbound_call"
        else one
        for one in channels
    )
    choice = replace(brief.choice, price_elasticity=2.0, weights=None)
    return replace(brief, channels=channels, choice=choice, economics=DEFAULT_ASSUMPTIONS)
