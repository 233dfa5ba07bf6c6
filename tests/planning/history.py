"""A branch's year in the simulated city without its usage records, and what the product learns from it. Only for judging.

The months are lived as `simulate` lives them; contacts and orders come in their contracts' form. What usage would show
of a person is taken from his own rates, as a year of records shows them; nothing else of the truth is read by what learns.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tests.funnel.city import put_groups
from tests.models.worlds import table_of

from telewave.choice.learning import Taken
from telewave.choice.learning import learn as learn_choice
from telewave.choice.terms import at_hand, chosen_singly
from telewave.customers.base import CELLS, BaseClass, Cell
from telewave.features.usecases import WIDE, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.funnel.model import Question
from telewave.funnel.usecases import learn as learn_funnel
from telewave.models.response import TrainOptions
from telewave.models.training import train
from telewave.offers.catalogue_file import reference_case
from telewave.offers.classes import Customer, Openness, openness
from telewave.planning.leaning import persons_of, told_apart
from telewave.planning.options import Base
from telewave.platform.engine import DuckDBEngine
from telewave.platform.warehouse import Warehouse
from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.facts import OFFER, OrderKind
from telewave.simulation.facts import Base as CityBase
from telewave.simulation.levels import group_of, histogram, kinds, probabilities, solved, wanted
from telewave.simulation.lives import State, lived, prospects, standing_levels
from telewave.simulation.months import stream
from telewave.simulation.people import people
from telewave.simulation.plan import CityPlan
from telewave.simulation.policies import IDS, POLICIES, choice_of
from telewave.simulation.process import FACE_TO_FACE, Attempt, Minds, steps
from telewave.simulation.response import relative_hidden, relative_observable
from telewave.simulation.touches import visits
from telewave.simulation.writing import contact_rows, contract_rows, order_rows

LAUNCH, END, MONTHS = date(2025, 7, 1), date(2026, 7, 1), 12
LEARNT_IN = 6
"""Months that the response model learns from; contacts and orders of the later ones are what effects are learnt from."""
ONE_IN = 20
"""Of those who did not order in a month, one in so many stands in the training table."""
CLASSES = {
    CityBase.BOTH: BaseClass.MOBILE_AND_BROADBAND,
    CityBase.MOBILE: BaseClass.MOBILE,
    CityBase.BROADBAND: BaseClass.BROADBAND,
}
RANKS = (0.05, 0.35)
"""Up to which share of the base by falling chance a subscriber is core, and normal."""
OFFERS = reference_case().offers
SINGLE = chosen_singly(OFFERS)
HIDDEN = ("affinity", "price_sensitivity", "patience", "loyalty", "hall", "online", "community")
"""Traits that nothing on record tells, each standard normal and independent of all that does."""


@dataclass(frozen=True, eq=False)
class History:
    """A city's year: who there is, what each month left on record, and what is left at its end."""

    plan: CityPlan
    crowd: object
    months: tuple[dict, ...]
    takers: tuple[np.ndarray, ...]
    there: tuple[np.ndarray, ...]
    state: State
    levels: np.ndarray

    @property
    def free(self):
        """Who is there at the end and has not taken the offer."""
        return self.state.there(self.plan, MONTHS + 1) & (self.state.took_in[0] > MONTHS)

    @property
    def organic(self):
        """The truth: chance to order in a month like the last without any contact, its occasions averaged."""
        relative = relative_observable(self.crowd) * relative_hidden(self.crowd)
        return probabilities(self.crowd, relative, self.levels).sum(axis=0)

    def gain(self, channel, tired=True):
        """The truth: what one contact adds to everybody's chance, tired as the year has left him."""
        left = self.state.tired if tired else 0.0
        return (1 - self.organic) * steps(
            Minds.of(self.crowd, OFFER), Attempt(channel=channel, tired=left)
        ).wins

    @property
    def kind_shares(self):
        """The truth: how often an order of each is with a new number, and of a device alone, shape (n, 2)."""
        return kinds(self.levels)[:, group_of(self.crowd)].T


def lived_through(size, seed, take_up=1.0):
    """The year from the launch on; at a take-up of 1 with the reference case's takers in proportion."""
    plan = CityPlan(
        subscribers=size, seed=seed, launch=LAUNCH, months_before=0, months_after=MONTHS, take_up=take_up
    )
    crowd = people(range(size), seed)
    state, months, takers, there = State.at_start(crowd), [], [], []
    for when, goal in zip(plan.months, wanted(plan), strict=True):
        levels = standing_levels()
        ahead, free = prospects(plan, crowd, when, state), state.took_in[0] > when[0]
        levels[0, 0] = solved(plan, histogram(crowd, ahead.organic[0], free, ahead.won[0]), goal)
        there.append(state.there(plan, when[0]) & free)
        made = lived(plan, crowd, when, state, levels)
        sale = made.sales[OFFER]
        orders = order_rows(stream(plan, crowd, when[0], 10), crowd, OFFER, sale, made.contacts.at)
        months.append(
            {
                "contacts": contact_rows(crowd, OFFER, made.contacts, made.outcomes, made.dispositions),
                "orders": orders,
            }
        )
        takers.append(sale.row)
        state = made.after
    return History(plan, crowd, tuple(months), tuple(takers), tuple(there), state, levels[0, 0])


def features(crowd):
    """What records show of each subscriber, as a training table has it."""
    minutes = crowd.call_scale * 2.0 / 60
    calls = crowd.calls * 30
    return {
        "called_min": calls * crowd.called_share * minutes,
        "inter_min": calls * (1 - crowd.called_share) * crowd.inter_provincial * minutes,
        "calls": calls,
        "internet_min": crowd.sessions * 30 * crowd.session_s / 60,
        "data_mb": crowd.sessions * 30 * crowd.session_kb / 1024,
        "mms": crowd.mms * 30,
        "broadband_mb": crowd.broadband * 30 * crowd.broadband_kb / 1024,
        "tenure": crowd.tenure,
        "age": np.where(crowd.age_known, crowd.age, np.nan),
        "arpu": crowd.arpu,
        "device_months": np.where(crowd.mobile, crowd.device_months, np.nan),
        "smart": crowd.device_smart.astype(float),
        "both": (crowd.base == CityBase.BOTH).astype(float),
        "mobile": crowd.mobile.astype(float),
        "prepaid": crowd.prepaid.astype(float),
        "enterprise": crowd.enterprise.astype(float),
    }


def fitted(past, seed=1, **more):
    """The product's response model of the first months."""
    shown = features(past.crowd)
    rows, label, period = [], [], []
    for month in range(LEARNT_IN):
        took = np.zeros(len(past.crowd), bool)
        took[past.takers[month]] = True
        kept = np.flatnonzero(past.there[month] & (took | (past.crowd.subscriber % ONE_IN == month)))
        rows.append(kept)
        label.append(took[kept])
        period.append(np.full(len(kept), 30 * month))
    rows = np.concatenate(rows)
    table = table_of(
        {name: pa.array(value[rows], from_pandas=True) for name, value in shown.items()}, np.concatenate(label),
        period=np.concatenate(period), key=past.crowd.subscriber[rows], dated=True, horizon=30, other_weight=float(ONE_IN),
    )  # fmt: skip
    options = TrainOptions(**({"iterations": 300, "depth": 4, "half_lives": (0.0,), "threads": 2} | more))
    return train(table, name="m", seed=seed, now=datetime(2026, 1, 1, tzinfo=UTC), options=options)


def scored(model, crowd):
    """Everybody's chance by the model, shape (n,)."""
    shown = {name: pa.array(value, from_pandas=True) for name, value in features(crowd).items()}
    return model.probabilities(pa.table(shown))


def grouped(probability):
    """0 core, 1 normal, 2 basic by rank, shape (n,)."""
    rank = np.argsort(np.argsort(-probability, kind="stable"))
    return np.digitize(rank / len(probability), RANKS).astype(np.int8)


def funnel_of(past, probability, folder, days=30):
    """What the product learns of contacts of the months after the model's."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = DuckDBEngine(1, 2)
    warehouse = Warehouse(folder, engine)
    for name, time in (("contacts", "contacted_at"), ("orders", "ordered_at")):
        with warehouse.change(name) as change:
            for month in past.months if name == "contacts" else past.months[LEARNT_IN:]:
                put_by_day(change, contract_rows(name, month[name]), month[name][time])
    since = past.plan.months[LEARNT_IN][1]
    here = past.there[LEARNT_IN]
    score = np.log(probability / (1 - probability))
    put_groups(
        warehouse,
        score[here],
        grouped(probability)[here],
        as_of=since,
        subscriber=past.crowd.subscriber[here],
    )
    put_wide(warehouse, past, since)
    question = Question(since=since, as_of=END, days=days, offer=OFFER, model="m")
    found = learn_funnel(warehouse, question, "year")
    engine.close()
    return replace(found, version=1)


def shown(crowd):
    """What the wide table has of it, by name."""
    found = features(crowd)
    return {
        "age": found["age"], "tenure_months": found["tenure"], "arpu": found["arpu"], "calls_3m": 3 * found["calls"],
        "called_home_min_3m": 3 * found["called_min"], "data_mb_3m": 3 * found["data_mb"],
        "has_mobile": crowd.mobile, "has_broadband": crowd.base != CityBase.MOBILE,
        "payment": np.where(crowd.prepaid, "prepaid", "postpaid"),
        "segment": np.where(crowd.enterprise, "enterprise", "public"),
    }  # fmt: skip


def put_wide(warehouse, past, day):
    """The wide table as of `day`, of the columns that are looked at."""
    columns = {"subscriber": past.crowd.subscriber, **shown(past.crowd)}
    columns = {
        field.name: pa.array(columns[field.name], from_pandas=True).cast(field.type)
        if field.name in columns
        else pa.nulls(len(past.crowd), field.type)
        for field in WIDE_SCHEMA
    }
    with warehouse.change(WIDE) as change:
        file = change.new_file(day.isoformat())
        pq.write_table(pa.table(columns, schema=WIDE_SCHEMA), file)
        change.set(day.isoformat(), {file: "year"})


def put_by_day(change, table, at):
    day = at // 86_400_000_000
    for one in np.unique(day):
        name = str(np.datetime64(int(one), "D"))
        file = change.new_file(name)
        pq.write_table(table.filter(pa.array(day == one)), file)
        change.set(name, {file: uuid.uuid4().hex})


def open_to(crowd):
    """Which offers of the catalogue are open to each by its rules, shape (n, offers)."""
    keys = np.stack([crowd.base, crowd.prepaid, crowd.enterprise], 1).astype(int)
    found = np.zeros((len(keys), len(OFFERS)), bool)
    for key in np.unique(keys, axis=0):
        rows = np.all(keys == key, axis=1)
        payment, segment = "prepaid" if key[1] else "postpaid", "enterprise" if key[2] else "public"
        for number, offer in enumerate(OFFERS):
            one = Customer(new_number=offer.customers == "new", base=CLASSES[CityBase(key[0])], payment=payment, segment=segment)  # fmt: skip
            found[rows, number] = openness(offer, one) is not Openness.NONE
    old = crowd.mobile & ~crowd.device_smart
    for number, offer in enumerate(OFFERS):
        if str(offer.id).startswith("upgrade"):
            found[:, number] &= old
    return found


def choice_of_orders(past, seed=1):
    """What the product learns of all orders: the choice model."""
    orders = [month["orders"] for month in past.months]
    rows = np.concatenate([month["subscriber"] for month in orders])
    place = {str(offer.id): k for k, offer in enumerate(SINGLE)}
    taken = np.array([place.get(one, -1) for month in orders for one in month["policy"]])
    day = np.concatenate([month["ordered_at"] // 86_400_000_000 for month in orders])
    kept = taken >= 0
    rows, taken, day = rows[kept], taken[kept], day[kept]
    crowd = past.crowd
    single = [OFFERS.index(one) for one in SINGLE]
    channel = np.concatenate([np.asarray(month["channel"]) for month in orders])[kept]
    epoch = date(1970, 1, 1).toordinal()
    made = Taken(
        offers=SINGLE, taken=taken, eligible=open_to(crowd)[rows][:, single], fee_minor=fees(crowd)[rows], day=day + epoch,
        subscriber=rows.astype(np.int64), cell=cells(crowd)[rows], cells=CELLS, left_out={}, at_hand=at_hand(SINGLE, channel, taken),
    )  # fmt: skip
    return replace(
        learn_choice(made, reference_case(), "year", datetime(2026, 7, 1, tzinfo=UTC), seed), version=1
    )


def cells(crowd):
    """The class of each as records show it, by place among `CELLS`."""
    keys = zip(crowd.base, crowd.prepaid, crowd.enterprise, strict=True)
    return np.array([
        CELLS.index(Cell(CLASSES[CityBase(base)], "prepaid" if pre else "postpaid", "enterprise" if ent else "public"))
        for base, pre, ent in keys
    ])  # fmt: skip


def fees(crowd):
    return np.round(crowd.arpu * 100).astype(np.int64)


def base_of(past, probability, campaign):
    """The base that a planner sees at the year's end, and the rows of the crowd behind it."""
    crowd, rows = past.crowd, np.flatnonzero(past.free)
    mobile, wired = crowd.base != CityBase.BROADBAND, crowd.base != CityBase.MOBILE
    called = mobile & ~past.state.silent
    reachable = np.stack([called if c.id in {"outbound_call", "sms"} else np.ones(len(mobile), bool) for c in campaign.channels], 1)  # fmt: skip
    whole = Base(
        subscriber=crowd.subscriber.astype(np.int64), probability=probability, fee_minor=fees(crowd), open_offers=open_to(crowd),
        reachable=reachable, addressed=np.stack([mobile & wired, np.ones(len(mobile), bool)], 1), cell=cells(crowd),
    )  # fmt: skip
    return whole.rows(rows), rows


def with_persons(past, brief, base, rows, folder):
    """The base with what the product reads of each person for a plan that tells people apart."""
    if brief.willing is None:
        return base
    engine = DuckDBEngine(1, 2)
    warehouse = Warehouse(folder, engine)
    put_wide(warehouse, past, END)
    relation = open_wide(warehouse, END).relation
    people = persons_of(warehouse, brief, relation, END, base)
    engine.close()
    return replace(base, willing=told_apart(brief, people))


class Truth:
    """What the hidden truth says of an option with each of some people: chance to be won x how often the policy is taken
    beside the one that appeals most. In halls and shops only who comes anyway is reached.
    """

    def __init__(self, past, crowd, rows):
        self.past, self.crowd, self.rows = past, crowd, rows
        relative = relative_observable(crowd) * relative_hidden(crowd)
        self.organic = probabilities(crowd, relative, past.levels).sum(axis=0)[rows]

    def gains(self, channels):
        """What one contact through each channel adds to the chance of an order, shape (rows, channels)."""
        who, tired = Minds.of(self.crowd, OFFER), self.past.state.tired
        found = []
        for one in channels:
            wins = steps(who, Attempt(channel=one.id, tired=tired)).wins[self.rows]
            comes = visits(self.crowd)[self.rows] if one.id in FACE_TO_FACE else 1.0
            found.append((1 - self.organic) * wins * comes)
        return np.stack(found, 1)

    def taste(self, open_offers):
        """How often each policy is taken beside the one that appeals most, shape (rows, offers): the kinds of orders as
        the class makes them, and within a kind the policies by their appeal.
        """
        place = [list(IDS).index(str(offer.id)) for offer in OFFERS]
        appeal = choice_of(self.crowd, self.rows).appeal[:, place]
        single = np.array([offer in SINGLE for offer in OFFERS])
        chance = np.zeros(appeal.shape)
        for kind in OrderKind:
            serves = np.array([kind in POLICIES[one].kinds for one in place])
            utility = np.where(open_offers[self.rows] & single & serves, appeal, -np.inf)
            odds = np.exp(utility - np.maximum(utility.max(axis=1, keepdims=True), -1e9))
            share = self.past.kind_shares[self.rows, int(kind)][:, None]
            chance += share * odds / np.maximum(odds.sum(axis=1, keepdims=True), 1e-300)
        return chance / np.maximum(chance.max(axis=1, keepdims=True), 1e-300)


def redrawn(crowd, lot):
    """The same people as far as records can show, with other hidden traits."""
    n = len(crowd)
    normal = {name: lot.standard_normal(n) for name in HIDDEN}
    shares = [ASSUMPTIONS["put_off"], ASSUMPTIONS["persuadable"]]
    persuasion = lot.choice([-1, 1, 0], n, p=[*shares, 1 - sum(shares)])
    return replace(crowd, **normal, persuasion=persuasion.astype(np.int8))
