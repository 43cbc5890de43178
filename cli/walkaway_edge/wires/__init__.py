"""Wires by which programs of two companies negotiate: message → event line or refusal, and answer → message plan.

Everything is a pure function. Signatures are verified before, and what is planned is signed and sent by whoever calls.
"""
