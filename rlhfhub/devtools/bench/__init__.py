"""How fast it is: measured over HTTP on a database of its own, against plain SQL on the same server in the same run."""
