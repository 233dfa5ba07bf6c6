"""From scores, wide table and offers to a plan that is kept under its hash; and back to why somebody is in or out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from telewave.briefs.model import Brief
from telewave.choice.usecases import kept_choice
from telewave.experiments.holdout import UniversalControl
from telewave.features.model import WideTable
from telewave.funnel.model import Funnel
from telewave.funnel.usecases import kept
from telewave.kernel import Conflict, Message
from telewave.offers.model import Catalogue, Offer
from telewave.planning.control_groups import USUAL, DrawnHoldout, Surroundings
from telewave.planning.document import document_of, plan_rows
from telewave.planning.explanation import Explanation, Kept, explain
from telewave.planning.gathering import gather
from telewave.planning.leaning import leaning_words, persons_of
from telewave.planning.learnt_effects import leaves_to_learn, with_learnt, with_learnt_choice
from telewave.planning.model import Plan
from telewave.planning.options import Gathered, chances, options_of, values
from telewave.planning.other_touches import held_elsewhere, near, recorded, touches_elsewhere
from telewave.planning.plan_tables import CLASSES, CONTACTS, CONTROL
from telewave.planning.plans import keep, of_subscriber, plan_in_force, prices_of
from telewave.planning.proposal import Proposal, propose
from telewave.planning.scorer import Scorer, verdict_written
from telewave.planning.target_groups import MatrixOutOfOrder, NoMatrix, NothingToEarn, group_plan
from telewave.platform.database import Database
from telewave.platform.progress import Progress
from telewave.platform.warehouse import Warehouse
from telewave.targeting.sentences import percent
from telewave.targeting.usecases import Grouped, GroupsOfOlderForm, group, grouped, partition_of

_DRAWN: list[tuple[str, pa.DataType]] = [
    ("subscriber", pa.int64()),
    ("share", pa.float64()),
    ("held", pa.bool_()),
]
UNKNOWN = Scorer()
"""The model behind scores of which nothing is known."""
DRAWN = pa.schema(_DRAWN)
"""Who took part in the draw of a campaign's holdout, with which share, and who is held out."""


class HoldoutDrawn(Conflict):
    """The holdout of the campaign {campaign} was drawn with a share of {drawn}, and the file now
    asks for {asked}. Drawn anew, it would hold people whom the campaign has contacted: write
    {drawn} again, or give the campaign another id.
    """

    code = "holdout_drawn"


class FunnelWithoutGroups(Conflict):
    """The funnel {funnel} was learnt without groups, but a plan needs to know what a contact does in each group. Run
    telewave funnel learn --name {funnel} --as-of {as_of} --since {since} --days {days} --model {model}{of_offer}, or
    take `funnel` out of the campaign's file.
    """

    code = "funnel_without_groups"


@dataclass(frozen=True, eq=False, slots=True)
class Made:
    """A plan that was made and kept, with everything it was made from."""

    plan: Plan
    proposal: Proposal
    gathered: Gathered


def learnt(home: Path, brief: Brief) -> Brief:
    """The campaign with what its funnel says of the channels that state no effect, and its choice model of what counts
    against an offer; as it is where it names neither.

    Raises `NoSuchFunnel`, `DamagedFunnel`, `FunnelWithoutGroups`, `NoSuchChoiceModel`, `ChoiceModelDamaged`.
    """
    if brief.funnel:
        brief = with_learnt(brief, _by_group(kept(home, brief.funnel), brief))
    return with_learnt_choice(brief, kept_choice(home, brief.choice.learnt)) if brief.choice.learnt else brief


def _by_group(funnel: Funnel, brief: Brief) -> Funnel:
    """The funnel, if it tells the groups apart or the campaign leaves nothing to be learnt."""
    asked = funnel.question
    if asked.model or not leaves_to_learn(brief):
        return funnel
    raise FunnelWithoutGroups(
        funnel=funnel.name,
        as_of=asked.as_of.isoformat(),
        since=asked.since.isoformat(),
        days=asked.days,
        model=brief.model,
        of_offer=asked.offer and f" --offer {asked.offer}",
    )


def plan_anew(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    offers: Sequence[Offer],
    gathered: Gathered,
    as_of: date | None,
    progress: Progress,
    *,
    universal: float = USUAL.share,
    scorer: Scorer = UNKNOWN,
) -> Proposal:
    """Decide, and write nothing. `universal`: share of the installation's control
    group; `scorer`: the model behind the scores.

    Raises `HoldoutDrawn`, and what `propose` raises.
    """
    drawn = holdout_of(warehouse, brief)
    first = near(brief)[0]
    before = recorded(warehouse, first, min(as_of or first, brief.first))
    around = Surroundings(
        window_days=scorer.window_days,
        universal=UniversalControl(universal),
        drawn=drawn,
        elsewhere=touches_elsewhere(warehouse, database, brief, before, as_of),
        held_elsewhere=held_elsewhere(warehouse, database, brief),
    )
    with progress.step(Message("Deciding who gets which offer, how and when")):
        return propose(
            brief,
            offers,
            gathered.base,
            members=gathered.members,
            group=gathered.group,
            surroundings=around,
        )


def holdout_of(warehouse: Warehouse, brief: Brief) -> DrawnHoldout | None:
    """The campaign's holdout as it was drawn; None where it was not yet. Raises `HoldoutDrawn`."""
    took_part = warehouse.engine.fetch(warehouse.read(f"drawn.{brief.id}", DRAWN))
    if not len(took_part):
        return None
    share, asked = float(took_part["share"][0].as_py()), brief.holdout.campaign
    if asked is not None and abs(asked - share) > 1e-9:
        raise HoldoutDrawn(campaign=brief.id, drawn=percent(share), asked=percent(asked))
    held = took_part.filter(pc.field("held"))
    return DrawnHoldout(share, took_part["subscriber"].to_numpy(), held["subscriber"].to_numpy())


def make_plan(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    offers: Sequence[Offer],
    wide: WideTable,
    progress: Progress,
    *,
    now: datetime,
    catalogue: Catalogue | None = None,
    universal: float = USUAL.share,
    scorer: Scorer = UNKNOWN,
) -> Made:
    """Plan the campaign and keep the plan under its hash; what was kept before stays as it is.

    `catalogue`: for what is said to each group; `scorer`: the model behind the scores, which the document names with
    its verdict. Raises what `gather` and `plan_anew` raise.
    """
    gathered = gather(warehouse, database, brief, offers, wide, progress)
    made = plan_anew(
        warehouse,
        database,
        brief,
        offers,
        gathered,
        wide.as_of,
        progress,
        universal=universal,
        scorer=scorer,
    )
    with progress.step(Message("Writing the plan")):
        _keep_draw(warehouse, brief, wide.as_of, made)
        rows = plan_rows(made, gathered)
        content = document_of(
            made, gathered, rows, as_of=wide.as_of, brief=brief, catalogue=catalogue,
            products=scorer.products, verdict=verdict_written(scorer),
        )  # fmt: skip
        plan = keep(warehouse, database, content, rows, campaign=brief.id, as_of=wide.as_of, now=now)
    return Made(plan, made, gathered)


def form_groups(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    offers: Sequence[Offer],
    wide: WideTable,
    progress: Progress,
) -> Grouped:
    """Form the target groups of the campaign's model with the effects, costs and margins of the campaign.
    Raises what `gather` and `group_plan` raise.
    """
    gathered = gather(warehouse, database, brief, offers, wide, progress)
    chosen = group_plan(brief, offers, gathered.base)
    return group(warehouse, brief.model, wide.as_of, chosen, progress, case=brief.case)


def said_of_groups(
    warehouse: Warehouse, brief: Brief, offers: Sequence[Offer], gathered: Gathered, as_of: date | None
) -> list[Message]:
    """That the target groups were formed with other effects, costs or margins than the campaign's, where they were."""
    if gathered.group is None:
        return []
    try:
        wanted = group_plan(brief, offers, gathered.base)
        same = grouped(warehouse, brief.model, as_of).plan == wanted
    except GroupsOfOlderForm:
        same = False
    except (NoMatrix, MatrixOutOfOrder, NothingToEarn):
        return []
    if same:
        return []
    return [
        Message(
            "The target groups were formed with other effects, costs or margins than this campaign's, so a "
            "report on them says other amounts."
        )
    ]


def _keep_draw(warehouse: Warehouse, brief: Brief, as_of: date | None, made: Proposal) -> None:
    """Who took part in the draw as of this date stands once: whoever was drawn before is drawn alike again."""
    table, partition = f"drawn.{brief.id}", partition_of(as_of)
    share = np.full(len(made.everybody), made.campaign.holdout.campaign or 0.0)
    rows = pa.table([pa.array(made.everybody), pa.array(share), pa.array(made.held)], schema=DRAWN)
    with warehouse.change(table) as change:
        file = change.new_file(partition)
        pq.write_table(rows, file, compression="zstd")
        change.set(partition, {file: brief.id})


def explain_subscriber(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    offers: Sequence[Offer],
    wide: WideTable,
    subscriber: int,
    progress: Progress,
) -> Explanation:
    """Why a subscriber is in the plan in force or out of it: what is kept of him, and his options
    at the prices that the plan was made with.

    Raises `NotPlanned`, `NotInTheBase`, and what `gather` raises.
    """
    plan = plan_in_force(database, brief.id, wide.as_of)
    document = plan.content
    gathered = gather(warehouse, database, brief, offers, wide, progress, only=subscriber)
    options = options_of(brief, offers)
    basic, normal, core = document["appetite_log_odds"]
    chance = chances(
        gathered.base,
        brief,
        options,
        shift=document["organic_log_odds_shift"],
        appetite=(basic, normal, core),
    )
    kept = Kept(
        contacts=of_subscriber(warehouse, "plan_contacts", plan, CONTACTS, subscriber).to_pylist(),
        control=of_subscriber(warehouse, "plan_control", plan, CONTROL, subscriber).to_pylist(),
        classes=of_subscriber(warehouse, "plan_classes", plan, CLASSES, subscriber).to_pylist(),
        prices=prices_of(warehouse, plan),
        plan=plan.hash,
        brief_changed=document["brief_sha256"] != brief.digest,
    )
    said = explain(
        subscriber, brief, options, gathered.base, values(gathered.base, brief, options, chance), kept
    )
    if brief.willing is None or wide.as_of is None or not len(gathered.base.subscriber):
        return said
    rows = wide.relation.filter(wide.relation[wide.key] == subscriber)
    people = persons_of(warehouse, brief, rows, wide.as_of, gathered.base)
    return replace(said, leaning=tuple(leaning_words(brief, people)))
