"""A simulated AIX LPAR made of processes.  Nothing outside this package knows that it exists."""
