"""The whole job on one machine, and whether it kept its promises: stage, deploy, run, count, report.

What CDF holds is read through its API and what was written from its record of requests; what the functions
answer is only shown. So the demo judges the bundle from outside.
"""
