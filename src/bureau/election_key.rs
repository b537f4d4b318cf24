//! The election key that the trustees made together: its public half.

use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

use super::{Bureau, KeyError, PanelIndex, TrusteeIndex};
use crate::primitives::form::named_form;
use crate::primitives::group::{Element, first_repeat, powers, vartime_sum};
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// `Φ_p` of one panel: `m` slots of exactly `t_p` points.
type Matrix = Vec<Vec<Element>>;

/// The election key and the bureau that holds it.
///
/// Every panel `p` has a matrix of points `Φ_p`: `m` slots by `t_p` coefficients. The encryption key of slot
/// `s` is `H_s = Σ_p Φ_p[s][0]`, and `V_{j,s} = Σ_k j^k·Φ_p[s][k]` checks what trustee `j` of panel `p`
/// decrypts there. Every slot has a key of its own, so that one nonce can serve all slots of a ballot
/// (multi-recipient ElGamal: Kurosawa 2002; Bellare, Boldyreva and Staddon 2003).
///
/// It comes out of a [`ceremony`](crate::bureau::ceremony), or out of a record.
///
/// Form: kind ‖ version ‖ panels (1 byte) ‖ of each: threshold (1) ‖ trustees (1) ‖ their identity keys ‖ slots (1)
/// ‖ of each panel its points, slot after slot, `t_p` each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionKey {
    bureau: Bureau,
    /// One a panel.
    matrices: Vec<Matrix>,
    /// `H_1 … H_m`.
    encryption_keys: Vec<Element>,
}

impl ElectionKey {
    pub(crate) fn new(bureau: Bureau, matrices: Vec<Matrix>) -> Result<Self, KeyError> {
        let (expected, actual) = (bureau.panels().len(), matrices.len());
        if actual != expected {
            return Err(KeyError::PanelCount { expected, actual });
        }
        let slots = matrices.first().map_or(0, Vec::len);
        for ((panel, of), matrix) in bureau.numbered().zip(&matrices) {
            let actual = matrix.len();
            if actual != slots || actual == 0 || actual > usize::from(u8::MAX) {
                return Err(KeyError::SlotCount { panel, actual });
            }
            let expected = usize::from(of.threshold);
            for (slot, row) in (1..).zip(matrix) {
                if row.len() != expected {
                    return Err(KeyError::CoefficientCount { panel, slot, expected, actual: row.len() });
                }
                if row.iter().any(Element::is_identity) {
                    let error = DecodeError::Identity { offset: 0 };
                    return Err(KeyError::BadPoint { panel, slot, error });
                }
            }
        }
        let encryption_keys: Vec<_> = (0..slots).map(|slot| encryption_key(&matrices, slot)).collect();
        if let Some(slot) = encryption_keys.iter().position(Element::is_identity) {
            return Err(KeyError::IdentityKeyOfSlot { slot: slot.saturating_add(1) });
        }
        if let Some(slot) = first_repeat(encryption_keys.iter().map(Element::encoding)) {
            return Err(KeyError::RepeatedSlot { slot: slot.saturating_add(1) });
        }
        Ok(ElectionKey { bureau, matrices, encryption_keys })
    }

    /// Reads the public key of an election from its canonical encodings: for each panel its slots, for each
    /// slot the panel's `t_p` points.
    ///
    /// Whether the trustees made this key is for their [`Approval`](crate::contest::Approval)s to say.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that names the panel and the slot.
    pub fn from_encodings(bureau: Bureau, panels: &[Vec<Vec<[u8; 32]>>]) -> Result<Self, KeyError> {
        let matrices = PanelIndex::first(panels.len())
            .zip(panels)
            .map(|(panel, matrix)| {
                let read = |slot, bytes: &[u8; 32]| {
                    Reader::new(bytes).element().map_err(|error| KeyError::BadPoint { panel, slot, error })
                };
                (1..)
                    .zip(matrix)
                    .map(|(slot, row)| row.iter().map(|bytes| read(slot, bytes)).collect())
                    .collect()
            })
            .collect::<Result<_, _>>()?;
        ElectionKey::new(bureau, matrices)
    }

    /// Who holds the key.
    #[must_use]
    pub fn bureau(&self) -> &Bureau {
        &self.bureau
    }

    /// How many slots, `m`.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.encryption_keys.len()
    }

    /// The canonical encodings of every panel's `Φ_p`: for each slot its `t_p` points.
    #[must_use]
    pub fn to_encodings(&self) -> Vec<Vec<Vec<[u8; 32]>>> {
        let row = |row: &Vec<Element>| row.iter().map(|point| *point.encoding()).collect();
        self.matrices.iter().map(|matrix| matrix.iter().map(row).collect()).collect()
    }

    /// All points of each panel, slot after slot.
    pub(crate) fn points(&self) -> impl Iterator<Item = impl Iterator<Item = &Element>> {
        self.matrices.iter().map(|matrix| matrix.iter().flatten())
    }

    /// The form. Whether the trustees made this key is not in it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::ElectionKey);
        self.write(&mut bytes);
        bytes
    }

    /// Reads the form. Whether the trustees made this key is for their
    /// [`Approval`](crate::contest::Approval)s to say.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that names the panel, the slot or the trustee; [`KeyError::Decode`] for every other form,
    /// which names both kinds if it is another.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut reader = Reader::form(Kind::ElectionKey, bytes)?;
        let key = ElectionKey::read(&mut reader)?;
        reader.finish()?;
        Ok(key)
    }

    /// What follows kind and version, here and in what a trustee stores.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let ElectionKey { bureau, matrices, encryption_keys } = self;
        bureau.write(bytes);
        // At most 255, as was checked when it was made.
        bytes.push(u8::try_from(encryption_keys.len()).unwrap_or(u8::MAX));
        matrices.iter().flatten().flatten().for_each(|point| bytes.extend(point.encoding()));
    }

    /// Reads what [`ElectionKey::write`] gave.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, KeyError> {
        let bureau = Bureau::read(reader)?;
        let slots = usize::from(reader.byte()?);
        let coefficients = bureau.panels().iter().map(|panel| usize::from(panel.threshold));
        reader.require(coefficients.clone().sum::<usize>().saturating_mul(slots).saturating_mul(32))?;
        let matrices = coefficients
            .map(|points| (0..slots).map(|_| reader.many(points, 32, Reader::element)).collect())
            .collect::<Result<_, _>>()?;
        ElectionKey::new(bureau, matrices)
    }

    /// The encryption keys `H_1 … H_m`.
    pub(crate) fn encryption_keys(&self) -> &[Element] {
        &self.encryption_keys
    }

    /// The first slots of this key, or `None` when it has fewer.
    pub(crate) fn prefix(&self, slots: usize) -> Option<ElectionKey> {
        let cut = |matrix: &Matrix| matrix.get(..slots).map(<[_]>::to_vec);
        Some(ElectionKey {
            bureau: self.bureau.clone(),
            matrices: self.matrices.iter().map(cut).collect::<Option<_>>()?,
            encryption_keys: self.encryption_keys.get(..slots).filter(|keys| !keys.is_empty())?.to_vec(),
        })
    }

    /// `V_{j,1} … V_{j,m}`, with which trustee `j`'s decryption is checked. Encodings; none when there is no
    /// such trustee.
    #[must_use]
    pub fn verification_keys(&self, trustee: TrusteeIndex) -> Vec<[u8; 32]> {
        self.verification_elements(trustee).iter().map(|key| *key.encoding()).collect()
    }

    pub(crate) fn verification_elements(&self, trustee: TrusteeIndex) -> Vec<Element> {
        let matrix = self.bureau.panel_of(trustee).and_then(|panel| self.matrices.get(panel.position()));
        matrix.into_iter().flatten().map(|row| evaluate(row, trustee).into()).collect()
    }
}

named_form!(ElectionKey: "key", KeyError);

fn encryption_key(matrices: &[Matrix], slot: usize) -> Element {
    let constants = matrices.iter().filter_map(|matrix| matrix.get(slot)?.first());
    constants.map(Element::point).sum::<RistrettoPoint>().into()
}

/// `Σ_k j^k·F_k`: the commitment to a polynomial, evaluated at a trustee's number.
pub(crate) fn evaluate(commitment: &[Element], trustee: TrusteeIndex) -> RistrettoPoint {
    vartime_sum(powers(&trustee.scalar()).zip(commitment.iter().map(Element::point)))
}

/// Lagrange coefficients at 0 over the given trustee numbers: `λ_j = Π_{i≠j} i/(i − j)`.
///
/// The numbers must be distinct, or a coefficient is 0.
pub(crate) fn lagrange_at_zero(trustees: &[TrusteeIndex]) -> Vec<Scalar> {
    trustees
        .iter()
        .map(|j| {
            let others = || trustees.iter().filter(|i| *i != j).map(|i| i.scalar());
            let numerator: Scalar = others().product();
            let denominator: Scalar = others().map(|i| i - j.scalar()).product();
            numerator * denominator.invert()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{IdentityKey, IdentitySecret, Panel};
    use super::*;
    use alloc::vec;

    fn index(number: u8) -> TrusteeIndex {
        TrusteeIndex::new(number).unwrap()
    }

    fn point(number: u64) -> [u8; 32] {
        RistrettoPoint::mul_base(&Scalar::from(number)).compress().to_bytes()
    }

    fn minus(number: u64) -> [u8; 32] {
        RistrettoPoint::mul_base(&-Scalar::from(number)).compress().to_bytes()
    }

    fn identities(numbers: core::ops::Range<u64>) -> Vec<IdentityKey> {
        numbers.map(|number| IdentitySecret::from_scalar(Scalar::from(number)).public()).collect()
    }

    /// Two of two, and one of one.
    fn bureau() -> Bureau {
        let first = Panel { threshold: 2, trustees: identities(1..3) };
        Bureau::new(vec![first, Panel { threshold: 1, trustees: identities(3..4) }]).unwrap()
    }

    #[test]
    fn interpolation_at_zero_over_any_subset() {
        // p(x) = 5 + 7x + 11x²
        let p = |x: u64| Scalar::from(5 + 7 * x + 11 * x * x);
        for subset in [[1, 2, 3], [3, 1, 7], [255, 4, 90]] {
            let trustees: Vec<_> = subset.iter().map(|j| index(*j)).collect();
            let value: Scalar =
                lagrange_at_zero(&trustees).iter().zip(subset).map(|(lambda, j)| lambda * p(j.into())).sum();
            assert_eq!(value, Scalar::from(5u64));
        }
    }

    #[test]
    fn verification_keys_are_those_of_the_trustees_own_panel() {
        let key = ElectionKey::from_encodings(
            bureau(),
            &[
                vec![vec![point(5), point(7)], vec![point(6), point(8)]],
                vec![vec![point(11)], vec![point(12)]],
            ],
        )
        .unwrap();
        assert_eq!(key.verification_keys(index(2)), [point(5 + 2 * 7), point(6 + 2 * 8)]);
        // With a threshold of 1 the whole key, whatever the number.
        assert_eq!(key.verification_keys(index(3)), [point(11), point(12)]);
        assert!(key.verification_keys(index(4)).is_empty());
        let encryption: Vec<_> = key.encryption_keys().iter().map(|key| *key.encoding()).collect();
        assert_eq!(encryption, [point(5 + 11), point(6 + 12)]);
        let first = key.prefix(1).unwrap();
        assert_eq!((first.slots(), first.to_encodings()[0].clone()), (1, vec![vec![point(5), point(7)]]));
        assert_eq!((key.prefix(3), key.prefix(0)), (None, None));
    }

    #[test]
    fn malformed_keys_name_the_panel_and_the_slot() {
        let read = |panels: &[Vec<Vec<[u8; 32]>>]| ElectionKey::from_encodings(bureau(), panels);
        let [one, two] = [1, 2].map(|number| PanelIndex::new(number).unwrap());
        let good = vec![vec![point(5), point(7)]];
        assert!(read(&[good.clone(), vec![vec![point(6)]]]).is_ok());
        assert_eq!(read(core::slice::from_ref(&good)), Err(KeyError::PanelCount { expected: 2, actual: 1 }));
        assert_eq!(read(&[vec![], vec![]]), Err(KeyError::SlotCount { panel: one, actual: 0 }));
        assert_eq!(read(&[good.clone(), vec![]]), Err(KeyError::SlotCount { panel: two, actual: 0 }));
        assert_eq!(
            read(&[good.clone(), vec![vec![point(6), point(7)]]]),
            Err(KeyError::CoefficientCount { panel: two, slot: 1, expected: 1, actual: 2 })
        );
        assert_eq!(
            read(&[vec![vec![point(5), [0; 32]]], vec![vec![point(6)]]]),
            Err(KeyError::BadPoint { panel: one, slot: 1, error: DecodeError::Identity { offset: 0 } })
        );
        assert_eq!(
            read(&[good.clone(), vec![vec![[0xff; 32]]]]),
            Err(KeyError::BadPoint { panel: two, slot: 1, error: DecodeError::NotAPoint { offset: 0 } })
        );
        assert_eq!(read(&[good.clone(), vec![vec![minus(5)]]]), Err(KeyError::IdentityKeyOfSlot { slot: 1 }));
        // 5 + 8 = 6 + 7.
        assert_eq!(
            read(&[
                vec![vec![point(5), point(1)], vec![point(6), point(1)]],
                vec![vec![point(8)], vec![point(7)]]
            ]),
            Err(KeyError::RepeatedSlot { slot: 2 })
        );
    }
}
