"""Classic location problems on arrays: a cost matrix in, a plan with a proven bound out; no study is needed."""
