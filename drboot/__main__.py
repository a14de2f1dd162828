"""``python -m drboot``, and what bin/drboot starts."""

import sys

from drboot.cli import main

sys.exit(main())
