//! A cursor over DER (ITU-T X.690), with the strictness of the reader behind Go's certificate parser
//! (<https://pkg.go.dev/golang.org/x/crypto/cryptobyte>): shortest lengths, shortest integers, tags of one
//! byte, at most four bytes of length.
//!
//! Nothing is copied and nothing recurses, so hostile input costs at most its length.

mod time;

use std::fmt;

use num_bigint::BigUint;

pub(crate) use time::Time;

/// `SEQUENCE`
pub(crate) const SEQUENCE: u8 = 0x30;
/// `SET`
pub(crate) const SET: u8 = 0x31;
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;

/// The tag `[number]` of a primitive element.
pub(crate) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The tag `[number]` of a constructed element.
pub(crate) const fn constructed(number: u8) -> u8 {
    0xa0 | number
}

/// Larger integers are refused: their decimal text would take too long.
pub(crate) const MAX_INTEGER_BYTES: usize = 2_048;

/// What is left of a sequence of elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Der<'d> {
    rest: &'d [u8],
}

/// One element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'d> {
    pub(crate) tag: u8,
    /// With tag and length.
    pub(crate) full: &'d [u8],
    pub(crate) body: &'d [u8],
}

/// An object identifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Oid(Vec<u64>);

// === impl Der ===

impl<'d> Der<'d> {
    pub(crate) fn new(bytes: &'d [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn next_is(&self, tag: u8) -> bool {
        self.rest.first() == Some(&tag)
    }

    /// The next element, whatever it is.
    pub(crate) fn any(&mut self) -> Option<Element<'d>> {
        let (&tag, &first) = (self.rest.first()?, self.rest.get(1)?);
        // A number above 30 would need more bytes of tag.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, length) = match usize::from(first) {
            short @ 0..0x80 => (2, short),
            long => (2 + long - 0x80, long_length(self.rest.get(2..2 + long - 0x80)?)?),
        };
        let (full, rest) = self.rest.split_at_checked(header + length)?;
        self.rest = rest;
        Some(Element { tag, full, body: full.get(header..)? })
    }

    /// The next element with that tag, opened.
    pub(crate) fn read(&mut self, tag: u8) -> Option<&'d [u8]> {
        self.element(tag).map(|element| element.body)
    }

    /// The next element with that tag.
    pub(crate) fn element(&mut self, tag: u8) -> Option<Element<'d>> {
        self.any().filter(|element| element.tag == tag)
    }

    pub(crate) fn sequence(&mut self) -> Option<Der<'d>> {
        self.read(SEQUENCE).map(Der::new)
    }

    /// The next element if it has that tag; the outer `None` means that it is malformed.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Option<&'d [u8]>> {
        if self.next_is(tag) { self.read(tag).map(Some) } else { Some(None) }
    }

    pub(crate) fn boolean(&mut self) -> Option<bool> {
        match self.read(BOOLEAN)? {
            [0] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }

    /// An integer's bytes: two's complement, most significant first.
    pub(crate) fn integer(&mut self) -> Option<&'d [u8]> {
        shortest(self.read(INTEGER)?)
    }

    /// An integer that fits.
    pub(crate) fn small_integer(&mut self) -> Option<i64> {
        self.small_integer_tagged(INTEGER)
    }

    pub(crate) fn small_integer_tagged(&mut self, tag: u8) -> Option<i64> {
        let bytes = shortest(self.read(tag)?).filter(|bytes| bytes.len() <= 8)?;
        let sign = if bytes.first().is_some_and(|&byte| byte >= 0x80) { -1 } else { 0 };
        Some(bytes.iter().fold(sign, |value, &byte| (value << 8) | i64::from(byte)))
    }

    /// An integer above zero, as bytes without sign.
    pub(crate) fn positive(&mut self) -> Option<&'d [u8]> {
        let bytes = self.integer()?;
        match bytes {
            [0] => None,
            [0, magnitude @ ..] => Some(magnitude),
            [first, ..] if *first < 0x80 => Some(bytes),
            _ => None,
        }
    }

    /// An integer above zero, of at most as many bits as the largest RSA modulus.
    pub(crate) fn number(&mut self) -> Option<BigUint> {
        self.positive().filter(|bytes| bytes.len() <= MAX_INTEGER_BYTES).map(BigUint::from_bytes_be)
    }

    pub(crate) fn oid(&mut self) -> Option<Oid> {
        Oid::parse(self.read(OBJECT_IDENTIFIER)?)
    }

    /// A bit string: its bytes, and how many bits of the last one do not count (they are zero).
    pub(crate) fn bit_string(&mut self) -> Option<(&'d [u8], u8)> {
        let (&unused, bytes) = self.read(BIT_STRING)?.split_first()?;
        let spare = match bytes.last() {
            _ if unused > 7 => return None,
            Some(last) => last & ((1 << unused) - 1),
            None => unused,
        };
        (spare == 0).then_some((bytes, unused))
    }
}

fn long_length(bytes: &[u8]) -> Option<usize> {
    // The long form with fewer bytes, and the short form below 128, would do.
    if bytes.len() > 4 || bytes.first() == Some(&0) {
        return None;
    }
    let length = bytes.iter().fold(0_u64, |length, &byte| (length << 8) | u64::from(byte));
    usize::try_from(length).ok().filter(|&length| length >= 128)
}

fn shortest(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [] => None,
        [0, second, ..] if *second < 0x80 => None,
        [0xff, second, ..] if *second >= 0x80 => None,
        _ => Some(bytes),
    }
}

// === impl Oid ===

impl Oid {
    /// From the bytes of an element; no number may exceed 31 bits.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let mut numbers = Vec::new();
        let mut rest = body;
        while !rest.is_empty() {
            let (number, after) = base128(rest)?;
            match number {
                _ if !numbers.is_empty() => numbers.push(number),
                0..80 => numbers.extend([number / 40, number % 40]),
                _ => numbers.extend([2, number - 80]),
            }
            rest = after;
        }
        (!numbers.is_empty()).then_some(Self(numbers))
    }

    pub(crate) fn numbers(&self) -> &[u64] {
        &self.0
    }

    pub(crate) fn is(&self, numbers: &[u64]) -> bool {
        self.0 == numbers
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            write!(f, "{}{number}", if index > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}

fn base128(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = bytes.iter().position(|&byte| byte < 0x80)? + 1;
    let (digits, rest) = bytes.split_at_checked(length)?;
    if length > 5 || digits.first() == Some(&0x80) {
        return None;
    }
    let number = digits.iter().fold(0, |number, &byte| (number << 7) | u64::from(byte & 0x7f));
    (number < 1 << 31).then_some((number, rest))
}
