"""Every command that the agent runs, under every fault: what the run ends in, judged by rules."""
