//! What vouchers are checked against.

use aws_lc_rs::signature::KeyPair;
use sci_certificates::{InvalidVoucherKey, Voucher, VoucherKey};

use crate::{
    forge::{block, ec_key},
    mint::{Factory, P256, SECRET, TEMPLATE, hmac, message, secret, verify},
};

#[test]
fn keys_are_long_enough_and_of_the_right_kind() {
    use InvalidVoucherKey as K;
    for length in [0, 1, 16, 31, 65, 1000] {
        let refusal = VoucherKey::device_secret(&vec![7; length]).err();
        assert_eq!(refusal, Some(K::SecretLength), "{length}");
    }
    let right = message("sci-voucher-v1", TEMPLATE, "SN0042", 7);
    for length in [32, 33, 64] {
        let secret = vec![7; length];
        let key = VoucherKey::device_secret(&secret).unwrap();
        assert_eq!(verify(&hmac(&secret, &right), &key), Ok(()));
    }
    let factory = Factory::new();
    let pem = factory.pem();
    let point = factory.0.public_key().as_ref();
    let info = ec_key(P256, point);
    let p384 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let rsa = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let private = rcgen::KeyPair::generate().unwrap();
    assert!(VoucherKey::factory_key(&private.public_key_pem()).is_ok());
    for other in [
        String::new(),
        pem.replace("PUBLIC KEY", "CERTIFICATE"),
        format!("{pem}{pem}"),
        block("PUBLIC KEY", &[info.as_slice(), &[5, 0]].concat()),
        block("PUBLIC KEY", point),
        block("PUBLIC KEY", &info[1..]),
        p384.public_key_pem(),
        rsa.public_key_pem(),
        private.serialize_pem(),
        crate::forge::pem(&crate::forge::SOUND.der()),
    ] {
        assert_eq!(
            VoucherKey::factory_key(&other).err(),
            Some(K::FactoryKey),
            "{other}"
        );
    }
}

#[test]
fn nothing_prints_a_secret_or_a_proof() {
    let right = message("sci-voucher-v1", TEMPLATE, "SN0042", 7);
    let voucher = Voucher::parse(&hmac(&SECRET, &right)).unwrap();
    assert_eq!(
        format!("{voucher:?} {:?}", secret()),
        "Voucher(hmac) VoucherKey(hmac)"
    );
    let factory = Factory::new();
    let voucher = Voucher::parse(&factory.sign(&right)).unwrap();
    assert_eq!(
        format!("{voucher:#?} {:#?}", factory.key()),
        "Voucher(es256) VoucherKey(es256)"
    );
}
