"""Invisible marks in pictures and sound: who looks at a file can tell which clip it is, also after recompression.

A mark is 48 random bits; what they mean is known to whoever keeps them (decisions/0035).
"""
