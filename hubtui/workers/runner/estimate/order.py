"""What comes before what, as far as the record of earlier jobs shows. Sets of steps are bits of an int: all of this
stays cheap for hundreds of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Times = Mapping[int, tuple[float, float]]  # of one run, by the step's number: begin and end
_SAME = 0.002  # seconds; stamps are milliseconds


def bits(mask: int) -> Iterator[int]:
    """The numbers in a set, the highest first."""
    while mask:
        top = mask.bit_length() - 1
        yield top
        mask ^= 1 << top


def before(count: int, runs: Sequence[Times]) -> list[int]:
    """For each of `count` steps the set of those that had ended when it began, in every run that had both; only steps
    with a lower number, so that nothing ever waits for itself."""
    found = [(1 << number) - 1 for number in range(count)]
    together = [0] * count
    for times in runs:
        present = sum(1 << number for number in times)
        ends = iter(sorted((end, number) for number, (_, end) in times.items()))
        ended, upcoming = 0, next(ends, None)
        for number in sorted(times, key=lambda n: times[n][0]):
            while upcoming and upcoming[0] <= times[number][0] + _SAME:
                ended |= 1 << upcoming[1]
                upcoming = next(ends, None)
            found[number] &= ended | ~present
            together[number] |= present
    return [mask & known for mask, known in zip(found, together, strict=True)]


def directly(earlier: Sequence[int], inside: Sequence[int]) -> list[tuple[int, ...]]:
    """The same without what follows from the rest; `inside` is, for each step, the set of those that it contains."""
    found = []
    for mask in earlier:
        kept = []
        for number in bits(mask):
            if mask >> number & 1:
                kept.append(number)
                mask &= ~(earlier[number] | inside[number])
        found.append(tuple(kept))
    return found
