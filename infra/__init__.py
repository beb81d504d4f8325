"""What runs or surrounds the application outside the package: assets, tables, the local stack."""
