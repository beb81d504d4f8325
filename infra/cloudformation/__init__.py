"""The CloudFormation of everything Chalice does not create, merged at `chalice package`.

One template serves both stages: the parameter ``Stage`` starts every name.  Tables, queues, jobs
and functions are read from the code that declares them, so that a new one comes with its part.
"""
