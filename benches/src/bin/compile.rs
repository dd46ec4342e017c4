//! What bindings of `schemas/api.tl` cost to compile, against grammers-tl-types with the same schema and the same traits.
//!
//! `cargo run --release --bin compile [ROUNDS]` from the folder `benches`. Both sides' code is generated anew, and rustc is
//! called on it directly with the same flags, turn by turn; what it depends on is built before. A row's figure is the least
//! of all rounds. Exits with 1 when a limit is missed. Needs GNU time, and 4 GB of memory for their bindings with serde.
//!
//! `compile ROUNDS WORD` leaves out the rows that do not have the word: `serde`, `client`, `bytes`, `boxed`, `debug`.

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use tl_benches::client::{FUNCTIONS, OPAQUE};
use tl_codegen::Config;

const SCHEMA: &str = "../schemas/api.tl";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// One comparison: ours, theirs, and the most that each ratio may be.
struct Row {
    what: &'static str,
    profile: Profile,
    ours: Side,
    theirs: Side,
    user: Option<f64>,
    /// Of peak memory and of the rlib's size.
    size: Option<f64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Profile {
    Debug,
    Release,
}

/// A crate to compile.
#[derive(Clone)]
struct Side {
    root: PathBuf,
    /// Where `include!` finds the generated code.
    out_dir: PathBuf,
    is_ours: bool,
    has_serde: bool,
}

/// What generated code depends on, built before.
struct Dependencies {
    /// Crates by name.
    rlibs: Vec<(&'static str, PathBuf)>,
}

#[derive(Clone, Copy)]
struct Cost {
    user_secs: f64,
    peak_kib: f64,
    rlib_bytes: f64,
}

fn main() -> Result<ExitCode> {
    let rounds: u32 = std::env::args()
        .nth(1)
        .map_or(Ok(3), |rounds| rounds.parse())?;
    let work = std::env::current_dir()?.join("target/compile");
    let dependencies = [
        dependencies(Profile::Debug)?,
        dependencies(Profile::Release)?,
    ];
    let rows = rows(&work)?;
    let word = std::env::args().nth(2).unwrap_or_default();
    let mut missed = false;
    println!(
        "| what | profile | user s, ours / theirs | ratio | memory | rlib |\n|---|---|---|---|---|---|"
    );
    for row in rows
        .iter()
        .filter(|row| row.what.contains(&word) || row.profile.name() == word)
    {
        let dependencies = &dependencies[usize::from(row.profile == Profile::Release)];
        let (mut ours, mut theirs) = (Cost::MOST, Cost::MOST);
        for _ in 0..rounds {
            ours = ours.least(compile(&row.ours, row.profile, dependencies, &work)?);
            theirs = theirs.least(compile(&row.theirs, row.profile, dependencies, &work)?);
        }
        let mut against = |ratio: f64, limit: Option<f64>| match limit {
            Some(limit) if ratio > limit => {
                missed = true;
                format!("**{ratio:.2} > {limit}**")
            }
            Some(limit) => format!("{ratio:.2} ≤ {limit}"),
            None => format!("{ratio:.2}"),
        };
        println!(
            "| {} | {} | {:.2} / {:.2} | {} | {} | {} |",
            row.what,
            row.profile.name(),
            ours.user_secs,
            theirs.user_secs,
            against(ours.user_secs / theirs.user_secs, row.user),
            against(ours.peak_kib / theirs.peak_kib, row.size),
            against(ours.rlib_bytes / theirs.rlib_bytes, row.size),
        );
    }
    Ok(if missed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What is compared with what.
fn rows(work: &Path) -> Result<Vec<Row>> {
    let all = Config::new().conversions(true);
    let clone = Config::new().derives(["Clone"]);
    let client = all.clone().only(FUNCTIONS);
    let opaque = client.clone().opaque(OPAQUE.iter().copied());
    let serde = all.clone().serde(true);

    let all_boxed = ours(work, "all_boxed", all.clone().boxed_structs(true))?;
    let clone_boxed = ours(work, "clone_boxed", clone.clone().boxed_structs(true))?;
    let opaque_boxed = ours(work, "opaque_boxed", opaque.clone().boxed_structs(true))?;
    let all = ours(work, "all", all)?;
    let clone = ours(work, "clone", clone)?;
    let client = ours(work, "client", client)?;
    let opaque = ours(work, "opaque", opaque)?;
    let serde = ours(work, "serde", serde)?;
    let their_all = theirs(work, "their_all", Traits::All)?;
    let their_clone = theirs(work, "their_clone", Traits::Clone)?;
    let their_serde = theirs(work, "their_serde", Traits::AllWithSerde)?;

    let all_traits = "Clone, Debug, PartialEq, conversions";
    let with_boxed = "Clone, Debug, PartialEq, conversions; boxed structs";
    let kept = "the client, what it does not look into kept as bytes";
    let kept_boxed = "the client, the rest kept as bytes; boxed structs";
    let with_serde = "Clone, Debug, PartialEq, conversions, serde";
    // What, our side, theirs, the limits of user CPU (debug, release) and of size.
    type Entry<'e> = (
        &'static str,
        &'e Side,
        &'e Side,
        [Option<f64>; 2],
        Option<f64>,
    );
    let entries: [Entry<'_>; 10] = [
        (all_traits, &all, &their_all, [Some(0.5); 2], Some(0.5)),
        (
            with_boxed,
            &all_boxed,
            &their_all,
            [Some(0.5); 2],
            Some(0.5),
        ),
        (
            "Clone alone, theirs with all",
            &clone,
            &their_all,
            [Some(0.3), None],
            None,
        ),
        (
            "Clone alone, theirs with all; boxed structs",
            &clone_boxed,
            &their_all,
            [Some(0.3), None],
            None,
        ),
        (
            "Clone alone, theirs too",
            &clone,
            &their_clone,
            [Some(0.3), None],
            None,
        ),
        (
            "Clone alone, theirs too; boxed structs",
            &clone_boxed,
            &their_clone,
            [Some(0.3), None],
            None,
        ),
        (
            "a client of 60 functions, all traits",
            &client,
            &their_all,
            [Some(0.1); 2],
            None,
        ),
        (kept, &opaque, &their_all, [Some(0.1); 2], None),
        (kept_boxed, &opaque_boxed, &their_all, [Some(0.1); 2], None),
        (with_serde, &serde, &their_serde, [Some(0.25); 2], None),
    ];
    let profiles = [Profile::Debug, Profile::Release];
    let rows = entries
        .iter()
        .flat_map(|&(what, ours, theirs, user, size)| {
            profiles
                .into_iter()
                .zip(user)
                .map(move |(profile, user)| Row {
                    what,
                    profile,
                    ours: ours.clone(),
                    theirs: theirs.clone(),
                    user,
                    size,
                })
        });
    Ok(rows.collect())
}

fn ours(work: &Path, name: &str, config: Config) -> Result<Side> {
    let out_dir = work.join(name);
    config
        .schema(SCHEMA)
        .generate_into(&out_dir)
        .map_err(|error| format!("{error:?}"))?;
    let root = work.join(format!("{name}.rs"));
    fs::write(&root, format!("include!(\"{name}/mod.rs\");\n"))?;
    Ok(Side {
        root,
        out_dir,
        is_ours: true,
        has_serde: false,
    })
}

/// What their types have.
#[derive(Clone, Copy, PartialEq)]
enum Traits {
    Clone,
    All,
    AllWithSerde,
}

/// Their generator on our schema, below their own `lib.rs`. There is no switch for PartialEq: where only Clone is to be left,
/// it is taken out of the text.
fn theirs(work: &Path, name: &str, traits: Traits) -> Result<Side> {
    let (all_traits, has_serde) = (traits != Traits::Clone, traits == Traits::AllWithSerde);
    let out_dir = work.join(name);
    fs::create_dir_all(&out_dir)?;
    let text = fs::read_to_string(SCHEMA)?;
    let definitions: Vec<_> = grammers_tl_parser::parse_tl_file(&text)
        .filter_map(|it| it.ok())
        .collect();
    let file = |name: &str| File::create(out_dir.join(name)).map(BufWriter::new);
    let mut outputs = grammers_tl_gen::Outputs {
        common: file("generated_common.rs")?,
        types: file("generated_types.rs")?,
        functions: file("generated_functions.rs")?,
        enums: file("generated_enums.rs")?,
    };
    let config = grammers_tl_gen::Config {
        gen_name_for_id: true,
        deserializable_functions: false,
        impl_debug: all_traits,
        impl_from_type: all_traits,
        impl_from_enum: all_traits,
        impl_serde: has_serde,
    };
    grammers_tl_gen::generate_rust_code(&mut outputs, &definitions, 230, &config)?;
    outputs.flush()?;
    if !all_traits {
        for entry in fs::read_dir(&out_dir)? {
            let path = entry?.path();
            let text = fs::read_to_string(&path)?;
            fs::write(
                path,
                text.replace("#[derive(Clone, PartialEq)]", "#[derive(Clone)]"),
            )?;
        }
    }
    let root = Command::new("cargo")
        .args(["metadata", "--format-version=1"])
        .output()?
        .stdout;
    let root = String::from_utf8(root)?;
    let end = root
        .find("grammers-tl-types-")
        .and_then(|at| Some(at + root[at..].find("/src/lib.rs\"")? + 11));
    let end = end.ok_or("grammers-tl-types is no dependency")?;
    let start = root[..end].rfind('"').map_or(0, |quote| quote + 1);
    Ok(Side {
        root: PathBuf::from(&root[start..end]),
        out_dir,
        is_ours: false,
        has_serde,
    })
}

/// Builds our runtime, and serde.
fn dependencies(profile: Profile) -> Result<Dependencies> {
    let mut rlibs = Vec::new();
    for (package, name) in [
        ("mtproto-runtime", "mtproto_runtime"),
        ("serde", "serde"),
        ("serde_bytes", "serde_bytes"),
        ("serde_derive", "serde_derive"),
    ] {
        let mut cargo = Command::new("cargo");
        cargo.args([
            "build",
            "--quiet",
            "--message-format=json",
            "--package",
            package,
        ]);
        // As it comes from a registry.
        cargo.env("CARGO_INCREMENTAL", "0");
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        let messages = String::from_utf8(cargo.output()?.stdout)?;
        let is_own = |word: &&str| {
            let file = word.rsplit('/').next().unwrap_or(word);
            let stem = file
                .strip_prefix("lib")
                .and_then(|file| file.strip_suffix(".rlib").or(file.strip_suffix(".so")));
            stem.is_some_and(|stem| {
                stem == name
                    || stem
                        .strip_prefix(name)
                        .is_some_and(|rest| rest.starts_with('-'))
            })
        };
        let rlib = messages.split('"').find(is_own);
        rlibs.push((
            name,
            rlib.ok_or_else(|| format!("{package} does not compile"))?
                .into(),
        ));
    }
    Ok(Dependencies { rlibs })
}

fn compile(
    side: &Side,
    profile: Profile,
    dependencies: &Dependencies,
    work: &Path,
) -> Result<Cost> {
    let rlib = work.join("out.rlib");
    let mut command = Command::new("/usr/bin/time");
    command.args([
        "-f",
        "%U %M",
        "rustc",
        "--crate-type=rlib",
        "--edition=2024",
        "--cap-lints=allow",
        "-o",
    ]);
    command
        .arg(&rlib)
        .arg(&side.root)
        .env("OUT_DIR", &side.out_dir);
    match side.is_ours {
        true => command.arg("--crate-name=bindings"),
        false => command
            .arg("--crate-name=grammers_tl_types")
            .args(["--cfg", "feature=\"impl-debug\""]),
    };
    if side.has_serde {
        command.args(["--cfg", "feature=\"impl-serde\""]);
    }
    for (name, rlib) in &dependencies.rlibs {
        // Ours needs the runtime alone; theirs without serde needs nothing.
        if (side.is_ours && *name == "mtproto_runtime")
            || (side.has_serde && *name != "mtproto_runtime")
        {
            command
                .arg("--extern")
                .arg(format!("{name}={}", rlib.display()));
            let folder = rlib.parent().ok_or("a file lies in a folder")?;
            command.arg(format!("-Ldependency={}", folder.display()));
            command.arg(format!("-Ldependency={}", folder.join("deps").display()));
        }
    }
    if profile == Profile::Release {
        command.arg("-Copt-level=3");
    }
    let output = command.output()?;
    let stderr = String::from_utf8(output.stderr)?;
    if !output.status.success() {
        return Err(stderr.into());
    }
    let figures = stderr.lines().last().ok_or("GNU time prints a line")?;
    let (user, peak) = figures
        .split_once(' ')
        .ok_or("GNU time prints two figures")?;
    Ok(Cost {
        user_secs: user.parse()?,
        peak_kib: peak.parse()?,
        rlib_bytes: fs::metadata(&rlib)?.len() as f64,
    })
}

impl Cost {
    const MOST: Self = Self {
        user_secs: f64::INFINITY,
        peak_kib: f64::INFINITY,
        rlib_bytes: f64::INFINITY,
    };

    fn least(self, other: Self) -> Self {
        Self {
            user_secs: self.user_secs.min(other.user_secs),
            peak_kib: self.peak_kib.min(other.peak_kib),
            rlib_bytes: self.rlib_bytes.min(other.rlib_bytes),
        }
    }
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}
