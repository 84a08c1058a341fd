"""What `vep score` would do with an input, found out without running the network.

Records go by once; a few observers count and remember a bounded amount of what they see. Which
alleles would be scored is decided by the functions that decide it in a run.
"""
