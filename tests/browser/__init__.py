"""What people see and do, in Chromium, against everything that `make run` runs."""
