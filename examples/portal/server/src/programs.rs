//! The programs that browsers are given: one list of them, made from their folder, for letters and pages.

use sha2::{Digest, Sha256};

use crate::accounts::hex;
use crate::page::Assets;

/// What pages ask for. Where one of them is missing the server does not start: its pages would name no hash for it.
pub const NEEDED: [&str; 11] = [
    "audit-worker.js",
    "audit.js",
    "booth.js",
    "check.js",
    "checker.js",
    "countdown.js",
    "glue.js",
    "page.js",
    "style.css",
    "wasm/booth.wasm",
    "wasm/checker.wasm",
];

/// Everything that is served as script or WebAssembly: its name, and its SHA-256 as people compare it.
pub fn list(assets: &Assets) -> Vec<(String, String)> {
    let programs = assets.files.iter().filter(|(name, _)| !name.ends_with(".css"));
    programs.map(|(name, asset)| (name.to_string(), hex(Sha256::digest(&asset.bytes)))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn portal(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
    }

    /// The files of a folder, by their names from it.
    fn files(folder: &Path) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let (path, name) =
                (entry.as_ref().unwrap().path(), entry.unwrap().file_name().into_string().unwrap());
            match path.is_dir() {
                true => all.extend(files(&path).into_iter().map(|inner| format!("{name}/{inner}"))),
                false => _ = all.insert(name),
            }
        }
        all
    }

    #[test]
    fn whatever_browsers_run_is_on_the_list() {
        let listed: BTreeSet<_> =
            list(&Assets::read(&portal("static")).unwrap()).into_iter().map(|(name, _)| name).collect();
        let mut run = files(&portal("static"));
        run.retain(|name| name.ends_with(".js") || name.ends_with(".wasm"));
        assert!(run.len() > 9);
        assert_eq!(listed, run);
    }

    #[test]
    fn whatever_pages_name_must_be_there() {
        let mut named = BTreeSet::new();
        for name in files(&portal("templates")) {
            let text = fs::read_to_string(portal("templates").join(name)).unwrap();
            let quoted =
                text.split('"').filter(|word| [".js", ".css", ".wasm"].iter().any(|end| word.ends_with(end)));
            named.extend(quoted.map(|word| word.trim_start_matches("/static/").to_owned()));
        }
        assert_eq!(named, BTreeSet::from(NEEDED.map(str::to_owned)));
        // One after the other is missing.
        let folder = std::env::temp_dir().join(format!("urne-programs-{}", std::process::id()));
        fs::create_dir_all(folder.join("wasm")).unwrap();
        for name in NEEDED {
            assert!(Assets::read(&folder).is_err());
            fs::write(folder.join(name), name).unwrap();
        }
        assert_eq!(list(&Assets::read(&folder).unwrap()).len(), NEEDED.len() - 1);
        fs::remove_file(folder.join("glue.js")).unwrap();
        let error = Assets::read(&folder).err().unwrap().to_string();
        assert!(error.contains("glue.js"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }
}
