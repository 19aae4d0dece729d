"""What ranks do in the tests of the mechanism: jobs that need no framework, and ways to fail."""

import os
import signal
import subprocess
import sys
import time

import numpy as np

LONG_S = 300


def count(rank, start=0):
    return {"sum": np.arange(3.0) + start + rank.index}


def raise_an_error(rank, who):
    if rank.index == who:
        raise ValueError("planted\nmore of it")
    time.sleep(LONG_S)


def exit_hard(rank, who, status=3):
    if rank.index == who:
        print("the last words\n", file=sys.stderr, flush=True)
        os._exit(status)
    time.sleep(LONG_S)


def end_by_signal(rank, who, number=signal.SIGKILL):
    if rank.index == who:
        os.kill(os.getpid(), number)
    time.sleep(LONG_S)


def hang(rank, who):
    if rank.index == who:
        time.sleep(LONG_S)
    return {}


def stop_still(rank, who):
    """Neither ends nor answers."""
    if rank.index == who:
        os.kill(os.getpid(), signal.SIGSTOP)
    return {}


def have_a_child(rank):
    """A process of the work's own, which outlives the work unless somebody ends it."""
    child = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({LONG_S})"])
    return {"pid": np.array(child.pid)}


def thread_counts(rank):
    return {"threads": np.array(int(os.environ["OMP_NUM_THREADS"]))}
