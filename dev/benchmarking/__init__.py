"""What a benchmark in ``benchmarks/`` is given to work with."""
