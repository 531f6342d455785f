"""The benchmark: the site over HTTP against plain SQL and COPY on the same server, in a throw-away database.

Every SQL statement that names a table of ours is in `sql.py`.
"""
