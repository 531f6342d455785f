"""Child projects of review: paid people judge answers, or decide appeals, as items frozen from them."""
