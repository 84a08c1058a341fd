"""Variant-effect scoring from DNA sequence with an AlphaGenome-class model."""

__version__ = "0.1.0"
