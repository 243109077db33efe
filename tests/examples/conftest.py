"""The examples as modules, and the clients' fake gateway."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "examples"))

_spec = importlib.util.spec_from_file_location("client_conftest", ROOT / "tests" / "client" / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_client_conftest = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_client_conftest)
gateway = _client_conftest.gateway
