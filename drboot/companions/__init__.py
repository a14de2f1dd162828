"""What drboot knows of the other side (arrays, VIOS, HMC): it reads what their commands printed, and prints plans.

Nothing in here runs a command or changes anything, wherever it is called.
"""
