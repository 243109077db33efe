"""`okx-gateway` of the debug build with a deliberate bug: `faulty_gateway.py LIBRARY FAULT TIMES run --config …`.

LIBRARY is the folder of the debug build; FAULT one of `gateway._fast.base.debug_checks.FAULTS`, or some with commas between them. With TIMES
`signal` they are armed once, by SIGUSR1, which is answered with a line on standard output.
"""

import signal
import sys

library, faults, times, *arguments = sys.argv[1:]
sys.path.insert(0, library)

from gateway._fast.base.debug_checks import arm_fault  # noqa: E402
from gateway.cli.main import main  # noqa: E402


def arm(*_: object) -> None:
    for fault in faults.split(","):
        arm_fault(fault)
    print(f"armed: {faults}", flush=True)


if times == "signal":
    signal.signal(signal.SIGUSR1, arm)
else:
    for fault in faults.split(","):
        arm_fault(fault, int(times))
sys.exit(main(arguments))
