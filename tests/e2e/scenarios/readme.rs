//! The demo agrees with itself, and the README's transcript with the demo.

use sandbox::{Options, demo, options::workspace};

use crate::world::function_binaries;

#[tokio::test(flavor = "multi_thread")]
async fn the_transcript_is_what_cargo_demo_prints() {
    let template = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
    let mut printed = Vec::new();
    let options = Options::new(template, function_binaries().await);
    let result = demo::run(options, &mut printed).await;
    let printed = String::from_utf8(printed).unwrap();
    assert!(result.is_ok(), "{result:?}\n{printed}");
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let transcript = readme
        .split("<!-- transcript -->")
        .nth(1)
        .expect("README.md has a transcript");
    let transcript = transcript
        .trim()
        .trim_start_matches("```text\n")
        .trim_end_matches("```");
    assert!(
        printed.trim() == transcript.trim(),
        "README.md's transcript is not what `cargo demo` prints now; put this in its place:\n{printed}"
    );
}
