"""Ready-made estates: production LPARs at home, LPARs at the DR site, and the SAN between them."""
