from __future__ import annotations

import random
from itertools import combinations, permutations

import pytest

from core.merging.landing_set import EXACT_UP_TO, landing_set
from core.merging.order import (
    Candidate,
    ConflictGraph,
    arrival_order,
    conflicting_steps,
    fewest_conflicts_first,
    in_dependency_order,
)
from core.merging.recommendation import recommended


def graph_of(
    *candidates: Candidate,
    edges: list[tuple[str, str]] | None = None,
    depends_on: list[tuple[str, str]] | None = None,
    built_on: list[tuple[str, str]] | None = None,
) -> ConflictGraph:
    return ConflictGraph.build(candidates, edges or (), depends_on or (), built_on or ())


def order_of(graph: ConflictGraph) -> list[str]:
    return [place.task for place in recommended(graph)]


def reasons_of(graph: ConflictGraph) -> dict[str, str]:
    return {place.task: place.why for place in recommended(graph)}


def random_graph(seed: int, count: int, density: float, *, needs: int = 0) -> ConflictGraph:
    rng = random.Random(seed)
    names = [f"t{number}" for number in range(count)]
    candidates = [
        Candidate(
            name,
            arrival,
            human=rng.random() < 0.3,
            running=rng.random() < 0.2,
            size=rng.randrange(5),
            rank=rng.randrange(4),
            hits_base=rng.random() < 0.05,
        )
        for arrival, name in enumerate(names)
    ]
    edges = [pair for pair in combinations(names, 2) if rng.random() < density]
    depends = [tuple(sorted(rng.sample(names, 2), reverse=True)) for _ in range(needs)]
    return ConflictGraph.build(candidates, edges, [(a, b) for a, b in depends])


def best_by_brute_force(graph: ConflictGraph) -> list[str]:
    """The best set of all: most branches, then the dearest, the next dearest and so on."""
    free = [task for task, one in graph.candidates.items() if not one.hits_base]
    sets: list[tuple[str, ...]] = [
        chosen
        for size in range(len(free) + 1)
        for chosen in combinations(free, size)
        if all(not graph.meets[task] & set(chosen) for task in chosen)
        and all(graph.needs[task] <= set(chosen) for task in chosen)
    ]

    def worth(chosen: tuple[str, ...]) -> tuple[int, list[tuple[int, ...]]]:
        dearest_first = sorted((graph.candidates[task].dearness for task in chosen), reverse=True)
        return len(chosen), list(dearest_first)

    best = max(sets, key=worth)
    return sorted(best)


@pytest.mark.parametrize("seed", range(60))
def test_the_landing_set_is_the_largest_and_keeps_the_dearest(seed: int) -> None:
    graph = random_graph(seed, 4 + seed % 6, (0.2, 0.35, 0.6)[seed % 3], needs=seed % 4)

    assert sorted(landing_set(graph)) == best_by_brute_force(graph)


@pytest.mark.parametrize("seed", range(20))
def test_no_order_at_all_has_fewer_conflicting_landings(seed: int) -> None:
    graph = random_graph(1000 + seed, 6, 0.4)

    found = conflicting_steps(order_of(graph), graph)

    assert found == min(conflicting_steps(order, graph) for order in permutations(graph.candidates))


@pytest.mark.parametrize("seed", range(30))
def test_every_order_holds_each_branch_once_and_after_what_it_needs(seed: int) -> None:
    graph = random_graph(2000 + seed, 12, 0.25, needs=8)

    for order in (order_of(graph), arrival_order(graph), fewest_conflicts_first(graph)):
        assert sorted(order) == sorted(graph.candidates)
        place = {task: index for index, task in enumerate(order)}
        assert all(place[need] < place[task] for task in order for need in graph.needs[task])


def test_beyond_the_exact_limit_neighbours_are_counted_anew_and_nobody_in_the_set_meets() -> None:
    graph = random_graph(7, EXACT_UP_TO + 15, 0.15, needs=5)

    chosen = landing_set(graph)

    assert all(not graph.meets[task] & chosen for task in chosen)
    assert all(graph.needs[task] <= chosen for task in chosen)
    found = conflicting_steps(order_of(graph), graph)
    assert found <= conflicting_steps(fewest_conflicts_first(graph), graph)


def test_the_densest_set_that_is_solved_exactly_is_solved_in_few_steps() -> None:
    triangles = [
        pair
        for first in range(0, 24, 3)
        for pair in combinations([f"t{first + offset}" for offset in range(3)], 2)
    ]
    graph = graph_of(*(Candidate(f"t{n}", n) for n in range(25)), edges=triangles)

    assert len(landing_set(graph)) == 9


def test_clean_branches_land_first_and_ties_go_by_arrival() -> None:
    graph = graph_of(
        Candidate("late", 3),
        Candidate("a", 0, human=True),
        Candidate("b", 1),
        Candidate("early", 2),
        edges=[("a", "b")],
    )

    assert order_of(graph) == ["early", "late", "a", "b"]


@pytest.mark.parametrize(
    ("dear", "cheap", "first", "pays"),
    [
        (
            Candidate("dear", 1, human=True),
            Candidate("cheap", 0, size=900),
            "before cheap: a person's work is dearer to redo",
            "after dear: an agent's work is cheaper to redo than a person's",
        ),
        (
            Candidate("dear", 1),
            Candidate("cheap", 0, running=True, size=900),
            "before cheap: the other's agent is still at work",
            "after dear: its agent is still at work",
        ),
        (
            Candidate("dear", 1, size=80),
            Candidate("cheap", 0, size=3),
            "before cheap: the bigger change is dearer to redo",
            "after dear: the smaller change is cheaper to redo",
        ),
        (
            Candidate("dear", 1, rank=0),
            Candidate("cheap", 0, rank=3),
            "before cheap: its priority is higher",
            "after dear: its priority is lower",
        ),
        (
            Candidate("dear", 0),
            Candidate("cheap", 1),
            "before cheap: it was ready first",
            "after dear: it was ready later",
        ),
    ],
)
def test_the_cheapest_to_redo_pays_and_the_reason_says_so(
    dear: Candidate, cheap: Candidate, first: str, pays: str
) -> None:
    graph = graph_of(cheap, dear, edges=[("dear", "cheap")])

    assert reasons_of(graph) == {"dear": first, "cheap": pays}
    assert order_of(graph) == ["dear", "cheap"]


def test_one_dear_branch_pays_when_that_saves_two_cheap_ones() -> None:
    graph = graph_of(
        Candidate("dear", 0, human=True),
        Candidate("b", 1),
        Candidate("c", 2),
        edges=[("dear", "b"), ("dear", "c")],
    )

    assert order_of(graph) == ["b", "c", "dear"]
    assert reasons_of(graph)["dear"] == "after b and c: so the fewest branches conflict"
    assert reasons_of(graph)["b"] == "before dear: so the fewest branches conflict"


def test_a_stacked_branch_lands_after_the_one_it_is_built_on_and_does_not_meet_it() -> None:
    graph = graph_of(
        Candidate("top", 0, human=True),
        Candidate("bottom", 1),
        edges=[("top", "bottom")],
        built_on=[("top", "bottom")],
    )

    assert order_of(graph) == ["bottom", "top"]
    assert reasons_of(graph) == {
        "bottom": "nobody near it",
        "top": "lands after bottom, which it is built on",
    }


def test_a_declared_dependency_is_called_by_its_name() -> None:
    graph = graph_of(Candidate("a", 0), Candidate("b", 1), depends_on=[("a", "b")])

    assert reasons_of(graph)["a"] == "lands after b, which it depends on"


def test_a_branch_that_conflicts_with_the_base_is_last_and_takes_its_dependents_along() -> None:
    graph = graph_of(
        Candidate("broken", 0, human=True, hits_base=True),
        Candidate("dependent", 1),
        Candidate("fine", 2),
        depends_on=[("dependent", "broken")],
    )

    assert order_of(graph) == ["fine", "broken", "dependent"]
    assert reasons_of(graph) == {
        "fine": "nobody near it",
        "broken": "last: it conflicts with the base itself",
        "dependent": "after broken, which it depends on and which conflicts",
    }


def test_a_cycle_of_needs_still_gives_an_order() -> None:
    needs = {"a": {"b"}, "b": {"a"}, "c": {"a"}}

    assert in_dependency_order(["c", "b", "a"], needs) == ("c", "b", "a")


def test_nothing_to_order_is_an_empty_order() -> None:
    assert recommended(graph_of()) == ()
