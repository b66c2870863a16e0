"""The loops of the sweeps over flat arrays: plain Python that a compiler can take as it is.

Inside: `input_rows`, `line_shares`, `line_parts`, `push_forward`.

Each stands alone, calls no other of them and takes arrays only: `qtrace.uncertainty.sweeps`
compiles them where that is worth it and runs them as they are where it is not.
Source: JCGM 100:2008 (GUM), Eq. 13, 5.2.2 note 1 and G.2b (notes from memory); Willink,
Metrologia 44 (2007) 340. The backward sweep is reverse accumulation of derivatives: Griewank
and Walther, Evaluating Derivatives (2008), chapter 3 (chapter from memory).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.uncertainty.fleet import Integers, Numbers

# Below this share of the rows a search for the ancestors is quicker than walking all rows: a
# row met in a search and sorted costs about fifty that are passed by.
SEARCH_BELOW = 50


def input_rows(  # noqa: C901, D417 - one loop, for the compiler; columns: number of inputs
    targets: Integers,
    parents: tuple[Integers, Integers, Numbers],
    inputs: tuple[Integers, Integers, Numbers],
    columns: int,
) -> tuple[Integers, Integers, Numbers]:
    """Return (start, column, d(target)/d(input)) of each target, one sparse row after another.

    Args:
        targets: Rows of results.
        parents: Start, index, sensitivity of arguments that are results.
        inputs: The same of inputs; `columns` is how many inputs there are.
    """
    (from_parent, parent, parent_weight), (from_input, which, input_weight) = parents, inputs
    adjoint, total = np.zeros(from_parent.size - 1), np.zeros(columns)
    seen, met = np.zeros(adjoint.size, np.bool_), np.zeros(columns, np.bool_)
    reach = np.empty(adjoint.size, np.int64)
    start, walk_all = np.zeros(targets.size + 1, np.int64), False
    found, amount = np.empty(1024, np.int64), np.empty(1024)
    for t in range(targets.size):
        target, count, used = targets[t], 1, start[t]
        if not walk_all:
            reach[0], head, seen[target] = target, 0, True
            while head < count:
                for k in range(from_parent[reach[head]], from_parent[reach[head] + 1]):
                    if not seen[parent[k]]:
                        seen[parent[k]], reach[count] = True, parent[k]
                        count += 1
                head += 1
            seen[reach[:count]] = False
            walk_all = count * SEARCH_BELOW > target + 1
            reach[:count] = np.sort(reach[:count])
        adjoint[target], far = 1.0, target + 1 if walk_all else count
        visited, needed = reach.size, 0
        for step in range(far):
            row = target - step if walk_all else reach[far - 1 - step]
            weight = adjoint[row]
            if weight != 0.0:
                visited -= 1
                if walk_all:
                    reach[visited] = row
                needed += from_input[row + 1] - from_input[row]
                for k in range(from_parent[row], from_parent[row + 1]):
                    adjoint[parent[k]] += weight * parent_weight[k]
        while used + needed > found.size:
            found = np.concatenate((found, np.empty(found.size, np.int64)))
            amount = np.concatenate((amount, np.empty(amount.size)))
        for place in range(visited, reach.size) if walk_all else range(count):
            row = reach[place]
            weight, adjoint[row] = adjoint[row], 0.0
            for k in range(from_input[row], from_input[row + 1]):
                if not met[which[k]]:
                    met[which[k]], found[used] = True, which[k]
                    used += 1
                total[which[k]] += weight * input_weight[k]
        for k in range(start[t], used):
            amount[k], total[found[k]], met[found[k]] = total[found[k]], 0.0, False
        start[t + 1] = used
        walk_all = walk_all and (reach.size - visited) * SEARCH_BELOW > target + 1
    return start, found[: start[-1]], amount[: start[-1]]


def line_shares(
    rows: tuple[Integers, Integers, Numbers],
    u: Numbers,
    block_of: Integers,
    blocks: tuple[Integers, Integers, Integers, Integers, Numbers],
) -> tuple[Numbers, Numbers]:
    """Return what each line of sparse rows adds to the variance, its covariances included.

    Args:
        rows: Start, column and sensitivity, as from `input_rows`.
        u: Standard uncertainty of each input.
        block_of: Block of each input, -1 for none.
        blocks: Kind (2: not stated), start, members, start of the matrix, coefficients.

    Returns:
        (at the bound, independent): c_i sum_j V_ij c_j by line, points of unknown correlation
        once at the bound |c_i u_i| sum|c u| and once as independent.
    """
    start, column, sensitivity = rows
    kind, block_start, member, matrix_start, coefficient = blocks
    bound, independent = np.zeros(column.size), np.zeros(column.size)
    part, absolute = np.zeros(u.size), np.zeros(kind.size)
    place = np.zeros(u.size, np.int64)
    for i in range(kind.size):
        for k in range(block_start[i], block_start[i + 1]):
            place[member[k]] = k - block_start[i]
    for t in range(start.size - 1):
        for k in range(start[t], start[t + 1]):
            if block_of[column[k]] >= 0:
                part[column[k]] = sensitivity[k] * u[column[k]]
                absolute[block_of[column[k]]] += abs(part[column[k]])
        for k in range(start[t], start[t + 1]):
            block, own = block_of[column[k]], sensitivity[k] * u[column[k]]
            independent[k] = own * own
            bound[k] = own * own
            if block >= 0 and kind[block] == 2:
                bound[k] = abs(own) * absolute[block]
            elif block >= 0:
                first, size = block_start[block], block_start[block + 1] - block_start[block]
                from_row, total = matrix_start[block] + place[column[k]] * size, 0.0
                for j in range(size):
                    total += coefficient[from_row + j] * part[member[first + j]]
                bound[k] = own * total
                independent[k] = own * total
        for k in range(start[t], start[t + 1]):
            part[column[k]] = 0.0
            if block_of[column[k]] >= 0:
                absolute[block_of[column[k]]] = 0.0
    return bound, independent


def line_parts(
    rows: tuple[Integers, Integers],
    block_of: Integers,
    blocks: tuple[Integers, Integers, Integers, Integers, Numbers],
) -> Integers:
    """Return for each line the first line of the independent part that it belongs to.

    Declared matrices fall apart into the parts that non-zero coefficients connect, among the
    inputs of that row; ensembles and blocks of unknown correlation are never cut.

    Args:
        rows: Start and column, as from `input_rows`, without lines of sensitivity 0.
        block_of: Block of each input, -1 for none.
        blocks: Kind (0 declared, 1 ensemble, 2 not stated), start, members, start of the matrix,
            coefficients.
    """
    start, column = rows
    kind, block_start, member, matrix_start, coefficient = blocks
    leader = np.full(column.size, -1, np.int64)
    line_of = np.full(block_of.size, -1, np.int64)
    place, queue = np.zeros(block_of.size, np.int64), np.empty(member.size + 1, np.int64)
    for i in range(kind.size):
        for k in range(block_start[i], block_start[i + 1]):
            place[member[k]] = k - block_start[i]
    for t in range(start.size - 1):
        for k in range(start[t], start[t + 1]):
            line_of[column[k]] = k
        for k in range(start[t], start[t + 1]):
            if leader[k] >= 0:
                continue
            leader[k], block, count, head = k, block_of[column[k]], 1, 0
            queue[0] = column[k]
            while head < count and block >= 0:
                first, size = block_start[block], block_start[block + 1] - block_start[block]
                from_row = matrix_start[block] + place[queue[head]] * size
                head += 1
                for j in range(size):
                    other = member[first + j]
                    if line_of[other] < 0 or leader[line_of[other]] >= 0:
                        continue
                    if kind[block] != 0 or coefficient[from_row + j] != 0.0:
                        leader[line_of[other]], queue[count] = k, other
                        count += 1
        for k in range(start[t], start[t + 1]):
            line_of[column[k]] = -1
    return leader


def push_forward(
    change: Numbers,
    pinned: NDArray[np.bool_],
    parents: tuple[Integers, Integers, Numbers],
    inputs: tuple[Integers, Integers, Numbers],
    of_input: Numbers,
) -> Numbers:
    """Return x = A x + B y row by row, in the order of recording.

    Args:
        change: What pinned rows hold, 0 elsewhere; changed in place.
        pinned: Rows that keep what they hold.
        parents: Start, index and sensitivity of the arguments that are results.
        inputs: The same of those that are inputs.
        of_input: y, by input.
    """
    (from_parent, parent, parent_weight), (from_input, which, input_weight) = parents, inputs
    for row in range(change.size):
        if pinned[row]:
            continue
        total = 0.0
        for k in range(from_input[row], from_input[row + 1]):
            total += input_weight[k] * of_input[which[k]]
        for k in range(from_parent[row], from_parent[row + 1]):
            total += parent_weight[k] * change[parent[k]]
        change[row] = total
    return change
