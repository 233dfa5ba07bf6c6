"""`telewave serve`: what it refuses, that it serves, and that it ends when it is told to."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx2
import pytest
from tests.started import started


@pytest.fixture
def env(tmp_path):
    return os.environ | {"TELEWAVE_HOME": str(tmp_path / "home"), "TELEWAVE_LANG": "en", "COLUMNS": "200"}


def refused(env, *words):
    done = started(["serve", *words], env=env, text=True)
    assert done.returncode == 1
    return done.stderr


@contextmanager
def ended_at_last(running):
    try:
        yield
    finally:
        running.kill()


def test_what_cannot_be_served_is_refused_in_a_sentence(env, tmp_path):
    assert "[nobody_can_sign_in]" in refused(env)
    assert "[only_for_simulated_data]" in refused(env, "--demo-people")
    assert "[only_for_simulated_data]" in refused(env, "--at", "2026-07-09 10:00")
    started(["people", "add", "Li Na", "--roles", "administrator", "--by", "Li Na"], env=env)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = refused(env, "--port", str(taken.getsockname()[1]))
    assert "[cannot_listen]" in told
    (tmp_path / "none.pem").write_text("no certificate")
    both = ["--certificate", str(tmp_path / "none.pem"), "--key", str(tmp_path / "none.pem")]
    assert "[certificate_unusable]" in refused(env, *both)
    assert "[certificate_unusable]" in refused(env, *both[:2])


def test_it_serves_a_demo_s_people_and_ends_when_it_is_told_to(env):
    words = ["serve", "--simulated", "--demo-people", "--at", "2026-07-09 10:00", "--port", "0"]
    with (
        subprocess.Popen(
            [sys.executable, "-m", "telewave.cli", *words], env=env, stdout=subprocess.PIPE, text=True
        ) as running,
        ended_at_last(running),
    ):
        told = ""
        while "Ctrl+C" not in told:
            line = running.stdout.readline()
            assert line, told
            told += line
        (address,) = re.findall(r"http://127\.0\.0\.1:\d+/", told)
        name, password = re.search(r"│ (administrator)\s+│ administrator\s+│ ([a-z0-9-]{23})", told).groups()
        with httpx2.Client(
            base_url=address, follow_redirects=True, headers={"sec-fetch-site": "same-origin"}
        ) as browser:
            answer = browser.post("sign-in", data={"name": name, "password": password})
            assert answer.url.path == "/password"
            new = {"old": password, "new": "four words that differ", "again": "four words that differ"}
            answer = browser.post("password", data=new)
            assert "2026-07-09" in answer.text
            assert "模拟数据" in answer.text
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) in (0, -signal.SIGTERM)
