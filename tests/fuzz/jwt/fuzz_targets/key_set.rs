//! A JWK Set as any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sci_jwt::{KeySet, MAX_KEYS};

fuzz_target!(|json: &[u8]| {
    let Ok(loaded) = KeySet::load(json) else { return };
    assert!(loaded.keys.len() + loaded.dropped.len() <= MAX_KEYS);
    for dropped in &loaded.dropped {
        if let Some(kid) = &dropped.kid {
            // A kid that a defective key has serves no other key either.
            assert!(loaded.keys.get(kid).is_none(), "{kid}");
        }
    }
});
