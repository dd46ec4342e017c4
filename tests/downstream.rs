//! A crate outside the workspace that generates its bindings in a build script, as every user's does: it compiles, is built
//! again when its schema changes and only then, and tells every error of its schema. So does the README's example.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A fresh copy of the crate, and where it is built.
struct Downstream {
    dir: PathBuf,
    target: PathBuf,
}

impl Downstream {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("src")).expect("the directory can be made");
        for file in ["build.rs", "src/main.rs", "schema.tl"] {
            fs::copy(
                root.join("tests/fixtures/downstream").join(file),
                dir.join(file),
            )
            .expect("the file can be copied");
        }
        // The lock file of the workspace has all versions: nothing has to be looked up.
        fs::copy(root.join("Cargo.lock"), dir.join("Cargo.lock"))
            .expect("the lock file can be copied");
        let manifest = fs::read_to_string(root.join("tests/fixtures/downstream/Cargo.toml.in"))
            .expect("the manifest is there");
        let manifest = manifest.replace("{root}", &root.display().to_string().replace('\\', "/"));
        fs::write(dir.join("Cargo.toml"), manifest).expect("the manifest can be written");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("downstream-target");
        Self {
            dir,
            target: target.join(name),
        }
    }

    fn build(&self) -> Output {
        Command::new(env!("CARGO"))
            .args(["build", "--offline", "--verbose"])
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("RUSTFLAGS")
            .output()
            .expect("cargo runs")
    }

    /// Whether a build ran the build script.
    fn runs_build_script(&self) -> bool {
        let output = self.build();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        stderr
            .lines()
            .any(|line| line.contains("Running") && line.contains("build-script-build"))
    }

    fn change(&self, file: &str, change: impl FnOnce(String) -> String) {
        let path = self.dir.join(file);
        let text = fs::read_to_string(&path).expect("the file is there");
        fs::write(path, change(text)).expect("the file can be written");
    }
}

#[test]
fn it_compiles_and_is_built_again_only_when_its_schema_changes() {
    let downstream = Downstream::new("rebuild");
    assert!(downstream.runs_build_script(), "the first build generates");
    assert!(!downstream.runs_build_script(), "nothing has changed");

    downstream.change("src/main.rs", |text| text + "\n// Changed.\n");
    fs::write(downstream.dir.join("other.tl"), "other = Other;").expect("the file can be written");
    assert!(
        !downstream.runs_build_script(),
        "only other files have changed"
    );

    downstream.change("schema.tl", |text| text + "\nlater = Later;\n");
    assert!(downstream.runs_build_script(), "the schema has changed");
}

#[test]
fn an_error_in_its_schema_fails_the_build_and_every_error_is_listed() {
    let downstream = Downstream::new("errors");
    downstream.change("schema.tl", |text| {
        text + "\nbroken x:Missing = Broken;\nflags:# = 5;\nwrong#00000001 = Wrong;\n"
    });
    let output = downstream.build();
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    for expected in [
        "schema.tl:13:10: error[TL0009]: unknown type `Missing`",
        "schema.tl:14:6: error[TL0001]",
        "schema.tl:15:6: error[TL0012]: `wrong` is given the id #00000001",
        "3 errors in the schema",
    ] {
        assert!(stderr.contains(expected), "{expected}\n---\n{stderr}");
    }
}

/// The text of the block that follows a line of the README.
fn readme_block(readme: &str, title: &str) -> String {
    let (_, after) = readme
        .split_once(&format!("\n{title}\n"))
        .unwrap_or_else(|| panic!("no {title}"));
    let (_, block) = after
        .split_once("```")
        .and_then(|(_, block)| block.split_once('\n'))
        .expect("a block begins");
    block
        .split_once("```")
        .expect("the block ends")
        .0
        .to_owned()
}

#[test]
fn the_example_of_the_readme_works_when_pasted() {
    let downstream = Downstream::new("readme");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("the README is there");
    for file in ["Cargo.toml", "schema.tl", "build.rs", "src/main.rs"] {
        let mut text = readme_block(&readme, &format!("`{file}`"));
        if file == "Cargo.toml" {
            // The checkout is not beside the copy, and the copy lies inside the workspace.
            text = text.replace("../tl/", &format!("{}/", root.display())) + "\n[workspace]\n";
        }
        fs::write(downstream.dir.join(file), text).expect("the file can be written");
    }
    assert!(downstream.runs_build_script());
    let program = downstream
        .target
        .join("debug")
        .join(format!("hello-tl{}", std::env::consts::EXE_SUFFIX));
    let output = Command::new(program).output().expect("the program runs");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "getUser is 12 bytes\n\
         User(User { id: 42, name: \"Ada\", friends: None })\n\
         at byte 8: the input ends inside `long`: 8 bytes needed, 1 left\n"
    );
}
