"""The catalogue: the items' features while a ranker serves, found by id.

A snapshot of it never changes. It lies in a folder that all workers of a host map into memory, and, for
tables that outgrow a host, in Redis.

    catalogue         a snapshot that is open: ids to rows, features by row
    snapshot          a snapshot written, and the digest that names it
    idindex           the hash index from ids to rows
    idspans           a request's ids as slices of its JSON
    redis_catalogue   a snapshot in Redis: published, fetched from, retired
    redis_link        a connection to one Redis: an answer in time, or an error
    redis_cluster     connections to the nodes of a Redis Cluster
"""

__all__ = ["catalogue", "idspans", "redis_catalogue", "redis_link"]
