"""Fixtures of the connections' tests."""

from tests.connections.scenes.group_scene import group_scene
from tests.connections.scenes.stream_scene import make_scene

__all__ = ["group_scene", "make_scene"]
