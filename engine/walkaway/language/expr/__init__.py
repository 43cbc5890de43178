"""The expression language: text to syntax (`grammar`), to trees with units (`infer`), to linear tests (`linear`)."""
