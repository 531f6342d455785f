"""The benchmark: the site over HTTP compared with plain SQL and COPY on the same server, in a temporary database.

Every SQL statement that names a table of ours is in `sql.py`.
"""
