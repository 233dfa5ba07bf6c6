"""Progress: work that takes longer than a glance says how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from telewave.kernel import Message
from telewave.platform.languages import Language, render

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress

Item = TypeVar("Item")


class Step(Protocol):
    """One running piece of work."""

    def advance(self, amount: float = 1) -> None:
        """Say that `amount` more units are done."""


class Progress(Protocol):
    """Where long work reports to."""

    def step(self, title: Message, total: float | None = None) -> AbstractContextManager[Step]:
        """Open a piece of work of `total` units (None: unknown) as a context manager that yields a `Step`."""


def track(progress: Progress, title: Message, items: Iterable[Item], total: int) -> Iterator[Item]:
    """Iterate `items`, advancing one unit an item."""
    with progress.step(title, total) as step:
        for item in items:
            yield item
            step.advance()


class Silent:
    """No progress is shown: for tests and for work inside other work."""

    @contextmanager
    def step(self, title: Message, total: float | None = None) -> Iterator[Step]:
        """Show nothing."""
        yield _SilentStep()


class _SilentStep:
    def advance(self, amount: float = 1) -> None:
        return None


class Terminal:
    """Progress bars on a terminal, in the person's language."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language = language

    @contextmanager
    def step(self, title: Message, total: float | None = None) -> Iterator[Step]:
        """Show one bar until the work ends; the finished line stays on the screen."""
        from rich import progress

        columns = (
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=30),
            progress.TaskProgressColumn(),
            progress.TimeElapsedColumn(),
            progress.TimeRemainingColumn(),
        )
        with progress.Progress(*columns, console=self._console) as bars:
            task = bars.add_task(render(title, self._language), total=total)
            yield _TerminalStep(bars, task)
            if total is None:
                bars.update(task, total=1, completed=1)
            else:
                bars.update(task, completed=total)


class _TerminalStep:
    def __init__(self, bars: RichProgress, task: object) -> None:
        self._bars = bars
        self._task = task

    def advance(self, amount: float = 1) -> None:
        self._bars.advance(self._task, amount)  # type: ignore[arg-type]
