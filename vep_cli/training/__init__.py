"""Training: pieces of genome and sources of targets -> batches -> steps -> a weights folder.

Nothing outside this package imports it but the command line.
"""
