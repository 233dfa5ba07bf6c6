"""Commands of `models`: train, score, models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Malformed, Message
from telewave.models.target import Target
from telewave.platform.command_line import ListTaker, ModelName, Seed
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken
from telewave.records.named_list import ListFile, write_named_list

if TYPE_CHECKING:
    from telewave.features.model import WideTable
    from telewave.models.dataset import TrainingTable
    from telewave.models.model import Trust
    from telewave.models.store import Registered
    from telewave.models.training_tables import Audience
    from telewave.records.row_names import Naming


class WhatToLearn(Malformed):
    """Say what to learn from: either --offer, --window-days and --as-of (once a date), or
    --samples with the name of an outside table.
    """

    code = "what_to_learn"


class WhatToScore(Malformed):
    """Say what to score: either --as-of with a date, or --samples with the name of an outside table."""

    code = "what_to_score"


class UnusablePopulationRate(Malformed):
    """The population's share of takers {value} does not lie between 0 and 1. Write 2 % as 0.02."""

    code = "unusable_population_rate"


Offer = Annotated[str, typer.Option("--offer", help=spoken("Offer whose takers are to be predicted."))]
Window = Annotated[
    int,
    typer.Option("--window-days", help=spoken("Days from the as-of date within which the offer is taken.")),
]
AsOfDates = Annotated[
    list[str] | None,
    typer.Option("--as-of", help=spoken("As-of date to learn from, year-month-day; give it once a date.")),
]
AsOf = Annotated[str, typer.Option("--as-of", help=spoken("Score the subscribers as of this date."))]
Samples = Annotated[str, typer.Option("--samples", help=spoken("Name of an outside table."))]
Name = Annotated[str, typer.Option("--name", help=spoken("Name of the model."))]
TrainRows = Annotated[
    int,
    typer.Option(
        "--train-rows",
        help=spoken(
            "Outside tables: rows to learn from before the first judged one; 0: half of them, at most 20,000."
        ),
    ),
]
Step = Annotated[
    int,
    typer.Option(
        "--step",
        help=spoken(
            "Outside tables: rows judged between two refreshes; 0: 1,000, or as the size of the table allows."
        ),
    ),
]
WindowRows = Annotated[
    int,
    typer.Option("--window", help=spoken("Learn from that many latest rows (or as-of dates) only; 0: all.")),
]
PopulationRate = Annotated[
    float | None,
    typer.Option(
        "--population-rate", help=spoken("Share of takers in the population, if the rows were resampled.")
    ),
]
Keep = Annotated[
    list[str] | None,
    typer.Option(
        "--keep",
        help=spoken(
            "Variable to learn from although the leak screen would leave it out; give it once a variable."
        ),
    ),
]
Chosen = Annotated[
    str,
    typer.Option(
        "--audience", help=spoken("Name of an audience, or a rule: only its members; none: everybody.")
    ),
]
Shown = Annotated[str, typer.Argument(help=spoken("Model whose card to show; none: list all."))]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("train", help=spoken("Train a response model and show how good it is on later periods."))(
        train_command
    )
    app.command("score", help=spoken("Give every subscriber the chance of taking the offer."))(score_command)
    app.command("models", help=spoken("List the models, or show one model's card."))(models_command)


def train_command(
    context: typer.Context,
    offer: Offer = "",
    window_days: Window = 30,
    as_of: AsOfDates = None,
    samples: Samples = "",
    name: Name = "",
    seed: Seed = 1,
    train_rows: TrainRows = 0,
    step: Step = 0,
    window: WindowRows = 0,
    population_rate: PopulationRate = None,
    keep: Keep = None,
    audience: Chosen = "",
) -> None:
    """Build the training table, train, save, show the card."""
    from telewave.models.report import show_card
    from telewave.models.response import TrainOptions
    from telewave.models.store import check_name, next_moment, save, version_in_use
    from telewave.models.training import train
    from telewave.models.validation import Forward

    session: Session = context.obj
    if bool(samples) == bool(offer):
        raise WhatToLearn
    if population_rate is not None and not 0 < population_rate < 1:
        raise UnusablePopulationRate(value=population_rate)
    name = check_name(name or samples or offer)
    now = next_moment(session.database, name, session.clock.now())  # told before an hour of training
    table = _table(session, offer, window_days, as_of or [], samples, audience)
    options = TrainOptions(
        forward=Forward(train_rows, step, window),
        population_rate=population_rate,
        keep=frozenset(keep or ()),
        threads=session.settings.threads,
    )
    fitted = train(
        table,
        name=name,
        seed=seed,
        now=now,
        progress=session.progress,
        options=options,
    )
    saved = save(fitted, session.settings.models, session.database)
    show_card(session, fitted.numbered(saved.version).card)
    session.say(Message("Saved as {name}, version {version}.", name=saved.name, version=saved.version))
    if (used := version_in_use(session.settings.models, name)) not in (None, saved.version):
        session.say(
            Message(
                "Scores go on being made by version {used}. To have later outcomes judge and a second person approve "
                "another one: telewave learning refit {name} --kind response --by YOU",
                used=used,
                name=name,
            ),
            style="yellow",
        )


def score_command(
    context: typer.Context,
    model: ModelName,
    as_of: AsOf = "",
    samples: Samples = "",
    audience: Chosen = "",
    to: ListFile = None,
    by: ListTaker = "",
) -> None:
    """Score a wide table or an outside table, or an audience of it, with the version
    of a model that is in use; with --to write the list.
    """
    from telewave.features.usecases import open_samples, open_wide
    from telewave.models.report import say_holders, say_other_audience, warn_of_verdict
    from telewave.models.store import load
    from telewave.models.usecases import restricted, score
    from telewave.models.verdict import model_words
    from telewave.records.row_names import naming_of

    session: Session = context.obj
    if bool(as_of) == bool(samples):
        raise WhatToScore
    naming = None if to is None else naming_of(session.warehouse, samples, by)
    fitted = load(session.settings.models, session.database, model)
    warehouse = session.warehouse
    wide = open_samples(warehouse, samples) if samples else open_wide(warehouse, parse_day(as_of))
    whom, member = _audience(session, audience)
    if whom != fitted.card.audience:
        say_other_audience(session, fitted.card.audience, whom)
    scored = score(fitted, restricted(wide, member) if member else wide, warehouse, session.progress)
    session.say(
        Message(
            "{rows} rows scored into {table} by the model {model}.",
            rows=scored.rows,
            table=f"scores.{model}",
            model=model_words(model, fitted.card.version),
        )
    )
    warn_of_verdict(session, fitted.card)
    say_holders(session, fitted.card, scored.holders)
    if to is not None and naming is not None:
        _write(session, to, naming, fitted.name, wide, by)


def _write(session: Session, to: Path, naming: Naming, model: str, wide: WideTable, by: str) -> None:
    from telewave.models.score_list import HEADERS, ranked_scores, score_lines

    rows = ranked_scores(session.warehouse, model, wide.as_of)
    write_named_list(
        session,
        to,
        naming,
        rows["subscriber"].to_numpy().tolist(),
        by=by,
        purpose=f"scores of {model}, {wide.as_of or wide.samples}",
        headers=HEADERS,
        lines=lambda names: score_lines(rows, names),
    )


def models_command(context: typer.Context, name: Shown = "") -> None:
    """List the registry, or show a card."""
    from telewave.models.report import say_in_use, show_card, show_models
    from telewave.models.store import load_card, model_uses, registered

    session: Session = context.obj
    if name:
        show_card(session, load_card(session.settings.models, session.database, name))
    else:
        rows = registered(session.database)
        show_models(session, [(row, _trust(session, row)) for row in rows])
        for one in sorted({row.name for row in rows}):
            say_in_use(session, one, model_uses(session.settings.models, one))


def _trust(session: Session, row: Registered) -> Trust | None:
    """How far the model may be used; None where its files are damaged or of another
    version, which `telewave models NAME` tells.
    """
    from telewave.models.card_json import NewerCard, UnreadableCard
    from telewave.models.store import DamagedModel, load_card

    try:
        return load_card(session.settings.models, session.database, row.name, row.version).trust
    except (DamagedModel, UnreadableCard, NewerCard):
        return None


def _table(
    session: Session, offer: str, window_days: int, as_of: list[str], samples: str, audience: str
) -> TrainingTable:
    from telewave.features.usecases import open_samples, open_wide
    from telewave.models.training_tables import samples_table, training_table

    warehouse = session.warehouse
    whom, member = _audience(session, audience)
    if samples:
        return samples_table(warehouse, samples, open_samples(warehouse, samples), member, whom)
    dates, target = [parse_day(value) for value in as_of], Target(offer, window_days)
    return training_table(warehouse, target, dates, open_wide, session.progress, member, whom=whom)


def _audience(session: Session, text: str) -> tuple[str, Audience | None]:
    """The audience in words, which hold its rule, and as a predicate; nothing of both for everybody."""
    from telewave.audiences.language import rule_text
    from telewave.audiences.reading import read_rule
    from telewave.audiences.rule import InAudience
    from telewave.audiences.usecases import find_version, is_name, predicate

    if not text:
        return "", None
    if not is_name(text):
        rule = read_rule(text)
        return rule_text(rule), predicate(session.warehouse, session.database, rule)
    found = find_version(session.database, text)
    whom = f"{found.name}/{found.version}: {rule_text(found.rule)}"
    return whom, predicate(session.warehouse, session.database, InAudience(found.name, found.version))
