"""`telewave` in a process of its own that need not load its libraries anew: it is forked from one that has loaded them.

To load them takes longer than most commands work. A command started here has its own arguments, environment, folder and
streams, and ends like any other; only its help is in the language of the process it is forked from. That it also starts from nothing is shown by the installed wheel (tests/test_wheel.py),
the demo (tests/test_demo.py) and the settings that a new interpreter reads (tests/test_cli.py).
"""

import atexit
import gc
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import telewave

LIBRARIES = (
    "telewave.bootstrap",
    "telewave.platform.warehouse",
    "ibis.backends.duckdb",
    "pandas",
    "sklearn.base",
    "catboost",
    "numba.typed",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "ibis.expr.sql",
    "alembic.command",
    "babel.dates",
    "babel.messages.pofile",
    "rich.table",
    "typer._adapters",
)
ROOT = Path(__file__).resolve().parents[1]
SERVE = "import sys; from tests.started import serve; serve(sys.argv[1])"
STREAMS = (("in", "rb"), ("out", "wb"), ("err", "wb"))
PROGRAM = """#!{python} -IS
import json, os, socket, sys
order = json.dumps({{"words": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd()}}).encode()
with socket.socket(socket.AF_UNIX) as one:
    one.connect({address!r})
    socket.send_fds(one, [len(order).to_bytes(8, "big")], [0, 1, 2])
    one.sendall(order)
    sys.exit(int(one.makefile().read()) % 256)
"""
"""`telewave` for a shell: hands its words and streams to the process that has loaded the libraries."""


def started(words, *, env, cwd=None, stdin=b"", text=False):
    """What `telewave WORDS` did, as `subprocess.run` answers it: bytes, or `text`."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        (Path(folder) / "in").write_bytes(stdin)
        streams = [opened.enter_context((Path(folder) / name).open(mode)) for name, mode in STREAMS]
        order = {"words": [str(word) for word in words], "env": dict(env), "cwd": str(cwd or Path.cwd())}
        code = _ended(json.dumps(order).encode(), [one.fileno() for one in streams])
        said = [(Path(folder) / name).read_bytes() for name in ("out", "err")]
    return subprocess.CompletedProcess(list(words), code, *([one.decode() for one in said] if text else said))


@cache
def folder_of_program():
    """A folder to be the first of a shell's PATH: its `telewave` is one that starts at once."""
    folder = Path(tempfile.mkdtemp(prefix="telewave-program-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = folder / "telewave"
    program.write_text(PROGRAM.format(python=sys.executable, address=_address()))
    program.chmod(0o755)
    return folder


def _ended(order, streams):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(_address())
        socket.send_fds(one, [len(order).to_bytes(8, "big")], streams)
        one.sendall(order)
        return int(one.makefile().read())


@cache
def _address():
    """Where the server of this worker of the tests listens: started at first need, ended with the worker."""
    folder = tempfile.mkdtemp(prefix="telewave-started-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = f"{folder}/socket"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
    )
    atexit.register(server.wait)
    atexit.register(server.stdin.close)
    assert server.stdout.readline() == b"ready\n"
    return path


def serve(path):
    """Fork a command for each order, until standard input ends."""
    from telewave.cli import ENTRIES

    for module in [*(entry.module for entry in ENTRIES), *LIBRARIES, *_all_of_the_program()]:
        import_module(module)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who answers an order is waited for by nobody
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(64)
        print("ready", flush=True)
        if os.fork() == 0:
            sys.stdin.read()
            os.kill(os.getppid(), signal.SIGTERM)
            os._exit(0)
        while True:
            one, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _obey(one)
            one.close()


def _all_of_the_program():
    """What commands import where they need it: whoever is forked from here has it already."""
    return [
        module.name
        for module in walk_packages(telewave.__path__, "telewave.")
        if not module.name.endswith("__main__")
    ]


def _obey(one):
    """Run what is ordered in a child, and answer with how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    length, streams, _, _ = socket.recv_fds(one, 8, len(STREAMS))
    wanted, order = int.from_bytes(length, "big"), b""
    while len(order) < wanted:
        order += one.recv(wanted - len(order))
    child = os.fork()
    if child == 0:
        one.close()
        _become(json.loads(order), streams)
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError):
        one.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(order, streams):
    """Be the command: its streams, environment, folder and words; never returns."""
    from telewave.cli import main

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    os.chdir(order["cwd"])
    sys.argv = ["telewave", *order["words"]]
    code = 1
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        atexit._run_exitfuncs()
        with suppress(BrokenPipeError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
