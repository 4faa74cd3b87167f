"""What each command of the command line does: a module for each, imported when the command runs.

`bentos/cli.py` has the table of names. Here are first what all commands use, then the commands, then those of
`ballast experiment`; what several commands share stands beside them.

    lazy_command      commands that are imported when they run
    console           what commands print with
    progress          a progress bar
    days              days, as commands take them

    up                `ballast up`: everything, from nothing to a ranker that serves
    awaited           … what it waits for, and what is wrong while it runs
    train             `ballast train`: from a declaration to a registered version
    register          `ballast register`: a trained package becomes a version in MLflow
    publish           `ballast publish`: the catalogue into Redis
    gate              `ballast gate`: judge a version now
    override          `ballast override`: a named person lets a version serve that did not pass
    versions          `ballast promote` and `rollback`: move an alias, and wait for it
    printed_verdict   the gate's verdict, as `gate` and `promote` print it
    status            `ballast status`: the home's `saved_status`, whether anybody answers, and rates
    printed_status    … as people read it
    request           `ballast request`: a real request body, for curl
    replay            `ballast replay`: drive the running service with real requests
    explain           `ballast explain`: why one unit got one order
    printed_explanation  … as people read it
    drift             `ballast drift`: has what is served moved away from what was trained on?
    bench             `ballast bench`: what a request costs on this machine
    evaluate          `ballast evaluate --off-policy`: what a policy would have earned
    evaluate_table    `ballast evaluate --table`: the same, from a table of another system's decisions
    evaluate_version  `ballast evaluate models:/…`: of a version, from Ballast's own log
    export            `ballast export --slice`: the exploration slice as a training set
    correction        `ballast correction`: how served probabilities are corrected
    evidence          `ballast evidence`: windows of the log that are no evidence
    log               `ballast log check`: do the log's files hold what was written?
    guard             `ballast guard`: what the guard watches and has stopped

    check             `ballast experiment check`: is a live.yaml right?
    apply             `ballast experiment apply`: make a changed live.yaml live
    stop_resume       `ballast experiment stop`, `start`: the kill switch; `resume`: a stopped rollout
    change            what `apply`, `stop`, `start` and `resume` share
    analyze           `ballast experiment analyze`: what came of an experiment
    analyze_log       `ballast experiment analyze NAME`: in Ballast's own log
    printed_analysis  an analysis, as `analyze` prints it
    reweight          `ballast experiment reweight`: ranges of new weights that move the fewest units
    looks             who looked at an experiment, remembered in the home
    power             `ballast experiment power`: how many units the next experiment needs
    power_log         `ballast experiment power --from-log`: … and how long it takes, from the log
    asked_table       what is asked of a table, by options or by a plan
    loaded_plan       … and reading the plan
    declared_weights  options that say the arms' shares in a table
    measured_columns  options that say what is measured in a table
    history           `ballast experiment diff` and `history`: what a change would do, and those there were
"""

__all__ = ["console", "lazy_command"]
