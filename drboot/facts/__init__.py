"""READS: a file per AIX command or file, with its queries and the pure parser of what it prints."""
