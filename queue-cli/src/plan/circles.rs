//! Tasks that wait for each other.

use std::collections::{HashMap, HashSet, VecDeque};

/// Beyond the first circle of every group, this many steps are spent on finding others. A tangle of n tasks has up to n² dependencies, and each
/// circle costs a look at all of them.
const STEPS: usize = 1_000_000;

/// The groups of tasks each of which waits for every other, by way of others or at once; a task that waits for itself is one too. Members and
/// groups are in the order of the file. (Tarjan's algorithm, with a stack of its own.)
pub(crate) fn groups(open: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search { number: vec![None; open.len()], low: vec![0; open.len()], ..Search::default() };
    search.is_on_stack = vec![false; open.len()];
    for start in 0..open.len() {
        if search.number[start].is_none() {
            search.from(start, open);
        }
    }
    let mut groups = search.groups;
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.sort_unstable();
    groups
}

#[derive(Default)]
struct Search {
    /// When each was seen first.
    number: Vec<Option<usize>>,
    /// The earliest that can be reached from it and is on the stack.
    low: Vec<usize>,
    stack: Vec<usize>,
    is_on_stack: Vec<bool>,
    seen: usize,
    groups: Vec<Vec<usize>>,
}

impl Search {
    fn from(&mut self, start: usize, open: &[Vec<usize>]) {
        // Each with the number of its dependencies that have been followed.
        let mut way = vec![(start, 0)];
        while let Some((place, next)) = way.last_mut() {
            let place = *place;
            if *next == 0 && self.number[place].is_none() {
                self.enter(place);
            }
            let Some(blocker) = open[place].get(*next).copied() else {
                way.pop();
                self.leave(place, open);
                if let Some((before, _)) = way.last() {
                    self.low[*before] = self.low[*before].min(self.low[place]);
                }
                continue;
            };
            *next += 1;
            match self.number[blocker] {
                None => way.push((blocker, 0)),
                Some(number) if self.is_on_stack[blocker] => self.low[place] = self.low[place].min(number),
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, place: usize) {
        self.number[place] = Some(self.seen);
        self.low[place] = self.seen;
        self.seen += 1;
        self.stack.push(place);
        self.is_on_stack[place] = true;
    }

    fn leave(&mut self, place: usize, open: &[Vec<usize>]) {
        if self.number[place] != Some(self.low[place]) {
            return;
        }
        let mut group = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.is_on_stack[member] = false;
            group.push(member);
            if member == place {
                break;
            }
        }
        if group.len() > 1 || open[place].contains(&place) {
            self.groups.push(group);
        }
    }
}

/// Circles in which every dependency inside a group occurs, each a shortest one through some dependency; and whether there are further ones that
/// were not looked for.
pub(crate) fn told(open: &[Vec<usize>], groups: &[Vec<usize>]) -> (Vec<Vec<usize>>, bool) {
    let mut circles = Vec::new();
    let mut steps = 0;
    let mut is_cut_short = false;
    for group in groups {
        let members: HashSet<usize> = group.iter().copied().collect();
        let mut covered: HashSet<(usize, usize)> = HashSet::new();
        'group: for place in group {
            for blocker in open[*place].iter().filter(|blocker| members.contains(blocker)) {
                if covered.contains(&(*place, *blocker)) {
                    continue;
                }
                if steps > STEPS && !covered.is_empty() {
                    is_cut_short = true;
                    break 'group;
                }
                let circle = shortest(*place, *blocker, open, &members, &mut steps);
                covered.extend(circle.windows(2).map(|pair| (pair[0], pair[1])));
                circles.push(from_the_first(circle));
            }
        }
    }
    (circles, is_cut_short)
}

/// The shortest circle that begins with the dependency of `first` on `second`.
fn shortest(
    first: usize,
    second: usize,
    open: &[Vec<usize>],
    members: &HashSet<usize>,
    steps: &mut usize,
) -> Vec<usize> {
    let mut came_from: HashMap<usize, usize> = HashMap::new();
    let mut queue = VecDeque::from([second]);
    'search: while let Some(place) = queue.pop_front().filter(|_| first != second) {
        for blocker in open[place].iter().filter(|blocker| members.contains(blocker)) {
            *steps += 1;
            if *blocker != second && !came_from.contains_key(blocker) {
                came_from.insert(*blocker, place);
                if *blocker == first {
                    break 'search;
                }
                queue.push_back(*blocker);
            }
        }
    }
    let mut back = vec![first];
    let mut here = first;
    while here != second {
        let Some(before) = came_from.get(&here) else { break };
        here = *before;
        back.push(here);
    }
    back.push(first);
    back.reverse();
    back
}

/// The same circle, told from its member that stands first in the file.
fn from_the_first(mut circle: Vec<usize>) -> Vec<usize> {
    circle.pop();
    let first = circle.iter().enumerate().min_by_key(|(_, place)| **place).map_or(0, |(at, _)| at);
    circle.rotate_left(first);
    circle.extend(circle.first().copied());
    circle
}
