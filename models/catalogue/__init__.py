"""The catalogue: the items' features while a ranker serves, found by id.

A snapshot of it never changes. It lies in a folder that all workers of a host map into memory, and, for
tables that outgrow a host, in Redis.

    catalogue         a snapshot that is open: ids to rows, features by row
    snapshot          a snapshot written, and the digest that names it
    idindex           the hash index from ids to rows: built, and one id found
    idlookup          many ids looked up at once
    idspans           a request's ids as slices of its JSON
    redis_catalogue   a snapshot in Redis: published, fetched from
    redis_upkeep      … whether Redis keeps it, and what is retired
    redis_link        asking one Redis: an answer in time, or an error; connects again, and pauses
    redis_cluster     asking a Redis Cluster: each node for what it holds
    redis_stream      one connection: requests go out as they come, replies are handed out in order
    redis_address     where a Redis is, and how to enter: read from a URL
"""

__all__ = ["catalogue", "idspans", "redis_catalogue", "redis_link", "redis_upkeep"]
