"""The clouds: the port, EC2, WorkSpaces and their refusals (DSK-2)."""
