"""Contact plans among the plans of a campaign. See `approvals.ports.PlanKind`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from telewave.approvals.approval import digest_of
from telewave.approvals.ports import Judge
from telewave.kernel import Conflict, Malformed, Message
from telewave.models.verdict import Verdict
from telewave.planning.document import document_read
from telewave.planning.evidence import NO_RECORD, proven_read
from telewave.planning.plans import SHOWN_DIGITS, NoSuchPlan, plan_called
from telewave.planning.scorer import verdict_read
from telewave.platform.database import Database


class PlanOfAnotherCampaign(Malformed):
    """This is a plan of the campaign {campaign}, not of {name}: one plan runs under one name. Give it as: telewave
    campaign submit {campaign} --plan FILE --by YOU
    """

    code = "plan_of_another_campaign"


class PlanNotKept(Conflict):
    """The document has the hash {hash}, and no plan with that hash is kept here: it was changed, or made in another
    home. Make the plan here and submit its own document: telewave plan make FILE --as-of DATE --document DOCUMENT
    """

    code = "plan_not_kept"


class ContactPlanKind:
    """The documents that `telewave plan make` and `telewave plan redate` write."""

    name: ClassVar[str] = "contacts"

    def recognises(self, content: bytes) -> bool:
        """Whether the bytes are the document of a plan."""
        return document_read(content) is not None

    def judge(self, database: Database, name: str) -> Judge:
        """A plan is submitted under its campaign's name, and is kept here under its hash."""

        def judge(_before: Iterable[bytes], after: bytes) -> None:
            told = document_read(after)
            if told is None:
                return
            if told["campaign"] != name:
                raise PlanOfAnotherCampaign(campaign=told["campaign"], name=name)
            digest = digest_of(after)
            try:
                plan_called(database, digest)
            except NoSuchPlan as cause:
                raise PlanNotKept(hash=digest[:SHOWN_DIGITS]) from cause

        return judge

    def verdict(self, content: bytes) -> Verdict | None:
        """The verdict that the document keeps."""
        told = document_read(content)
        return None if told is None else verdict_read(told)

    def obstacles(
        self, _database: Database, _name: str, content: bytes, _today: date, *, launched: bool
    ) -> Sequence[Message]:
        """That no record stands behind the plan. Nothing else gets in the way of its launch: what it could not keep was
        refused when it was made.
        """
        del launched
        told = document_read(content)
        return () if told is None or proven_read(told) else (NO_RECORD,)
