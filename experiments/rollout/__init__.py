"""A split that opens step by step: the Steward steps on by itself, and stops it for harm.

All of it is pure: the Steward's loop (`bentos/control/experiments`) looks, asks here, and acts.

    arm_health  what the arms did beside their metrics: fallbacks, latency, stopped versions
    decide      stop, hold or step on, with the reason
    course      how far a rollout has come, kept beside the file and laid over it
"""

__all__ = ["arm_health", "course", "decide"]
