"""Pure. The numbers of the data plane that Python needs too: those that `enums.pxd` declares by `cpdef enum`."""
