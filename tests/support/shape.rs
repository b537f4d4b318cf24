//! What a contest is like: its panels, lists and voters.

/// With four lists in a slot the largest total stays below 2^40.
pub const CAPACITY: u64 = 1_000;

/// `t_p` of `n_p`, and `q_p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PanelShape {
    pub threshold: usize,
    pub trustees: usize,
    pub quorum: usize,
}

impl PanelShape {
    /// With the quorum of which any two share a threshold of trustees.
    pub fn safe(threshold: usize, trustees: usize) -> Self {
        PanelShape { threshold, trustees, quorum: (trustees + threshold - 1) / 2 + 1 }
    }

    /// With as many endorsements as factors.
    pub fn lenient(threshold: usize, trustees: usize) -> Self {
        PanelShape { threshold, trustees, quorum: threshold }
    }
}

/// What a contest is like.
#[derive(Clone, Debug)]
pub struct Shape {
    pub panels: Vec<PanelShape>,
    pub lists: usize,
    pub packing: usize,
    pub capacity: u64,
    pub voters: usize,
}

impl Shape {
    /// Packing, capacity and quorums by default: the largest panel, the first of them if several, has the
    /// safe quorum.
    pub fn new(panels: &[(usize, usize)], lists: usize, voters: usize) -> Self {
        let most = panels.iter().map(|(_, trustees)| *trustees).max().unwrap();
        let largest = panels.iter().position(|(_, trustees)| *trustees == most).unwrap();
        let panel = |(index, &(threshold, trustees)): (usize, &(usize, usize))| {
            let quorum = if index == largest { PanelShape::safe } else { PanelShape::lenient };
            quorum(threshold, trustees)
        };
        Shape {
            panels: panels.iter().enumerate().map(panel).collect(),
            lists,
            packing: lists.min(2),
            capacity: CAPACITY,
            voters,
        }
    }

    pub fn packed(self, packing: usize) -> Self {
        Shape { packing, ..self }
    }
}
