"""The rows of the table, by where the fault lies; tests/faults_release_dir/table.py puts them together."""
