"""The rules core: one program, two runners with one signature, `plain` and `rete`."""
