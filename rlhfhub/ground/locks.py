"""The numbers of all PostgreSQL advisory locks, in one place, so that no two uses share one by accident."""

#: Locks of the whole database, each one number.
WALLS = 7203410
EVENT_PARTITIONS = 7203411

#: Locks of one row or person: the seeds of `hashtextextended(key, seed)`. The comments say what the key is.
ACCESS_OF_A_PERSON = 7  # workspace and person: enrolled or a member
VOTES_OF_A_PROJECT = 11
FIGURES_OF_A_PROJECT = 13  # project and which figures
DESK = 17  # enrollment
IMPORTS_OF_A_PROJECT = 23
ROUNDS_OF_A_PROJECT = 31
TOKENS_OF_A_PERSON = 29  # workspace and person
MONITORS_OF_A_PROJECT = 37
SAMPLE_CHECK = 41  # sample check
PART_IN_ITEM = 59  # person who leases an item, or gives its final answer; used by triggers alone
LINKED_ACCOUNTS = 43  # pair of accounts
REVIEWS_OF_A_PROJECT = 47
PROFILE_OF_A_PERSON = 53  # person
