"""`okx-gateway` of the debug build with a deliberate bug: `faulty_gateway.py LIBRARY FAULT TIMES run --config …`.

LIBRARY is the folder of the debug build; FAULT one of `gateway._fast.debug_checks.FAULTS`.
"""

import sys

library, fault, times, *arguments = sys.argv[1:]
sys.path.insert(0, library)

from gateway._fast.debug_checks import arm_fault  # noqa: E402
from gateway.cli import main  # noqa: E402

arm_fault(fault, int(times))
sys.exit(main(arguments))
