"""Five dentists who judged the same 3,869 X-rays of teeth, each as healthy (0) or with caries (1).

Real labels by several people on the same items: Espeland & Handelman, Biometrics 45 (1989), pp. 587-599, table 1, from
Handelman, Leverett, Espeland & Curzon, Journal of the American Dental Association 113 (1986), pp. 751-754. The table
says how many teeth got each of the 32 combinations of answers.
"""

from projects.stats.ratings import Ratings, number_ratings

#: From 00000, where all say healthy, to 11111; the last digit is the fifth dentist's answer.
TEETH = (
    *(1880, 789, 43, 75, 23, 63, 8, 22, 188, 191, 17, 67, 15, 85, 8, 56),
    *(22, 26, 6, 14, 1, 20, 2, 17, 2, 20, 6, 27, 3, 72, 1, 100),
)
DENTISTS = 5


def dentists(every: int = 1) -> Ratings:
    """The labels of all teeth, or of a part: one in `every` of each combination, rounded up."""
    rows = []
    tooth = 0
    for combination, teeth in enumerate(TEETH):
        answers = [int(digit) for digit in f"{combination:05b}"]
        for _ in range(-(-teeth // every)):
            rows += [(tooth, dentist, answer) for dentist, answer in enumerate(answers)]
            tooth += 1
    items, people, labels = zip(*rows, strict=True)
    return number_ratings(items, people, labels)
