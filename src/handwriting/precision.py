"""In how many bits a processor trains best: `auto`, where nobody says otherwise."""

AUTO = "auto"


def training_precision(precision: str = AUTO) -> str:
    """The Keras dtype policy to train with.

    16 bits are twice as fast where the processor multiplies in bfloat16. Where it does not,
    they are emulated: a step of a line network took 4.0 s instead of 0.6 s.
    """
    if precision != AUTO:
        return precision
    return "mixed_bfloat16" if has_bfloat16() else "float32"


def has_bfloat16() -> bool:
    """Whether the processor multiplies in bfloat16, as far as the system says."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            flags = next((line for line in file if line.startswith("flags")), "")
    except OSError:
        return False
    return bool({"avx512_bf16", "amx_bf16"} & set(flags.split()))
