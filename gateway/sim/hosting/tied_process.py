"""A command that ends when the program that started it ends, however that ends: a killed test leaves no simulator.

    subprocess.Popen(tied([sys.executable, "-m", "gateway", "sim"]))

This file then runs as a script in the child, ties it to its parent and becomes the command: the process id, open files
and environment stay. Linux only (prctl(2), PR_SET_PDEATHSIG); elsewhere the command just runs. The tie is to the thread
that starts the child: it must live as long as the child is to run.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
STARTER_GONE = 125  # exit status, as of other programs that run a command (env(1))


def tied(command: Sequence[str]) -> list[str]:
    """The arguments that start `command` tied to this process."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main(parent_pid: int, command: list[str]) -> None:
    """Never returns: it becomes the command, or exits if the parent has ended already."""
    if sys.platform == "linux":
        if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
            raise OSError("prctl(PR_SET_PDEATHSIG) failed")
        if os.getppid() != parent_pid:
            sys.exit(STARTER_GONE)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
