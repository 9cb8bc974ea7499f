"""What was: values and events of a bench, kept in bounds and read back over HistoryRead."""
