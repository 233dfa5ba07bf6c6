"""The kinds of what is learnt, each behind the one port."""

from __future__ import annotations

from collections.abc import Mapping

from telewave.learning.model import Sort
from telewave.learning.of_choice import Choices
from telewave.learning.of_funnel import Funnels
from telewave.learning.of_response import Responses
from telewave.learning.port import Learnt

KINDS: Mapping[Sort, Learnt] = {one.sort: one for one in (Funnels(), Choices(), Responses())}
