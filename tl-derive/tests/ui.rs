//! What the derives say to mistakes: `ui/NAME.rs` does not compile, with the messages in `ui/NAME.stderr`.
//! `SNAPSHOTS=overwrite` writes these anew.

use std::env;
use std::process::Command;

#[test]
fn mistakes_are_explained_where_they_are() {
    let overwrites = |variable: &str| env::var_os(variable).is_some_and(|how| how == "overwrite");
    if overwrites("SNAPSHOTS") && !overwrites("TRYBUILD") {
        // trybuild has a variable of its own, which a process can't safely set for itself.
        let this = env::current_exe().expect("a running program has a path");
        let status = Command::new(this).env("TRYBUILD", "overwrite").status();
        assert!(status.expect("it runs once already").success());
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
