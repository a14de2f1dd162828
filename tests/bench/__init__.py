"""What drboot costs, against what it replaces: every figure is measured in one run on one machine.  ``make bench``."""
