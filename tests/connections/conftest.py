"""Fixtures of the connections' tests."""

from tests.connections.group_scene import group_scene
from tests.connections.stream_scene import make_scene

__all__ = ["group_scene", "make_scene"]
