"""The verbs of the control table, one module per area. A new verb is a row in its module's VERBS."""

from gateway.sim.control.params import Verb
from gateway.sim.control.verbs import account, announcement, connection, faults, key, market, money, setting

AREAS = (connection, key, faults, setting, market, money, account, announcement)
VERBS: dict[str, Verb] = {name: verb for area in AREAS for name, verb in area.VERBS.items()}
