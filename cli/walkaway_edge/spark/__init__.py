"""A backtest over more than one machine, on Apache Spark; nothing of it is loaded unless it is asked for."""
