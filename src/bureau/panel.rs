//! Panels of trustees, and the numbers that trustees and panels have.

use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU8;

use curve25519_dalek::scalar::Scalar;

use super::{IdentityKey, KeyError};
use crate::primitives::group::first_repeat;
use crate::primitives::hash::{FieldHash, length_of};
use crate::primitives::wire::Reader;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU8);

        impl $name {
            /// `None` for 0.
            #[must_use]
            pub fn new(number: u8) -> Option<Self> {
                NonZeroU8::new(number).map($name)
            }

            /// The number, 1 for the first.
            #[must_use]
            pub fn get(self) -> u8 {
                self.0.get()
            }

            /// 0 for the first.
            pub(crate) fn position(self) -> usize {
                usize::from(self.get() - 1)
            }

            /// The first `count` of them.
            pub(crate) fn first(count: usize) -> impl Iterator<Item = $name> + Clone {
                (1..=u8::MAX).filter_map($name::new).take(count)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.get().fmt(f)
            }
        }
    };
}

index! {
    /// The number of a trustee in its bureau, from 1 to 255, counted through all panels.
    ///
    /// ```
    /// use urne::TrusteeIndex;
    ///
    /// let third = TrusteeIndex::new(3).ok_or("from 1 to 255")?;
    /// assert_eq!(third.get(), 3);
    /// assert_eq!(TrusteeIndex::new(0), None);
    /// # Ok::<(), &str>(())
    /// ```
    TrusteeIndex
}

index! {
    /// The number of a panel in its bureau, from 1.
    PanelIndex
}

impl TrusteeIndex {
    /// Where the polynomials of the ceremony are evaluated for this trustee.
    pub(crate) fn scalar(self) -> Scalar {
        Scalar::from(self.get())
    }
}

/// Trustees of whom a threshold is needed to open a tally. Not checked until it is part of a [`Bureau`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// How many of the panel's trustees it takes, `t_p`. With 1, every one of them holds the panel's whole
    /// key.
    pub threshold: u8,
    /// The identity keys of its trustees, in order of their numbers.
    pub trustees: Vec<IdentityKey>,
}

/// Panels that can make and hold a key: each with `1 ≤ t_p ≤ n_p`, 1 to 255 trustees in all, and no identity
/// key twice.
///
/// ```
/// use urne::rand_core::UnwrapErr;
/// use urne::{Bureau, IdentitySecret, Panel};
///
/// let rng = &mut UnwrapErr(getrandom::SysRng);
/// let mut keys = |count| (0..count).map(|_| IdentitySecret::generate(rng).public()).collect();
/// // The president or the secretary, and two of five delegates.
/// let bureau = Bureau::new(vec![
///     Panel { threshold: 1, trustees: keys(2) },
///     Panel { threshold: 2, trustees: keys(5) },
/// ])?;
/// assert_eq!(bureau.trustees(), 7);
/// assert!(Bureau::new(vec![Panel { threshold: 3, trustees: keys(2) }]).is_err());
/// # Ok::<(), urne::bureau::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bureau(Vec<Panel>);

impl Bureau {
    /// Checks the panels.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that names the panel or the trustee.
    pub fn new(panels: Vec<Panel>) -> Result<Self, KeyError> {
        if panels.is_empty() {
            return Err(KeyError::NoPanel);
        }
        // Each has a trustee, so that there are at most as many as trustees. Those beyond have no number.
        if panels.len() > usize::from(u8::MAX) {
            return Err(KeyError::TooManyPanels { actual: panels.len() });
        }
        let actual = panels.iter().map(|panel| panel.trustees.len()).sum();
        if actual > usize::from(u8::MAX) {
            return Err(KeyError::TooManyTrustees { actual });
        }
        for (panel, Panel { threshold, trustees }) in PanelIndex::first(panels.len()).zip(&panels) {
            if *threshold == 0 || usize::from(*threshold) > trustees.len() {
                let (threshold, trustees) = (*threshold, trustees.len());
                return Err(KeyError::Threshold { panel, threshold, trustees });
            }
        }
        let keys = || panels.iter().flat_map(|panel| &panel.trustees).map(|key| key.to_bytes());
        let repeat = first_repeat(keys()).and_then(|at| TrusteeIndex::first(actual).nth(at));
        match repeat {
            Some(trustee) => Err(KeyError::RepeatedIdentity { trustee }),
            None => Ok(Bureau(panels)),
        }
    }

    /// The panels, in order.
    #[must_use]
    pub fn panels(&self) -> &[Panel] {
        &self.0
    }

    /// The panels with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (PanelIndex, &Panel)> {
        PanelIndex::first(self.0.len()).zip(&self.0)
    }

    /// How many trustees there are in all panels together, `n`.
    #[must_use]
    pub fn trustees(&self) -> u8 {
        // At most 255, as was checked when it was made.
        self.0
            .iter()
            .map(|panel| u8::try_from(panel.trustees.len()).unwrap_or(u8::MAX))
            .fold(0, u8::saturating_add)
    }

    /// All trustees.
    pub fn indices(&self) -> impl Iterator<Item = TrusteeIndex> + Clone + use<> {
        TrusteeIndex::first(self.trustees().into())
    }

    /// The identity keys of all trustees, in order of their numbers.
    pub fn identities(&self) -> impl Iterator<Item = &IdentityKey> {
        self.0.iter().flat_map(|panel| &panel.trustees)
    }

    /// The identity key of a trustee. `None` when there is no such trustee.
    #[must_use]
    pub fn identity(&self, trustee: TrusteeIndex) -> Option<&IdentityKey> {
        self.identities().nth(trustee.position())
    }

    /// The panel with this number.
    #[must_use]
    pub fn panel(&self, panel: PanelIndex) -> Option<&Panel> {
        self.0.get(panel.position())
    }

    /// The trustees of a panel; none when there is no such panel.
    pub fn members(&self, panel: PanelIndex) -> impl Iterator<Item = TrusteeIndex> + Clone + use<> {
        let before = self.0.iter().take(panel.position()).map(|panel| panel.trustees.len()).sum();
        let count = self.panel(panel).map_or(0, |panel| panel.trustees.len());
        self.indices().skip(before).take(count)
    }

    /// The panel of a trustee. `None` when there is no such trustee.
    #[must_use]
    pub fn panel_of(&self, trustee: TrusteeIndex) -> Option<PanelIndex> {
        let mut end = 0usize;
        let panel = self.numbered().find(|(_, of)| {
            end = end.saturating_add(of.trustees.len());
            trustee.position() < end
        });
        panel.map(|(panel, _)| panel)
    }

    /// Whether there is a trustee with this number.
    pub(crate) fn contains(&self, trustee: TrusteeIndex) -> bool {
        trustee.get() <= self.trustees()
    }

    /// The trustee with this number, if there is one.
    pub(crate) fn index(&self, number: u64) -> Option<TrusteeIndex> {
        u8::try_from(number).ok().and_then(TrusteeIndex::new).filter(|trustee| self.contains(*trustee))
    }

    /// Panels (1 byte) ‖ of each: threshold (1) ‖ trustees (1) ‖ their identity keys.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        // At most 255 of each, as was checked when it was made.
        let count = |count| u8::try_from(count).unwrap_or(u8::MAX);
        bytes.push(count(self.0.len()));
        for Panel { threshold, trustees } in &self.0 {
            bytes.extend([*threshold, count(trustees.len())]);
            trustees.iter().for_each(|key| bytes.extend(key.to_bytes()));
        }
    }

    /// Reads what [`Bureau::write`] gave. A key that is no point is named with its trustee and its offset.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, KeyError> {
        let mut numbers = TrusteeIndex::first(u8::MAX.into());
        let mut panels = Vec::new();
        for _ in 0..reader.byte()? {
            let (threshold, count) = (reader.byte()?, usize::from(reader.byte()?));
            reader.require(count.saturating_mul(32))?;
            let mut trustees = Vec::with_capacity(count);
            for _ in 0..count {
                let trustee = numbers.next().ok_or(KeyError::TooManyTrustees { actual: 256 })?;
                let key = reader.element().map_err(|error| KeyError::BadIdentity { trustee, error })?;
                trustees.push(IdentityKey(key));
            }
            panels.push(Panel { threshold, trustees });
        }
        Bureau::new(panels)
    }

    /// The fields of the panels in the digest of a ceremony: their number, then of each `n_p`, `t_p` and the
    /// identity keys.
    pub(crate) fn hash(&self, hash: FieldHash) -> FieldHash {
        self.0.iter().fold(hash.number(length_of(&self.0)), |hash, panel| {
            let Panel { threshold, trustees } = panel;
            hash.number(length_of(trustees))
                .number((*threshold).into())
                .all(trustees.iter().map(|key| key.0.encoding()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::IdentitySecret;
    use super::*;
    use alloc::vec;

    fn keys(numbers: core::ops::Range<u64>) -> Vec<IdentityKey> {
        numbers.map(|number| IdentitySecret::from_scalar(Scalar::from(number)).public()).collect()
    }

    fn numbers(indices: impl Iterator<Item = TrusteeIndex>) -> Vec<u8> {
        indices.map(TrusteeIndex::get).collect()
    }

    #[test]
    fn trustees_count_through_the_panels() {
        let bureau = Bureau::new(vec![
            Panel { threshold: 1, trustees: keys(1..3) },
            Panel { threshold: 2, trustees: keys(3..8) },
            Panel { threshold: 1, trustees: keys(8..9) },
        ])
        .unwrap();
        let panel = |number| PanelIndex::new(number).unwrap();
        assert_eq!(bureau.trustees(), 8);
        assert_eq!(numbers(bureau.members(panel(1))), [1, 2]);
        assert_eq!(numbers(bureau.members(panel(2))), [3, 4, 5, 6, 7]);
        assert_eq!(numbers(bureau.members(panel(3))), [8]);
        assert_eq!(bureau.members(panel(4)).count(), 0);
        let of: Vec<_> = bureau.indices().map(|j| bureau.panel_of(j).unwrap().get()).collect();
        assert_eq!(of, [1, 1, 2, 2, 2, 2, 2, 3]);
        assert_eq!(bureau.panel_of(TrusteeIndex::new(9).unwrap()), None);
        assert_eq!(bureau.identity(TrusteeIndex::new(4).unwrap()), keys(4..5).first());
        assert_eq!(bureau.index(8), TrusteeIndex::new(8));
        assert_eq!([bureau.index(0), bureau.index(9), bureau.index(257)], [None; 3]);
    }

    #[test]
    fn bureaus_that_are_impossible_name_the_panel_or_trustee() {
        let panel = |threshold, keys| Panel { threshold, trustees: keys };
        assert_eq!(Bureau::new(vec![]), Err(KeyError::NoPanel));
        for (threshold, count) in [(0, 0), (0, 3), (4, 3), (1, 0)] {
            let panels = vec![panel(1, keys(100..101)), panel(threshold, keys(1..count + 1))];
            let (panel, trustees) = (PanelIndex::new(2).unwrap(), usize::try_from(count).unwrap());
            assert_eq!(Bureau::new(panels), Err(KeyError::Threshold { panel, threshold, trustees }));
        }
        let twice = vec![panel(1, keys(1..3)), panel(1, keys(2..4))];
        let trustee = TrusteeIndex::new(3).unwrap();
        assert_eq!(Bureau::new(twice), Err(KeyError::RepeatedIdentity { trustee }));
        assert!(Bureau::new(vec![panel(255, keys(1..256))]).is_ok());
        let many = vec![panel(1, keys(1..256)), panel(1, keys(256..257))];
        assert_eq!(Bureau::new(many), Err(KeyError::TooManyTrustees { actual: 256 }));
        // One each, and then one of nobody, for which there is no number.
        let each: Vec<_> = (1..256).map(|key| panel(1, keys(key..key + 1))).collect();
        assert!(Bureau::new(each.clone()).is_ok());
        let more = [each, vec![panel(7, vec![])]].concat();
        assert_eq!(Bureau::new(more), Err(KeyError::TooManyPanels { actual: 256 }));
    }
}
