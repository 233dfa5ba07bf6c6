"""What several tests look at and only one of the parallel workers makes."""

import fcntl
import json
import os


def made_once(tmp_path_factory, name, make):
    """The folder `name` of this run of the tests, and what `make(folder)` answered (a value of JSON) when it filled it.

    Whichever worker asks first makes it; others wait, and look at the same folder: it is not to be changed.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, answer = base / name, base / f"{name}.json"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.exists():
            folder.mkdir()
            answer.write_text(json.dumps(make(folder)))
    return folder, json.loads(answer.read_text())
