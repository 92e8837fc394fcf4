"""Tables about a plan that need no solver: cost, cash flow, jobs, power, programs, use of limits."""
