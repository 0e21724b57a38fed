//! Why a voucher does not count.

use sci_domain::reasons;

reasons! {
    /// Why a voucher does not count. Neither the code nor the text holds anything of the voucher or the key.
    pub enum Rejected {
        /// More than [`MAX_VOUCHER_BYTES`](crate::MAX_VOUCHER_BYTES). Nothing else was looked at.
        TooLong => "voucher-too-long": "the voucher is longer than 95 characters",
        /// Another version than `v1.`, or something else altogether.
        Version => "voucher-version": "the voucher does not begin with `v1.`",
        /// Neither `hmac` nor `es256`.
        Scheme => "voucher-scheme": "the scheme of the voucher is neither `hmac` nor `es256`",
        /// A character outside the alphabet, padding, or bits behind the end (RFC 4648, sections 3.5 and 5).
        Base64url => "voucher-base64url": "the proof of the voucher is not canonical base64url without padding",
        /// Not 32 bytes for `hmac` or 64 for `es256`.
        Length => "voucher-length": "the proof of the voucher does not have the length of its scheme",
        /// An `hmac` voucher where the batch has a factory key, or an `es256` voucher where it has secrets. The operator's record decides,
        /// never the device.
        OtherScheme => "voucher-other-scheme": "the voucher is of another scheme than the key of the batch",
        /// Made with another key, or for another template, serial number or device key: which one cannot be told.
        Wrong => "voucher-wrong": "the voucher is not for this device, key and template, or not made with the right key",
    }
}
