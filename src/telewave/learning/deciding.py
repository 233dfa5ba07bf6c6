"""Who may put which version to use. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from telewave.approvals.approval import NoPerson, NoReason, plain_name
from telewave.kernel import Conflict, Forbidden, Missing
from telewave.kernel.history import Use
from telewave.learning.model import Refit, Verdict


class OwnRefit(Forbidden):
    """{person} learnt version {version} of the funnel {name} anew and cannot approve it. Ask a second person to."""

    code = "own_refit"


class NotShownBetter(Conflict):
    """Later contacts do not say that version {version} of the funnel {name} is better than version {champion}:
    {verdict}. What is used stays. Judge it again when more contacts are on record:
    telewave learning refit {name} --by YOU
    """

    code = "not_shown_better"


class JudgedBesideAnother(Conflict):
    """Version {version} of the funnel {name} was judged beside version {champion}, but version {used} is in use now.
    Judge anew: telewave learning refit {name} --by YOU
    """

    code = "judged_beside_another"


class InUseAlready(Conflict):
    """Version {version} of the funnel {name} is in use already. `telewave learning history {name}` lists the others."""

    code = "in_use_already"


class NeverJudged(Missing):
    """Later contacts have not judged version {version} of the funnel {name}, and it was never in use. Learn and judge
    anew: telewave learning refit {name} --by YOU
    """

    code = "never_judged"


def checked(
    name: str, version: int, used: int, by: str, reason: str, refits: Sequence[Refit], uses: Sequence[Use]
) -> None:
    """Nothing, if `by` may put the version to use in place of `used`: a challenger that was shown better beside it and
    that another person learnt, or one that was in use before. `refits`, `uses`: the oldest first.

    Raises `NoPerson`, `NoReason`, `InUseAlready`, `OwnRefit`, `NeverJudged`, `NotShownBetter`, `JudgedBesideAnother`.
    """
    if not plain_name(by):
        raise NoPerson
    if not reason.strip():
        raise NoReason
    if version == used:
        raise InUseAlready(name=name, version=version)
    mine = [one for one in refits if one.challenger == version]
    if any(plain_name(one.by) == plain_name(by) for one in mine):
        raise OwnRefit(person=by, name=name, version=version)
    if any(one.version == version for one in uses):
        return
    if not mine:
        raise NeverJudged(name=name, version=version)
    last = mine[-1]
    if last.judged.verdict is not Verdict.BETTER:
        raise NotShownBetter(
            name=name, version=version, champion=last.champion, verdict=last.judged.verdict.label
        )
    if last.champion != used:
        raise JudgedBesideAnother(name=name, version=version, champion=last.champion, used=used)
