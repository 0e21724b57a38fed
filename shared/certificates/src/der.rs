//! DER, X.690: every value has exactly one encoding, so one key has one fingerprint and one certificate one id.
//!
//! x509-parser takes lengths that are longer than needed and skips what follows the last known field of a structure, so two
//! spellings of one key would be two keys. Here a structure ends where its last field does.

use crate::InvalidCertificate;

/// Identifier octets. The bit for "constructed" is part of them, so that it can never be wrong.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    /// `[0] EXPLICIT`.
    pub(crate) const VERSION: u8 = 0xa0;
    /// `[3] EXPLICIT`.
    pub(crate) const EXTENSIONS: u8 = 0xa3;
}

/// One value.
#[derive(Clone, Copy)]
pub(crate) struct Element<'d> {
    pub(crate) tag: u8,
    pub(crate) contents: &'d [u8],
    /// Tag, length and contents.
    pub(crate) encoding: &'d [u8],
}

/// Reads values one after the other.
pub(crate) struct Reader<'d>(&'d [u8]);

impl<'d> Reader<'d> {
    pub(crate) const fn new(bytes: &'d [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing may follow.
    pub(crate) const fn end(&self) -> Result<(), InvalidCertificate> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(InvalidCertificate::NotACertificate)
        }
    }

    /// The next value, whatever it is.
    pub(crate) fn any(&mut self) -> Result<Element<'d>, InvalidCertificate> {
        self.split().ok_or(if self.is_empty() {
            InvalidCertificate::NotACertificate
        } else {
            InvalidCertificate::NotDer
        })
    }

    fn split(&mut self) -> Option<Element<'d>> {
        let whole = self.0;
        let (&[tag, length], rest) = whole.split_first_chunk()?;
        // Tags of several octets do not occur in certificates.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = match length {
            0..=0x7f => (usize::from(length), rest),
            0x81 => {
                let (&[length], rest) = rest.split_first_chunk()?;
                (usize::from(length), rest)
            }
            0x82 => {
                let (length, rest) = rest.split_first_chunk()?;
                (usize::from(u16::from_be_bytes(*length)), rest)
            }
            // 0x80 is BER's indefinite length; what takes three octets and more does not fit into a certificate.
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        let shortest = match length {
            ..0x80 => 2,
            0x80..0x100 => 3,
            _ => 4,
        };
        let (encoding, _) = whole.split_at_checked(shortest + length)?;
        if encoding.len() + rest.len() != whole.len() {
            return None;
        }
        self.0 = rest;
        Some(Element {
            tag,
            contents,
            encoding,
        })
    }

    /// The next value, which must have this tag.
    pub(crate) fn take(&mut self, tag: u8) -> Result<Element<'d>, InvalidCertificate> {
        let element = self.any()?;
        if element.tag == tag {
            Ok(element)
        } else {
            Err(InvalidCertificate::NotACertificate)
        }
    }

    /// The next value if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'d>>, InvalidCertificate> {
        if self.0.first() == Some(&tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    /// The fields of a SEQUENCE.
    pub(crate) fn sequence(&mut self) -> Result<Self, InvalidCertificate> {
        self.take(tag::SEQUENCE).map(Element::fields)
    }

    /// An INTEGER in two's complement.
    pub(crate) fn integer(&mut self) -> Result<&'d [u8], InvalidCertificate> {
        match self.take(tag::INTEGER)?.contents {
            [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(InvalidCertificate::NotDer),
            integer => Ok(integer),
        }
    }

    /// The contents of an OBJECT IDENTIFIER: numbers of 7 bits to the octet, without leading zeros.
    pub(crate) fn oid(&mut self) -> Result<&'d [u8], InvalidCertificate> {
        let id = self.take(tag::OID)?.contents;
        let mut starts = true;
        for octet in id {
            if starts && *octet == 0x80 {
                return Err(InvalidCertificate::NotDer);
            }
            starts = *octet < 0x80;
        }
        if id.is_empty() || !starts {
            return Err(InvalidCertificate::NotDer);
        }
        Ok(id)
    }

    /// A BIT STRING of whole octets.
    pub(crate) fn octets(&mut self) -> Result<&'d [u8], InvalidCertificate> {
        match self.take(tag::BIT_STRING)?.contents {
            [0, octets @ ..] => Ok(octets),
            _ => Err(InvalidCertificate::NotDer),
        }
    }

    /// A `BOOLEAN DEFAULT FALSE`: DER leaves the default out.
    pub(crate) fn flag(&mut self) -> Result<bool, InvalidCertificate> {
        match self.optional(tag::BOOLEAN)? {
            None => Ok(false),
            Some(flag) if flag.contents == [0xff] => Ok(true),
            Some(_) => Err(InvalidCertificate::NotDer),
        }
    }
}

impl<'d> Element<'d> {
    /// What a constructed value consists of.
    pub(crate) const fn fields(self) -> Reader<'d> {
        Reader::new(self.contents)
    }
}
