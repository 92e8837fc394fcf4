"""A study that is solved many times: one relaxation kept with its basis, and every plan found so far."""
