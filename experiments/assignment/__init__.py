"""Which arms a unit is in: a pure function of the compiled live.yaml, the unit, its attributes and the time.

Every split is a hash of the unit under a salt, so that a unit stays in its arm and nothing is stored.

    arms             what a unit is assigned: its arms, and the model that ranks for it
    targeting        who an experiment is for: operators over a request's attributes
    audience         whom all experiments are for: what each attribute's value leaves of them
    running          which experiments run at a moment
    position_tables  tables from a hashed position to whom it belongs
    planned          the layers and experiments of a plan
    draws            the drawn arms of a unit: one split after the other, or all in one step
    plan             a live.yaml compiled into what a request needs: all of the above
    assign           the arms of one unit
    arm_changes      what a changed file does to units, and how to move the fewest
    salt_dependence  salts under which GrowthBook's first hash splits dependently
"""

__all__ = ["arm_changes", "arms", "assign", "plan", "salt_dependence", "targeting"]
