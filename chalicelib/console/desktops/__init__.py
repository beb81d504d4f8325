"""Pages of desktops: state, connection, changes, measures, machines."""
