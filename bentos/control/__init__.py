"""The Steward's work: it turns what people, the gate and the guard decided into what every worker serves.

One loop looks at everything several times a second, and writes a new state when something has changed. It is
plain Python without BentoML, so that every step can be tested by calling `Control.tick()`.

The loop:
    loop                one tick: look at live.yaml and the registry, move the state, report
    loop_parts          builds what the loop works with: registry, examinations, stops and so on
    state_move          the state that follows is worked out, written and journaled
    state_keeper        a state.json that was damaged or deleted is written again
    kept_bounds         which times and outcomes readers of the log count, kept beside it
    next_state          the state that follows from wishes, rulings and what the guard stopped; pure
    heirs               who serves in the place of a version whose files are damaged
    state_changes       what differs between two states, as the journal says it; pure

What it looks at:
    sources             the registry's aliases, and live.yaml
    catalogue_file      the catalogue snapshot to serve
    snapshot_check      are a new snapshot's columns what the served ones are?
    promotion/          may a version serve? The gate's examinations, and what people ask for
    experiments/        changes of live.yaml, and rollouts that go on by themselves
    redis_items         does Redis still have the items that are served?
    guard/              watches what is served, and stops what does harm
    hosts/              one state for Stewards on several hosts

Work beside the loop:
    preload             writes the engine's files beside a package before workers are told to load it
    recalibrate         corrections of probabilities are refitted when they are due
    correction_refit    one version's correction, fitted anew
    outcome_delay       how long the outcomes of a version's decisions take
    apart               runs a process of its own, and waits for its end
    compaction          the log is compacted, in a process of its own
    closed_day_looks    closed days are looked at for drift, in a process of its own

A host *follows* when its Steward does not lead: it takes up the state of the host whose Steward does.
"""

__all__ = ["closed_day_looks", "compaction", "experiments", "loop", "loop_parts", "promotion"]
