//! Merlin v1.0 over STROBE-128 and Keccak-f[1600], as much of them as the protocol uses.
//!
//! The bytes are those of the merlin crate, against which the tests compare. It absorbs byte by byte and its
//! permutation takes nearly twice as long; every ballot that is verified runs eleven of them.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of the state that are absorbed into before it is permuted: 200 less twice the security level, less two
/// that STROBE keeps for its padding.
const RATE: usize = 166;

const FLAG_INBOUND: u8 = 1;
const FLAG_APPLICATION: u8 = 1 << 1;
const FLAG_CIPHER: u8 = 1 << 2;
const FLAG_META: u8 = 1 << 4;

/// Takes associated data and gives pseudo-random bytes. Branches on lengths alone; wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct Strobe {
    state: [u8; 200],
    /// Where the next byte goes, below [`RATE`].
    position: u8,
    /// One more than where the running operation began, 0 if that was in an earlier block.
    begin: u8,
}

impl Strobe {
    /// A transcript of Merlin's, with its name not yet appended.
    pub(super) fn merlin() -> Self {
        let mut strobe = Strobe { state: [0; 200], position: 0, begin: 0 };
        let domain = [1, 168, 1, 0, 1, 96].into_iter().chain(*b"STROBEv1.0.2");
        strobe.state.iter_mut().zip(domain).for_each(|(byte, domain)| *byte = domain);
        permute(&mut strobe.state);
        strobe.begin(FLAG_META | FLAG_APPLICATION);
        strobe.absorb(b"Merlin v1.0");
        strobe
    }

    /// Merlin's `append_message`.
    pub(super) fn append(&mut self, label: &[u8], message: &[u8]) {
        self.label(label, message.len());
        self.begin(FLAG_APPLICATION);
        self.absorb(message);
    }

    /// Merlin's `challenge_bytes`.
    pub(super) fn challenge(&mut self, label: &[u8], bytes: &mut [u8]) {
        self.label(label, bytes.len());
        self.begin(FLAG_INBOUND | FLAG_APPLICATION | FLAG_CIPHER);
        // Such an operation begins in a new block.
        if self.position != 0 {
            self.end_block();
        }
        self.squeeze(bytes);
    }

    fn label(&mut self, label: &[u8], length: usize) {
        self.begin(FLAG_META | FLAG_APPLICATION);
        self.absorb(label);
        // Nothing that is hashed here comes near 4 GiB.
        self.absorb(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    }

    fn begin(&mut self, flags: u8) {
        let before = core::mem::replace(&mut self.begin, self.position + 1);
        self.absorb(&[before, flags]);
    }

    fn absorb(&mut self, bytes: &[u8]) {
        self.each_block(bytes.len(), |state, offset| {
            let bytes = bytes.get(offset..).unwrap_or_default();
            state.iter_mut().zip(bytes).for_each(|(state, byte)| *state ^= byte);
        });
    }

    /// What has been given out is zero in the state from then on.
    fn squeeze(&mut self, bytes: &mut [u8]) {
        self.each_block(bytes.len(), |state, offset| {
            let bytes = bytes.get_mut(offset..).unwrap_or_default();
            state.iter_mut().zip(bytes).for_each(|(state, byte)| *byte = core::mem::take(state));
        });
    }

    /// Goes over the next bytes of the state, block by block; the offset is how many have been before.
    fn each_block(&mut self, length: usize, mut with: impl FnMut(&mut [u8], usize)) {
        let mut done = 0;
        while done < length {
            let position = usize::from(self.position);
            let now = (RATE - position).min(length - done);
            with(self.state.get_mut(position..position + now).unwrap_or_default(), done);
            done += now;
            // Below 200, as all of the state is.
            self.position = u8::try_from(position + now).unwrap_or_default();
            if position + now == RATE {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let tail = self.state.get_mut(usize::from(self.position)..).unwrap_or_default();
        for (byte, end) in tail.iter_mut().zip([self.begin, 0x04]) {
            *byte ^= end;
        }
        if let Some(last) = self.state.get_mut(RATE + 1) {
            *last ^= 0x80;
        }
        permute(&mut self.state);
        self.position = 0;
        self.begin = 0;
    }
}

/// Keccak-f[1600] (FIPS 202, §3.3) of a state in bytes.
fn permute(state: &mut [u8; 200]) {
    let mut lanes = [0; 25];
    let (words, _) = state.as_chunks_mut();
    for (lane, word) in lanes.iter_mut().zip(&*words) {
        *lane = u64::from_le_bytes(*word);
    }
    for constant in ROUND_CONSTANTS {
        lanes = round(&lanes, constant);
    }
    for (lane, word) in lanes.iter().zip(words) {
        *word = lane.to_le_bytes();
    }
}

const ROUND_CONSTANTS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// One round, written out, so that the compiler keeps the lanes in registers. Lane `x + 5·y` is at `(x, y)`.
#[inline(always)]
fn round(lanes: &[u64; 25], constant: u64) -> [u64; 25] {
    let [
        a00,
        a01,
        a02,
        a03,
        a04, //
        a05,
        a06,
        a07,
        a08,
        a09, //
        a10,
        a11,
        a12,
        a13,
        a14, //
        a15,
        a16,
        a17,
        a18,
        a19, //
        a20,
        a21,
        a22,
        a23,
        a24,
    ] = *lanes;
    // θ: every lane with the parities of the columns beside it.
    let c0 = a00 ^ a05 ^ a10 ^ a15 ^ a20;
    let c1 = a01 ^ a06 ^ a11 ^ a16 ^ a21;
    let c2 = a02 ^ a07 ^ a12 ^ a17 ^ a22;
    let c3 = a03 ^ a08 ^ a13 ^ a18 ^ a23;
    let c4 = a04 ^ a09 ^ a14 ^ a19 ^ a24;
    let d0 = c4 ^ c1.rotate_left(1);
    let d1 = c0 ^ c2.rotate_left(1);
    let d2 = c1 ^ c3.rotate_left(1);
    let d3 = c2 ^ c4.rotate_left(1);
    let d4 = c3 ^ c0.rotate_left(1);
    // ρ and π: each lane rotated, and where it goes. χ: every row mixed.
    let turn = |lane: u64, parity: u64, by: u32| (lane ^ parity).rotate_left(by);
    let [b00, b01, b02, b03, b04] =
        row(a00 ^ d0, turn(a06, d1, 44), turn(a12, d2, 43), turn(a18, d3, 21), turn(a24, d4, 14));
    let [b05, b06, b07, b08, b09] =
        row(turn(a03, d3, 28), turn(a09, d4, 20), turn(a10, d0, 3), turn(a16, d1, 45), turn(a22, d2, 61));
    let [b10, b11, b12, b13, b14] =
        row(turn(a01, d1, 1), turn(a07, d2, 6), turn(a13, d3, 25), turn(a19, d4, 8), turn(a20, d0, 18));
    let [b15, b16, b17, b18, b19] =
        row(turn(a04, d4, 27), turn(a05, d0, 36), turn(a11, d1, 10), turn(a17, d2, 15), turn(a23, d3, 56));
    let [b20, b21, b22, b23, b24] =
        row(turn(a02, d2, 62), turn(a08, d3, 55), turn(a14, d4, 39), turn(a15, d0, 41), turn(a21, d1, 2));
    // ι: the round's constant.
    [
        b00 ^ constant,
        b01,
        b02,
        b03,
        b04, //
        b05,
        b06,
        b07,
        b08,
        b09, //
        b10,
        b11,
        b12,
        b13,
        b14, //
        b15,
        b16,
        b17,
        b18,
        b19, //
        b20,
        b21,
        b22,
        b23,
        b24,
    ]
}

#[inline(always)]
fn row(b0: u64, b1: u64, b2: u64, b3: u64, b4: u64) -> [u64; 5] {
    [b0 ^ (!b1 & b2), b1 ^ (!b2 & b3), b2 ^ (!b3 & b4), b3 ^ (!b4 & b0), b4 ^ (!b0 & b1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// Of a state of zeros, once and twice: the intermediate values of the Keccak team's code package.
    #[test]
    fn the_permutation_is_keccaks() {
        let mut state = [0; 200];
        permute(&mut state);
        assert_eq!(
            state[..16],
            [0xF125_8F79_40E1_DDE7_u64, 0x84D5_CCF9_33C0_478A].map(u64::to_le_bytes).concat()
        );
        permute(&mut state);
        assert_eq!(state[..8], 0x2D5C_954D_F96E_CB3C_u64.to_le_bytes());
    }

    #[test]
    fn attack_19_the_state_is_wiped() {
        crate::test_support::wiped(&Strobe::merlin());
    }

    /// A message to append, or a number of bytes to ask for.
    fn arb_step() -> impl Strategy<Value = Result<Vec<u8>, usize>> {
        prop_oneof![prop::collection::vec(any::<u8>(), 0..700).prop_map(Ok), (0usize..700).prop_map(Err)]
    }

    proptest! {
        #[test]
        fn every_transcript_is_that_of_the_merlin_crate(steps in prop::collection::vec(arb_step(), 1..12)) {
            let mut theirs = merlin::Transcript::new(b"name");
            let mut ours = Strobe::merlin();
            ours.append(b"dom-sep", b"name");
            for step in steps.into_iter().chain([Err(32)]) {
                match step {
                    Ok(message) => {
                        theirs.append_message(b"message", &message);
                        ours.append(b"message", &message);
                    }
                    Err(length) => {
                        let mut expected = vec![0; length];
                        let mut actual = expected.clone();
                        theirs.challenge_bytes(b"challenge", &mut expected);
                        ours.challenge(b"challenge", &mut actual);
                        prop_assert_eq!(actual, expected);
                    }
                }
            }
        }
    }
}
