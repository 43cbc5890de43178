"""Judge the k-th event of every deal at once, exactly, in whole numbers of 64 bits; what does not fit is left out."""
