"""Makes the files that come from other files: assets, catalogue of texts, pages."""
