"""Changes of the live experiments: by people, through live.yaml, and by rollouts that step on by themselves.

A change names what was live when it was made, and is refused if something else is live by then.

    changes             a change of live.yaml by a person: checked, written, awaited on every worker
    compare_and_swap    what a change is made against, and its refusal where somebody else was quicker
    unit_diff           what a change would do to the units that the log has seen
    unknown_versions    versions that a changed file names, and that nobody here has heard of
    history             which experiments were live when, and in whose name
    rollout_loop        every rollout is judged at intervals, and steps on, holds or stops
    rollout_evidence    what the log says of one rollout, and so what to do
"""

__all__ = ["changes", "compare_and_swap", "history", "rollout_loop", "unit_diff", "unknown_versions"]
