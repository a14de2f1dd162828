"""The crash matrix: drboot dies at every point of a run, and the machine ends as if it had not.

    make crash                                  all of it, on two processes
    python -m tests.crash --jobs 1 small        some scenarios
    python -m tests.crash --point 137:before small      one point, with what was found

A **crash point** is (scenario, index of an event, before or after).  An **event** is a command that drboot runs, or a
change that drboot itself makes to a file or directory: the sync of a line of the journal, of a new state, stamp, report
or managed file before it takes its place, the rename that puts it there, a move, a chown, a chmod.  *Before*: drboot is
gone, and nothing of the event has happened; of what was written and not yet synced, power loss leaves half (``torn``).
*After*: it has happened, and nobody learned of it.

At each point the process that runs drboot forks.  The child copies the machine as it is there (its files, and the
world that is in memory), loses what power loss loses, boots the copy, does what a boot does until it comes to rest,
judges the machine, and ends by ``os._exit``; the run of its parent goes on to the next point.  The machine must have
the state that its profile asks for (tests/checker.py) and be the one that an undisturbed run leaves.

    scenarios.py    what is run: estates, ways of the device reset, how drboot dies
    events.py       the seam: what counts as an event
    matrix.py       fork, boot, judge
    everything.py   all of it, on several processes
    kills.py        the same with real processes: SIGKILL under the real init
"""
