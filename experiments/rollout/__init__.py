"""A split that opens step by step: the Steward steps on by itself, and stops it for harm.

All of it is pure: the Steward's loop (`bentos/control/experiments`) looks, asks here, and acts.

    arm_health  what the arms did beside their metrics: fallbacks, latency, stopped versions
    decide      stop, hold or step on, for one arm, with the reason
    course      which steps were taken and when the next is due; laid over the file
"""

__all__ = ["arm_health", "course", "decide"]
