"""Processes that die, as by kill -9, at a stated step of their work: neither seconds nor the machine's load decide where."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass

import sqlalchemy as sa

FILE_STEPS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.utime"})


class Steps:
    """Counts this process's steps: files under `folder` opened, renamed, removed; statements and commits of a database.

    At step `last` the process is dead before the step is done.
    """

    def __init__(self, folder, last):
        self.done, self._folder, self._last = 0, os.fspath(folder), last
        sys.addaudithook(self._file)
        sa.event.listen(sa.Engine, "before_cursor_execute", self._step)
        sa.event.listen(sa.Engine, "commit", self._step)

    def _file(self, name, arguments):
        if name in FILE_STEPS and any(self._inside(one) for one in arguments[:2]):
            self._step()

    def _inside(self, path):
        return isinstance(path, str | os.PathLike) and str(path).startswith(self._folder)

    def _step(self, *_):
        self.done += 1
        if self.done == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def serve(work):
    """For each order read, '{"last": step, "folder": path, ...}', fork a process that does `work(folder, ...)` and dies at that step; 0: never.

    What the work imports is imported once. Answers with the number of steps done, or with -1 of a process that died.
    """
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)  # what the work prints is no answer
            steps = Steps(order["folder"], order.pop("last"))
            work(**order)
            os.write(writing, str(steps.done).encode())
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reading) as answer:
            print({0: answer.read(), signal.SIGKILL: -1}.get(status, f"status {status}"), flush=True)


@dataclass
class Mortals:
    """Work of processes that die when told: `program` is a module's text that ends with `serve(work)`."""

    program: str

    def __enter__(self):
        self._server = subprocess.Popen(
            [sys.executable, "-c", self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_):
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()

    def run(self, folder, last=0, **more):
        """Do the work in `folder`; the number of steps it took, or -1 if it died at step `last`."""
        order = {"last": last, "folder": str(folder)} | {name: str(value) for name, value in more.items()}
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())


def spread(steps, number):
    """At most `number` of the steps 1 to `steps`, evenly, the first and the last among them."""
    if number >= steps:
        return list(range(1, steps + 1))
    return sorted({1 + round(k * (steps - 1) / (number - 1)) for k in range(number)})
