"""The guard at work: what it reads while a ranker serves, and what it does when a version must stop.

Run by the Steward in a thread of its own. The arithmetic is `monitoring.guard`'s; here is where it gets its
observations, one file a source, and what follows from a trip:

    seen       records, as much of each as is needed    limits    a version's quantities, from its package
    answers    seconds: what every answer tells         context   features that stand still, or out of range
    again      minutes: a share is scored once more     outcomes  hours: outcomes of the explored slice
    proofs     files and birth certificate, repeated    act       trips → what stops, what is nobody's fault
    saved      evidence on disk                         recall    what waited before a restart
    stopper    stops, journal, state
    watcher    all of it, look by look
"""
