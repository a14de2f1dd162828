"""drboot brings an IBM AIX LPAR up at the disaster-recovery site by itself."""

__version__ = "0.1.0"
