"""The files of one ranker through which its processes talk: one writes, others read, and nobody waits.

A home is a folder, `var/<ranker>/`. The Steward writes what is to be served and why; workers read that and
write what they serve; commands write what people want, with the person's name and reason. Every file is
replaced in one step or appended to in one write, so that a reader never sees a part of one.

    state            state.json: what every worker is to serve; the paths of a home
    acknowledgements  acks/: what each worker serves, as it says itself
    live_processes   whether a process lives, since when, and whether it is stopped
    steward_report   steward.json: the Steward's report on itself, and whether it has fallen silent
    workers          which workers live: who is missing, stopped, or gives no sign of life
    saved_status     what `/status` and `ballast status` have in common, read without asking a service
    journal          log/steward.jsonl: a line for every decision of the Steward and every act of a person
    lock             a lock file that is free again when its holder ends, however it ends
    waiting_move     a rollback that MLflow has not heard of yet
    live_experiments  the experiments of a live file, as plain data
    live_files       experiments/: every live.yaml that was ever live, compiled, by digest
    rollouts         rollouts.json: how far rollouts have come by themselves
    uptake           whether every worker has taken up what the experiments are now
    rulings          gate/: the gate's verdict on each version, and who overrides it
    corrections      corrections/: corrections of probabilities, and which of them may serve
    stops            guard/stops/: what the guard stopped, until a person clears it
    struck_evidence  log/struck.json: a person strikes a window of the log; what rested on it is judged anew
    drift_alarms     drift/: alarms of the last closed days
    console_socket   console/: where the console's process listens
    evidence         guard/evidence/: what the guard has counted of each version so far

`stopped` means that the guard has taken a version or a snapshot out of service.
"""

__all__ = [
    "acknowledgements",
    "console_socket",
    "corrections",
    "drift_alarms",
    "evidence",
    "journal",
    "live_experiments",
    "live_files",
    "live_processes",
    "lock",
    "rollouts",
    "rulings",
    "saved_status",
    "state",
    "steward_report",
    "stops",
    "struck_evidence",
    "uptake",
    "waiting_move",
    "workers",
]
