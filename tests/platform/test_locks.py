"""A lock tells who holds it since when, ends its wait, and never outlives its owner."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from telewave.kernel import Message
from telewave.platform.clock import Clock
from telewave.platform.languages import render
from telewave.platform.locks import HeldByAnother, held

CLOCK = Clock("Asia/Shanghai", lambda: datetime(2026, 2, 9, 19, 30, tzinfo=UTC))
WHAT = Message("The table {table}", table="usage")

HOLDING = """
import sys
from pathlib import Path
from telewave.kernel import Message
from telewave.platform.clock import Clock
from telewave.platform.locks import held

with held(Path(sys.argv[1]), Message("The table {table}", table="usage"), Clock()):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_that_is_held_is_refused_with_its_owner_since_when_and_the_remedy(tmp_path):
    lock = tmp_path / ".lock"
    with held(lock, WHAT, CLOCK), pytest.raises(HeldByAnother) as refused, held(lock, WHAT, CLOCK, 0):
        pass
    told = str(refused.value)
    assert "The table usage" in told
    assert f"process {os.getpid()}" in told
    assert "since 2026-02-10 03:30:00" in told
    assert "Run this again" in told
    assert f"进程 {os.getpid()}" in render(refused.value.message, "zh")


def test_a_lock_is_free_again_after_its_block_however_that_ends(tmp_path):
    with pytest.raises(RuntimeError), held(tmp_path / ".lock", WHAT, CLOCK):
        raise RuntimeError
    with held(tmp_path / ".lock", WHAT, CLOCK, longest_wait_s=0):
        pass
    assert (tmp_path / ".lock").read_text() == ""
    assert (tmp_path / ".lock").stat().st_mode & 0o077 == 0


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path):
    lock = tmp_path / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(HeldByAnother, match=f"process {other.pid}"), held(lock, WHAT, CLOCK, 0):
            pass
        other.kill()
    with held(lock, WHAT, CLOCK, longest_wait_s=0):
        pass


def test_an_owner_who_has_not_written_himself_down_yet_is_another_command(tmp_path):
    with held(tmp_path / ".lock", WHAT, CLOCK):
        (tmp_path / ".lock").write_text("")
        with pytest.raises(HeldByAnother, match="another command"), held(tmp_path / ".lock", WHAT, CLOCK, 0):
            pass
