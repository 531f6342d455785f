"""Statistics of annotation: pure functions in numpy, without Django and without a database.

Every function names its source and says what it returns for too few observations: None, or NaN within an array. Each
has a test with published values or against a kept library.
"""
