"""What an instructor does to time and state: initial conditions, snapshots, looking back, going on from the past.

Nothing here is on a wire or on a trainee's page. Computing lines is done by worker processes (`worker.py`); a bench
only ever gets a checkpoint to begin a run with.
"""
