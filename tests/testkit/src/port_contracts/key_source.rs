//! The contract of [`KeySource`].

use sci_domain::access::KeySource;

/// Checks a source against the contract of [`KeySource`]. `publish` publishes a text in the place of the last one.
///
/// # Panics
/// When the source breaks the contract.
pub async fn key_source<S: KeySource>(source: &S, publish: impl AsyncFn(&str)) {
    let longest = "x".repeat(64 * 1024);
    // Nothing is kept, and nothing is looked at: whether it is a JWK Set is for others to say.
    for published in ["{\"keys\":[]}", "{\"keys\": [ ]}\n", "no JSON", &longest] {
        publish(published).await;
        for _ in 0..2 {
            assert_eq!(source.fetch().await.unwrap(), published.as_bytes());
        }
    }
}
