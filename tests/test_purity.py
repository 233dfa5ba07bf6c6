"""Purity by default: a module decides, unless its name says that it acts, or it stands among the exceptions with a reason.

Pure is what knows no engine, database, network, clock of the machine, file or terminal, neither by itself nor through a module that it imports. Of the
platform it knows words, days and pictures only. Ibis expressions are values where nothing computes them: modules that write them are listed too.
"""

import ast
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts): path
    for path in (SOURCE / "telewave").glob("*/*.py")
    if path.name != "__init__.py" and path.parent.name != "platform"
}
ACTING = {"usecases", "store", "tables", "commands", "report", "terminal", "page"}
"""Files of a capability that may act, as their name says; and so may `<what>_commands`, `<what>_page`, `<what>_report`, `<what>_options` of commands, and `<what>_file`, which reads a person's file."""
LIBRARIES = {
    *(
        "sqlalchemy",
        "alembic",
        "duckdb",
        "pyspark",
        "ibis",
        "jinja2",
        "cryptography",
        "xlsxwriter",
        "rich",
        "typer",
    ),
    *(
        "socket",
        "http",
        "urllib",
        "ssl",
        "sqlite3",
        "shutil",
        "tempfile",
        "subprocess",
        "signal",
        "getpass",
        "secrets",
        "time",
    ),
}
TOUCHING = {
    "read_text",
    "write_text",
    "read_bytes",
    "write_bytes",
    "mkdir",
    "unlink",
    "rmdir",
    "iterdir",
    "is_dir",
    "is_file",
    "touch",
}
"""Methods of paths that read or change the disk."""
OF_THE_PLATFORM = {"answer", "arrow", "days", "languages", "progress", "pages.charts", "pages.page_table"}
"""What deciding code may know of it: cells and words, lists as arrays, days as text, progress as a protocol, pictures as text."""
EXPRESSIONS = {
    "audiences.compile": "a rule as one expression",
    "customers.base": "base classes",
    "features.catalogue": "features",
    "features.feature": "a feature",
    "features.folding": "days into months",
    "features.measures": "measures of a day",
    "features.logs": "what is so as of a date",
    "features.model": "the wide table as a value",
    "features.partials": "a day's partials",
    "features.wide": "the wide table's formula",
    "models.labelling": "who took the offer in time",
}
"""Modules that write Ibis expressions, and compute none."""
EXCEPTIONS = {
    "access.passwords": "draws passwords and hashes them",
    "approvals.ports": "names the database that a kind of plan asks",
    "audiences.explaining": "asks the wide table for one subscriber",
    "briefs.assortment": "reads the catalogue that a campaign names",
    "console.app": "puts the pages together",
    "console.campaign_tabs": "links of a visit",
    "console.campaign_told": "reads a campaign's plans",
    "console.frame": "answers requests with pages",
    "console.visit": "who asks for a page",
    "contacts.asking": "asks everything again on the day",
    "contacts.asking_ledger": "questions to the ledger in the database",
    "contacts.beyond_plan": "the use case of contacts that no plan foresaw",
    "contacts.claiming": "asks and releases in one transaction",
    "contacts.confirming": "the use case of confirming",
    "contacts.one_by_one": "asks the ledger for agents' single calls",
    "contacts.ledger_rows": "reads a campaign's ledger",
    "contacts.on_record": "reads recent contacts on record",
    "contacts.origins": "rows of plans by contact",
    "contacts.objection_store": "objections in the database",
    "contacts.out_store": "contacts that went out, from the database",
    "contacts.policy_store": "contact policies in the database",
    "contacts.standings": "how contacts stand in the database",
    "contacts.settling": "takes results over in one transaction",
    "contacts.told_by_ledger": "asks the ledger for a plan of the next phases",
    "contacts.handing_out": "the use case of hand-out",
    "contacts.jobs": "the release of a day as a job",
    "contacts.plan_kind": "asks for the campaign's earlier plans",
    "experiments.sources": "reads what a measurement is made of",
    "experiments.uplift_study": "the use case of whom the contact moves",
    "experiments.uplift_words": "words for that study's outcome",
    "funnel.counting": "counts contacts and orders in the warehouse",
    "funnel.hearing": "reads who heard of an offer, with what was known of them, from the warehouse",
    "features.inputs": "lists the parts of the warehouse that a day needs",
    "features.states": "keeps last states by month in the warehouse",
    "features.summary": "computes a wide table's summary",
    "halls.recording": "reads what happened in halls",
    "halls.offering": "the use cases of contacts that begin in a hall",
    "learning.households": "asks whose lines belong together",
    "learning.kinds": "lists the kinds",
    "learning.of_choice": "learns choice models from a home",
    "learning.of_funnel": "learns funnels from a home",
    "learning.of_response": "trains response models from a home",
    "learning.port": "names the home that a kind learns from",
    "measurement.gathering": "loads what a campaign is measured by",
    "models.score_list": "reads the scores of a list",
    "models.training_tables": "reads what to learn from",
    "outbound.bulletins": "gathers a day's bulletin",
    "outbound.told_calls": "joins what was told with what is on record",
    "outbound.dialling": "takes batches out and their results in",
    "outbound.filling": "fills a queue of calls from the ledger",
    "outbound.numbers_shown": "reveals the number that an agent dials",
    "outbound.recording": "takes down what became of a call",
    "outbound.reserving": "reserves a call in one transaction",
    "planning.leaning": "reads what is on record of each person from the warehouse",
    "planning.gathering": "loads what a plan is made of",
    "planning.next_phase": "the use case of planning the phases to come",
    "planning.phases_begun": "asks the records what became of phases",
    "planning.other_touches": "asks for other campaigns' contacts",
    "planning.plans": "keeps plans under their hash",
    "planning.redating": "the use case of dating anew",
    "records.absences": "finds in DuckDB who is missing",
    "records.clean_text": "reads a text file's lines",
    "records.contents": "opens packed files and workbooks",
    "records.deliveries": "reads the files that are delivered",
    "records.destination": "a change of the warehouse under way",
    "records.first_rows": "reads a file's first rows",
    "records.handing_over": "hands judged rows to the warehouse",
    "records.healing": "brings the log up to the warehouse",
    "records.guess_text": "words for what was read from a file",
    "records.guessing": "takes the rows that were read from a file",
    "records.identities": "numbers in the database",
    "records.judging": "judges a file in DuckDB",
    "records.key_keeping": "the key file and its check value",
    "records.named_list": "writes lists under outside names",
    "records.look_samples": "takes the rows that are looked at out of DuckDB",
    "records.native": "takes files in contract form over",
    "records.numbering": "asks who is known",
    "records.quarantine": "keeps refused rows",
    "records.reading": "reads files with DuckDB",
    "records.repetition": "finds repeated rows in DuckDB",
    "records.respelling": "brings identities on record to one form",
    "records.revealing": "reveals numbers and records it",
    "records.row_names": "reveals what rows are called",
    "records.samples": "judges an outside table in DuckDB",
    "records.sealing": "the key and its cipher",
    "records.spoilt_lines": "reads a file's spoilt lines",
    "records.table_guesses": "takes the rows that were read from a file",
    "simulation.answering": "makes records with the module that writes them",
    "simulation.city": "writes the city",
    "simulation.example": "writes the example",
    "simulation.reopening": "reads the city again",
    "simulation.truth": "writes and reads the truth",
    "simulation.writing": "writes records",
    "targeting.group_list": "reads the groups of a list",
    "targeting.profiling": "asks the wide table for profiles",
    "upkeep.agreeing": "compares the two stores",
    "upkeep.examining": "looks at every part of a home",
}
"""Modules that act although their name does not say so, and why."""


def acts_by_name(module):
    last = module.split(".")[-1]
    return last in ACTING or last.endswith(("_commands", "_command", "_file", "_options", "_page", "_report"))


def listed(names):
    return {f"telewave.{name}" for name in names}


@cache
def tree(module):
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@cache
def imports(module):
    """What the module imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = {f"{node.module}.{name.name}" for name in node.names}
            found |= (below & {*MODULES, "pyarrow.parquet"}) or {node.module}
    return found


def called(node):
    return isinstance(node, ast.Call) and (
        getattr(node.func, "attr", None) in TOUCHING or getattr(node.func, "id", None) == "open"
    )


@cache
def impurities(module):
    """What makes the module itself, or one that it imports, impure."""
    free = {"ibis"} if module in listed(EXPRESSIONS) else set()
    platform = {name for name in imports(module) if name.startswith("telewave.platform")}
    return frozenset(
        {name for name in imports(module) if name.split(".")[0] in LIBRARIES - free or name == "pyarrow.parquet"}
        | (platform - {f"telewave.platform.{name}" for name in OF_THE_PLATFORM})
        | {ast.unparse(node.func) + "()" for node in ast.walk(tree(module)) if called(node)}
        | {name for name in imports(module) & set(MODULES) if impurities(name)}
    )  # fmt: skip


def test_every_module_is_pure_but_those_whose_name_or_reason_says_otherwise():
    found = {m: sorted(impurities(m)) for m in MODULES if not acts_by_name(m) and m not in listed(EXCEPTIONS)}
    assert {m: why for m, why in found.items() if why} == {}


def test_no_exception_is_kept_that_is_none():
    assert [m for m in sorted(listed(EXCEPTIONS)) if not impurities(m)] == []
    assert [
        m for m in sorted(listed(EXPRESSIONS)) if not any(name.startswith("ibis") for name in imports(m))
    ] == []


def test_most_of_the_package_decides():
    deciding = [m for m in MODULES if not acts_by_name(m) and m not in listed(EXCEPTIONS)]
    assert len(deciding) > 2 * len(EXCEPTIONS)
