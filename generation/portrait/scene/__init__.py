"""Painted sets behind and before the people: `paint` a place by its words, `blurred` for close-ups."""

from generation.portrait.scene.kinds import Layer, Light, Scene
from generation.portrait.scene.painting import blurred, paint

__all__ = ["Layer", "Light", "Scene", "blurred", "paint"]
