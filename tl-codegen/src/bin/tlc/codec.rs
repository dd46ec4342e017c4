//! What `tlc decode` and `tlc encode` share: the schema, what to read, and where from.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use tl_dynamic::{Codec, Root, Value};

use crate::Outcome;
use crate::loaded::Loaded;
use crate::output::Printer;

/// The schema, and what of it the bytes are.
#[derive(Args)]
pub(crate) struct Target {
    /// The schema; several files make one.
    #[arg(long = "schema", required = true, value_name = "FILE")]
    schemas: Vec<PathBuf>,

    /// The layer of a layered schema [default: the newest].
    #[arg(long, value_name = "N")]
    layer: Option<u32>,

    /// A value of this type, as written in TL: `Vector<long>`, `%Message` or `message` for a bare one.
    #[arg(long = "type", value_name = "TYPE", group = "what")]
    ty: Option<String>,

    /// A call of this function.
    #[arg(long, value_name = "NAME", group = "what")]
    function: Option<String>,

    /// What this function returns.
    #[arg(long, value_name = "NAME", group = "what")]
    result_of: Option<String>,

    /// The call, as JSON or hex, where what the function returns depends on its arguments.
    #[arg(long, value_name = "JSON|HEX", requires = "result_of")]
    call: Option<String>,
}

impl Target {
    /// The codec of the schema; none if the schema has errors, which are then printed.
    pub(crate) fn codec(&self, printer: &mut Printer) -> anyhow::Result<Option<Codec>> {
        let loaded = Loaded::new(&self.schemas)?;
        if loaded.report_errors(printer)? == Outcome::Findings {
            return Ok(None);
        }
        let [reading] = &loaded.readings[..] else {
            bail!("these are several schemas, each with a layer of its own: name one");
        };
        let schema = &reading.schema;
        let layer = match (self.layer, schema.layers(), schema.layer()) {
            (Some(layer), [], Some(own)) if layer != own => {
                bail!("the schema is of layer {own}")
            }
            (layer, _, own) => layer.or(own),
        };
        Ok(Some(Codec::at_layer(schema, layer)))
    }

    /// What to read or write: without any option whatever the id, or `@type`, says.
    pub(crate) fn root(&self, codec: &Codec) -> anyhow::Result<Root> {
        Ok(match (&self.ty, &self.function, &self.result_of) {
            (Some(ty), ..) => codec.value(ty)?,
            (_, Some(function), _) => codec.call(function)?,
            (_, _, Some(function)) => match &self.call {
                Some(call) => codec.result_of(&read_call(codec, function, call)?)?,
                None => codec
                    .result(function)
                    .context("give the call with --call if there is one")?,
            },
            _ => codec.any(),
        })
    }
}

fn read_call(codec: &Codec, function: &str, call: &str) -> anyhow::Result<Value> {
    let root = codec.call(function)?;
    if call.trim_start().starts_with('{') {
        return codec.value_from_text(&root, call).context("--call");
    }
    let bytes = bytes(call, Form::Auto).context("--call")?;
    codec.decode(&root, &bytes).context("--call")
}

/// The form of bytes that are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Hex if it looks so, else binary.
    #[default]
    Auto,
    /// Hex digits; blanks, newlines, commas and 0x may stand between bytes.
    Hex,
    /// The bytes as they are.
    Binary,
}

/// Bytes from hex, from a file, or from standard input (`-`).
pub(crate) fn bytes(input: &str, form: Form) -> anyhow::Result<Vec<u8>> {
    if let Some((name, content)) = content(input)? {
        return match (form, hex(&content)) {
            (Form::Binary, _) | (Form::Auto, None) => Ok(content),
            (_, Some(bytes)) => Ok(bytes),
            (Form::Hex, None) => bail!("{name} holds no hex"),
        };
    }
    match hex(input.as_bytes()) {
        Some(bytes) if form != Form::Binary => Ok(bytes),
        _ => bail!("`{input}` is neither a file nor hex"),
    }
}

/// Text as it is, from a file, or from standard input (`-`).
pub(crate) fn text(input: &str) -> anyhow::Result<String> {
    match content(input)? {
        Some((name, content)) => {
            String::from_utf8(content).with_context(|| format!("{name} is not UTF-8"))
        }
        None => Ok(input.to_owned()),
    }
}

/// What is behind a name, if it is one.
fn content(input: &str) -> anyhow::Result<Option<(String, Vec<u8>)>> {
    if input == "-" {
        let mut content = Vec::new();
        io::stdin().lock().read_to_end(&mut content)?;
        return Ok(Some(("standard input".to_owned(), content)));
    }
    let path = Path::new(input);
    if !path.is_file() {
        return Ok(None);
    }
    let content = fs::read(path).with_context(|| input.to_owned())?;
    Ok(Some((input.to_owned(), content)))
}

/// Bytes of hex: pairs of digits, and between them blanks, commas and `0x`. None if it is anything else.
fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for word in text.split(is_between).filter(|word| !word.is_empty()) {
        let digits = word.strip_prefix(b"0x").unwrap_or(word);
        let (pairs, rest) = digits.as_chunks::<2>();
        if pairs.is_empty() || !rest.is_empty() {
            return None;
        }
        for pair in pairs {
            let pair = str::from_utf8(pair).ok()?;
            if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(pair, 16).ok()?);
        }
    }
    Some(bytes)
}
