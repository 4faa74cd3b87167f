"""One state for Stewards on several hosts, through Redis: one of them leads and publishes, the others follow.

Without Redis nobody leads. Every host then serves what it has, and reports that it is stale, and since when.

    replica        one host's part: it leads, follows, or waits
    exchange       the files that a state names: into Redis, and from there to this host
    judged_packages  the packages that it names: the same files as the leading host judged, or none
    redis_state    what is in Redis: who leads, what is to be served, and the steps that change either
"""

__all__ = ["redis_state", "replica"]
