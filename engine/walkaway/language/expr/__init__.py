"""The expression language: text to syntax (`grammar`), syntax to typed trees (`types`, `tree`)."""
