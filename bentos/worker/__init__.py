"""What one worker process serves: versions, catalogue and experiments in memory, kept up to date.

Everything a request needs is in one immutable value, `Serving`. A thread loads the next one beside it and
swaps the reference; a request keeps the one that it began with.

    serving       the immutable value that answers are made from, and how it is loaded from a home
    arm_texts     what answers and records say of an arm, as JSON, written once for a plan
    follower      follows the state of a home in a thread, and swaps what is served
    mapped_files  stops reading a mapped file before somebody writes into it
    hung          processes that give no sign of life are killed, so that others are started
    leases        read leases of the kernel on files
    priority      who goes first where processes and threads share a core
"""

__all__ = ["follower", "hung", "mapped_files", "priority", "serving"]
