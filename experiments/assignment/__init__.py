"""Which arms a unit is in: a pure function of the compiled live.yaml, the unit, its attributes and the time.

Every split is a hash of the unit under a salt, so that a unit stays in its arm and nothing is stored.

    plan         a live.yaml compiled into what a request needs: tables of positions
    targeting    who an experiment is for: operators over a request's attributes
    assign       the arms of one unit, and the model that ranks for it
    arm_changes  what a changed file does to units, and how to move the fewest
    salt_dependence  salts under which GrowthBook's first hash splits dependently
"""

__all__ = ["arm_changes", "assign", "plan", "salt_dependence", "targeting"]
