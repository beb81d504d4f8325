"""Makes the package and the template, and deploys a stage."""
