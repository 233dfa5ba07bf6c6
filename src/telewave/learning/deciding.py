"""Who may put which version to use. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from telewave.approvals.approval import NoPerson, NoReason, plain_name
from telewave.kernel import Conflict, Forbidden, Missing
from telewave.kernel.history import Use
from telewave.learning.model import Refit, Sort, Verdict


class OwnRefit(Forbidden):
    """{person} learnt version {version} of the {kind} {name} anew and cannot approve it. Ask a second person to."""

    code = "own_refit"


class NotShownBetter(Conflict):
    """Later {records} do not say that version {version} of the {kind} {name} is better than version {champion}:
    {verdict}. What is used stays. Judge it again when more are on record:
    telewave learning refit {name}{option} --by YOU
    """

    code = "not_shown_better"


class JudgedBesideAnother(Conflict):
    """Version {version} of the {kind} {name} was judged beside version {champion}, but version {used} is in use now.
    Judge anew: telewave learning refit {name}{option} --by YOU
    """

    code = "judged_beside_another"


class InUseAlready(Conflict):
    """Version {version} of the {kind} {name} is in use already. See the others:
    telewave learning history {name}{option}
    """

    code = "in_use_already"


class NeverJudged(Missing):
    """Later {records} have not judged version {version} of the {kind} {name}, and it was never in use. Learn and judge
    anew: telewave learning refit {name}{option} --by YOU
    """

    code = "never_judged"


class NothingToJudgeBy(Conflict):
    """The version of the {kind} {name} in use was learnt from {records} before {learnt}, and the newest record is of
    {last}: a new version needs later {records} to learn from, and as many again to judge it. Come back when the records
    reach {wanted}, or name the day before which to learn: --as-of {learnt}
    """

    code = "nothing_to_judge_by"

    @classmethod
    def of(cls, sort: Sort, name: str, *, learnt: date, last: date, left: timedelta) -> NothingToJudgeBy:
        """`learnt`: the day before which the one in use was learnt; `left`: so many days are left to judge by."""
        return cls(
            kind=sort.nouns.kind,
            name=name,
            records=sort.nouns.records,
            learnt=learnt.isoformat(),
            last=last.isoformat(),
            wanted=(learnt + left).isoformat(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand under a name: the version that is `used`, and what was compared and put to use, oldest first."""

    sort: Sort
    name: str
    used: int
    refits: Sequence[Refit]
    uses: Sequence[Use]


def checked(standing: Standing, version: int, by: str, reason: str) -> None:
    """Nothing, if `by` may put the version to use in place of the one that is: a challenger that was shown better
    beside it and that another person learnt, or one that was in use before.

    Raises `NoPerson`, `NoReason`, `InUseAlready`, `OwnRefit`, `NeverJudged`, `NotShownBetter`, `JudgedBesideAnother`.
    """
    nouns = standing.sort.nouns
    told = {
        "kind": nouns.kind,
        "name": standing.name,
        "version": version,
    }
    if not plain_name(by):
        raise NoPerson
    if not reason.strip():
        raise NoReason
    option = standing.sort.option
    if version == standing.used:
        raise InUseAlready(option=option, **told)
    mine = [one for one in standing.refits if one.challenger == version]
    if any(plain_name(one.by) == plain_name(by) for one in mine):
        raise OwnRefit(person=by, **told)
    if any(one.version == version for one in standing.uses):
        return
    if not mine:
        raise NeverJudged(option=option, records=nouns.records, **told)
    last = mine[-1]
    if last.judged.verdict is not Verdict.BETTER:
        verdict = last.judged.verdict.label
        raise NotShownBetter(
            option=option, records=nouns.records, champion=last.champion, verdict=verdict, **told
        )
    if last.champion != standing.used:
        raise JudgedBesideAnother(option=option, champion=last.champion, used=standing.used, **told)
