"""What the programs of bench, deploy and e2e share: how they wait and fail, processes, PostgreSQL, the service."""
