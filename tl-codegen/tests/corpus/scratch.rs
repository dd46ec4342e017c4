//! Packages of bindings, on disk: they are compiled with warnings denied, and run.

use std::fs;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::fixtures;
use crate::schemas::Bindings;

/// A workspace of such packages. What is there from last time and has not changed is not compiled anew.
pub(crate) struct Workspace {
    dir: PathBuf,
    target: PathBuf,
}

impl Workspace {
    pub(crate) fn new(name: &str) -> Self {
        let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
        let dir = room.join(name);
        let manifest =
            "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n\n[profile.dev]\ndebug = false\n";
        write(&dir.join("Cargo.toml"), manifest);
        // The lock file of the workspace has all versions: nothing has to be looked up.
        let lock = fs::read_to_string(fixtures::root().join("Cargo.lock"));
        write(&dir.join("Cargo.lock"), &lock.expect("it can be read"));
        Self {
            dir,
            target: room.join("target"),
        }
    }

    /// Writes a package: a library with a module for each schema and form, and a program that reads and writes their values.
    pub(crate) fn add(&self, package: &str, bindings: &[Bindings]) {
        let dir = self.dir.join(package);
        let mut library = String::from(
            "//! Bindings.\n\n#![deny(warnings, missing_docs, unreachable_pub, rust_2018_idioms)]\n",
        );
        for schema in bindings {
            library.push_str("\n#[allow(missing_docs)]\n");
            library.push_str(&format!("pub mod {} {{\n", schema.module));
            let mut modules: Vec<_> = schema.forms.iter().map(|form| form.module).collect();
            modules.sort_unstable();
            for module in modules {
                library.push_str(&format!("    pub mod {module};\n"));
            }
            library.push_str("}\n");
            for form in &schema.forms {
                let module = dir.join("src").join(&schema.module).join(form.module);
                let files = &form.output.files;
                files.write(&module).expect("the code can be written");
            }
        }
        write(&dir.join("src/lib.rs"), &library);
        write(&dir.join("src/main.rs"), &main(package, bindings));
        write(&dir.join("src/program.rs"), include_str!("program.rs"));
        write(&dir.join("Cargo.toml"), &manifest(package));
    }

    /// The root of a package's library.
    pub(crate) fn library(&self, package: &str) -> PathBuf {
        self.dir.join(package).join("src/lib.rs")
    }

    /// Compiles a package's library, without making code of it.
    pub(crate) fn check(&self, package: &str) {
        self.cargo(&["check", "--lib"], package);
    }

    /// Compiles a package.
    pub(crate) fn build(&self, package: &str) {
        self.cargo(&["build"], package);
    }

    fn cargo(&self, args: &[&str], package: &str) {
        let output = Command::new(env!("CARGO"))
            .args(args)
            .args(["--offline", "--package", package])
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("RUSTFLAGS")
            .output()
            .expect("cargo runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        let first: String = errors.chars().take(20_000).collect();
        assert!(output.status.success(), "{package}: {first}");
    }

    /// Starts a package's program.
    pub(crate) fn start(&self, package: &str) -> Program {
        let name = format!("{package}{}", std::env::consts::EXE_SUFFIX);
        let child = Command::new(self.target.join("debug").join(name))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        Program(child.expect("it starts"))
    }
}

/// A running program: to each line it answers with one.
pub(crate) struct Program(Child);

impl Program {
    /// The answers to some lines.
    pub(crate) fn ask(&mut self, questions: &[String]) -> Vec<String> {
        let input = self.0.stdin.as_mut().expect("it is piped");
        let output = self.0.stdout.as_mut().expect("it is piped");
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut input = BufWriter::new(input);
                for question in questions {
                    writeln!(input, "{question}").expect("it reads");
                }
                writeln!(input, "end").expect("it reads");
            });
            let answers = BufReader::new(output).lines();
            let answers = answers.map(|line| line.expect("it answers in text"));
            answers.take_while(|line| line != "end").collect()
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Without input it ends by itself; one that hangs is not waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn manifest(package: &str) -> String {
    let runtime = fixtures::root().join("mtproto-runtime");
    let runtime = runtime.canonicalize().expect("the runtime is there");
    format!(
        "[package]\nname = {package:?}\nedition = \"2024\"\n\n[dependencies]\n\
         mtproto-runtime = {{ path = {runtime:?}, default-features = false }}\n"
    )
}

/// A program that knows all items by their numbers: those of `agreement::items`.
fn main(package: &str, bindings: &[Bindings]) -> String {
    let mut main = String::from(
        "//! Reads and writes values.\n\nmod program;\n\nuse program::{Answer, answer};\n\n\
         const ITEMS: &[fn(&[u8]) -> Answer] = &[\n",
    );
    for schema in bindings {
        for item in schema.items() {
            let rust_type = item.rust_type();
            main.push_str(&format!(
                "    |bytes| answer::<{package}::{rust_type}>(bytes),\n"
            ));
        }
    }
    main.push_str("];\n\nfn main() {\n    program::run(ITEMS);\n}\n");
    main
}

/// Writes a file, unless it is there as it should be.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return;
    }
    let dir = path.parent().expect("it is in a folder");
    fs::create_dir_all(dir).expect("the folder can be made");
    fs::write(path, text).expect("it can be written");
}

/// What rustfmt would change in a file and the modules below it.
pub(crate) fn format_diff(file: &Path) -> Option<String> {
    let output = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--color", "never"])
        .arg(file)
        .output()
        .expect("rustfmt runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    let diff = String::from_utf8_lossy(&output.stdout) + errors;
    (!output.status.success()).then(|| diff.chars().take(4_000).collect())
}
