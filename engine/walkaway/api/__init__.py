"""The library's face: a session over one policy, and what else there is to ask of policies; errors are findings.

Whoever builds on walkaway, a face of ours or a program, needs no other room. Nothing here decides: it reads what comes
in, hands it on, and names what is wrong. A log, the solver and counteroffers are loaded when they are first needed.
"""
