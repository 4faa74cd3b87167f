"""Names and texts of people as SQL: quoted, so that nothing in them is read as anything else."""


def name_of(name: str) -> str:
    """A column's name."""
    return '"' + name.replace('"', '""') + '"'


def text_of(text: str) -> str:
    """A text."""
    return "'" + text.replace("'", "''") + "'"


def attribute(name: str) -> str:
    """SQL of a request's attribute as text; its name is quoted, as a dot in it is no step of a path."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return "attributes ->> " + text_of(f'$."{quoted}"')
