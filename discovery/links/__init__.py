"""The links of the chain: each proposes candidates for seeds, by itself, and any may fail."""
