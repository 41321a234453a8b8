//! The functions of Node's own modules that take an error-first callback, and the promise form that each has.
//!
//! What is not listed is no reason to refuse: it goes through `util.promisify` like any other function. Listed are
//! those for which that would be clumsy (`fs` has a promise form of its own) or wrong (`util.promisify` gives an
//! object where the callback gets several results).

/// How a built-in function hands its result over as a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `module.promises.name(…)`, with the same arguments and the same value.
    Promises,
    /// `util.promisify(module.name)(…)`, with the first result as its value.
    Promisify,
    /// `util.promisify(module.name)(…)`, with an object of all results under these names.
    Object(&'static [&'static str]),
    /// The function itself, called without a callback.
    Itself,
}

/// A function of a built-in module.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Its promise form.
    pub form: Form,
    /// Whether it has no result, so that its promise is fulfilled with `undefined`.
    pub void: bool,
}

/// The functions of `fs` that `fs.promises` has under the same name, with a result.
const FS_PROMISES: &[&str] = &["lstat", "mkdir", "mkdtemp", "readFile", "readdir", "readlink", "stat", "statfs"];

/// The same for those without a result.
const FS_PROMISES_VOID: &[&str] = &[
    "access",
    "appendFile",
    "chmod",
    "chown",
    "copyFile",
    "cp",
    "lchown",
    "link",
    "lutimes",
    "rename",
    "rm",
    "rmdir",
    "symlink",
    "truncate",
    "unlink",
    "utimes",
    "writeFile",
];

/// Functions of `fs` that have no promise form of the same meaning: those on descriptors, and `open`, whose promise
/// form gives an object.
const FS_PROMISIFY: &[&str] = &["fstat", "open", "opendir", "realpath"];

/// The same for those without a result.
const FS_PROMISIFY_VOID: &[&str] =
    &["close", "fchmod", "fchown", "fdatasync", "fsync", "ftruncate", "futimes", "lchmod"];

/// Functions of `fs` that take a path or a descriptor, while their promise forms take no descriptor.
const FS_PATH_OR_DESCRIPTOR: &[&str] = &["appendFile", "readFile", "truncate", "writeFile"];

/// What `fs-extra` adds to `fs`.
const FS_EXTRA: &[&str] = &[
    "copy",
    "emptyDir",
    "ensureDir",
    "ensureFile",
    "ensureLink",
    "mkdirp",
    "mkdirs",
    "move",
    "outputFile",
    "outputJson",
    "pathExists",
    "readJson",
    "remove",
    "writeJson",
];

const CRYPTO: &[&str] = &[
    "checkPrime",
    "generateKey",
    "generatePrime",
    "hkdf",
    "pbkdf2",
    "randomBytes",
    "randomFill",
    "randomInt",
    "scrypt",
];

const DNS: &[&str] = &[
    "resolve",
    "resolve4",
    "resolve6",
    "resolveAny",
    "resolveCaa",
    "resolveCname",
    "resolveMx",
    "resolveNaptr",
    "resolveNs",
    "resolvePtr",
    "resolveSoa",
    "resolveSrv",
    "resolveTxt",
    "reverse",
];

const ZLIB: &[&str] = &[
    "brotliCompress",
    "brotliDecompress",
    "deflate",
    "deflateRaw",
    "gunzip",
    "gzip",
    "inflate",
    "inflateRaw",
    "unzip",
];

/// Whether a module is one of Node's own, with or without `node:`, of those that are listed here.
pub fn is_listed(module: &str) -> bool {
    matches!(plain(module), "child_process" | "crypto" | "dns" | "fs" | "fs-extra" | "stream" | "zlib")
}

/// A module's name without `node:`.
pub fn plain(module: &str) -> &str {
    module.strip_prefix("node:").unwrap_or(module)
}

/// A built-in function that takes an error-first callback, `None` where it is not listed.
pub fn lookup(module: &str, function: &str) -> Option<Builtin> {
    let found = |form, void| Some(Builtin { form, void });
    match plain(module) {
        "fs" if FS_PROMISES.contains(&function) => found(Form::Promises, false),
        "fs" if FS_PROMISES_VOID.contains(&function) => found(Form::Promises, true),
        "fs" if FS_PROMISIFY.contains(&function) => found(Form::Promisify, false),
        "fs" if FS_PROMISIFY_VOID.contains(&function) => found(Form::Promisify, true),
        "fs" => match function {
            "read" => found(Form::Object(&["bytesRead", "buffer"]), false),
            "write" => found(Form::Object(&["bytesWritten", "buffer"]), false),
            "readv" => found(Form::Object(&["bytesRead", "buffers"]), false),
            "writev" => found(Form::Object(&["bytesWritten", "buffers"]), false),
            _ => None,
        },
        "fs-extra" => {
            let lists = [FS_PROMISES, FS_PROMISIFY, FS_EXTRA];
            let void = [FS_PROMISES_VOID, FS_PROMISIFY_VOID].iter().any(|l| l.contains(&function));
            (void || lists.iter().any(|l| l.contains(&function))).then_some(Builtin { form: Form::Itself, void })
        }
        "child_process" => match function {
            "exec" | "execFile" => found(Form::Object(&["stdout", "stderr"]), false),
            _ => None,
        },
        "crypto" if CRYPTO.contains(&function) => found(Form::Promisify, false),
        "crypto" if function == "generateKeyPair" => found(Form::Object(&["publicKey", "privateKey"]), false),
        "dns" if DNS.contains(&function) => found(Form::Promises, false),
        "dns" if function == "lookup" => found(Form::Object(&["address", "family"]), false),
        "dns" if function == "lookupService" => found(Form::Object(&["hostname", "service"]), false),
        "stream" if matches!(function, "finished" | "pipeline") => found(Form::Promisify, false),
        "zlib" if ZLIB.contains(&function) => found(Form::Promisify, false),
        _ => None,
    }
}

/// Whether a function of `fs` takes a descriptor where its promise form takes only a path.
pub fn takes_descriptor(function: &str) -> bool {
    FS_PATH_OR_DESCRIPTOR.contains(&function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_makes_no_difference() {
        assert_eq!(lookup("node:fs", "readFile").unwrap().form, Form::Promises);
        assert_eq!(lookup("fs", "readFile").unwrap().form, Form::Promises);
    }

    #[test]
    fn several_results_are_known_by_name() {
        assert_eq!(lookup("child_process", "exec").unwrap().form, Form::Object(&["stdout", "stderr"]));
        assert!(lookup("fs", "exists").is_none(), "its callback is not error-first");
    }
}
