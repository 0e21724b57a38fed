//! RSA moduli that must not be used.

/// Why a modulus must not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakModulus {
    /// Fewer than 2048 bits, or more than 4096.
    Size,
    /// It has a small prime factor.
    SmallFactor,
    /// A flawed library made it (CVE-2017-15361).
    Roca,
}

/// The odd primes that divide every modulus-maker `M` of the flawed library, whatever the size of the key.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Checks a modulus, the most significant byte first and not zero; its size in bits.
///
/// # Errors
/// [`WeakModulus`].
pub fn check(modulus: &[u8]) -> Result<u32, WeakModulus> {
    let bits = match modulus {
        [first, rest @ ..] => {
            let rest = u32::try_from(rest.len()).unwrap_or(u32::MAX);
            rest.saturating_mul(8)
                .saturating_add(8 - first.leading_zeros())
        }
        [] => 0,
    };
    if !(2048..=4096).contains(&bits) {
        return Err(WeakModulus::Size);
    }
    let even = modulus.last().is_some_and(|last| last % 2 == 0);
    if even || PRIMES.iter().any(|prime| residue(modulus, *prime) == 0) {
        return Err(WeakModulus::SmallFactor);
    }
    if is_roca(modulus) {
        return Err(WeakModulus::Roca);
    }
    Ok(bits)
}

/// Whether the modulus is a power of 65537 modulo every small prime.
///
/// The primes of the flawed library are `k * M + (65537^a mod M)` with `M` a product of the first primes, so their product is such
/// a power too. Source: Nemec, Sys, Svenda, Klinec and Matyas, "The Return of Coppersmith's Attack" (CCS 2017), section 3.1. Of
/// sound moduli one in 240 million looks like this.
fn is_roca(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let wanted = residue(modulus, *prime);
        let mut power = 1;
        (0..*prime).any(|_| {
            power = power * 65537 % prime;
            power == wanted
        })
    })
}

fn residue(modulus: &[u8], prime: u32) -> u32 {
    modulus
        .iter()
        .fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime)
}
