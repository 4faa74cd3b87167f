"""The guard at work: it reads what a ranker serves, and stops a version or a snapshot that must not go on.

The Steward runs it in a thread of its own. A *quantity* is what is watched, and gets *observations* in
[0, 1]. Faults make its *evidence* grow (the arithmetic is in `monitoring.guard`); enough of it is a *trip*. A
*finding* is exact and needs no evidence. Trips and findings lead to a *stop*, which stays until a person
*clears* it. A trip that all versions have is a *shared* fault, and stops no version.

The looks:
    watcher           looks again and again: observes, and has trips and findings acted upon
    guards            a guard for each version, one over what all share, and their evidence on disk
    take_up           begins to watch what began to serve
    watched_version   what is watched of a version, with limits from its package
    pair              two versions whose orders are compared: the limit, and which is the suspect
    reputes           what speaks for and against a version
    quantities        the names of all quantities

Where observations come from:
    record_head       what is read of every decision record
    answers           what each answer tells by itself
    context           context that stands still, or out of range
    different_requests  requests that tell something new, with what their candidates are
    request_watch     what is watched of these, whichever version answers
    request_parts     … by what people declared, and by what the champion's package knows
    invariants        declared invariants that do not hold
    first_seen        which answers of a version tell something new
    context_shares    context fields missing, or filled with one value
    context_habits    numbers that had a few values, or told the time of day
    context_fit       contexts that are not what training's were
    since_cleared     answers from before a fault was cleared tell nothing more of it
    recent_keys       which keys are new among those that came last
    repeated_ids      request ids that were used again for another request
    request_rows      requests as rows of numbers, with their neighbours
    rescored_sample   a share of the requests, scored once more
    engines           engines for the rescored sample
    matured_outcomes  explored decisions of the log, once their outcomes are known
    outcomes          decisions that wait for outcomes, and what these tell
    recall            decisions that waited for outcomes before a restart, read from the log again
    file_proofs       files and birth certificate, proven again

Whether it watches at all:
    health            which of its parts fail, and whether its thread still looks

What follows:
    outcome_fault     whether outcomes are suspected before a version is
    stop_or_shared    from a trip to a stop, or to a shared fault
    damaged_files     versions that serve from memory alone, since their files on disk are damaged
    affected          how many answers a fault of all versions may have put into another order
    stopper           stops on record, the state moved, the journal told
    breaker           the stops on disk, as the loop and /status read them; tags versions in MLflow
"""

__all__ = ["breaker", "health", "quantities", "repeated_ids", "stopper", "watcher"]
