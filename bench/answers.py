"""Whether two answers are the same within the query's tolerance.

The peer's value at t looks back over (t - step, t]; Oriel's bucket at b holds [b, b + step). So bucket b is the peer's
b + step. The first and last bucket are left out: the two disagree there about samples outside of the range.
"""


def compare(name: str, ours: dict, theirs: dict, tolerance: str, step: int) -> str:
    """Empty when they agree, else what differs."""
    if len(ours) == len(theirs) == 1:
        # Without `by` Oriel's one group has no tags, and the peer's bears those of the series.
        theirs = dict(zip(ours, theirs.values()))
    if "same hosts" in tolerance:
        theirs = tied(ours, theirs)
    if set(ours) != set(theirs):
        return f"groups: only ours {sorted(set(ours) - set(theirs))[:5]}, only theirs {sorted(set(theirs) - set(ours))[:5]}"
    if not ours:
        return "both are empty"
    if "same hosts" in tolerance or "of the total" in tolerance or "of totals" in tolerance:
        return totals(ours, theirs, step)
    share = 0.0 if tolerance == "exact" else float(tolerance.split()[0]) / 100
    return pointwise(ours, theirs, step, share)


def tied(ours: dict, theirs: dict) -> dict:
    """Hosts of equal totals are interchangeable at the end of a top list (adding `h` to a counter changes no increase, so many
    tie): a host that only the peer names stands for one that only Oriel names when their totals are within 2 %."""
    out = dict(theirs)
    for mine, their in zip(sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))):
        a, b = sum(ours[mine].values()), sum(theirs[their].values())
        if abs(a - b) <= 0.02 * abs(b):
            out[mine] = out.pop(their)
    return out


def common(ours: dict, theirs: dict, step: int) -> list[int]:
    starts = sorted(t for t in ours if t + step in theirs)
    return starts[1:-1]


def totals(ours: dict, theirs: dict, step: int) -> str:
    for group in ours:
        starts = common(ours[group], theirs[group], step)
        mine, their = sum(ours[group][t] for t in starts), sum(theirs[group][t + step] for t in starts)
        if len(starts) < 100 or abs(mine - their) > 0.02 * max(abs(their), 1e-9):
            return f"{group}: {mine} against {their} over {len(starts)} buckets"
    return ""


def pointwise(ours: dict, theirs: dict, step: int, share: float) -> str:
    checked = 0
    for group in ours:
        for t in common(ours[group], theirs[group], step):
            mine, their = ours[group][t], theirs[group][t + step]
            if abs(mine - their) > share * abs(their) + 1e-12:
                return f"{group} at {t}: {mine} against {their}"
            checked += 1
    return "" if checked >= 8 else f"only {checked} points in common"
