//! `sockbook lsp` and its clients: one in Python that speaks the protocol as an editor does, and Neovim where it is
//! installed.

use std::process::{Command, Output};

fn said(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .env_remove("SOCKBOOK_LANG")
        .output()
        .unwrap_or_else(|e| panic!("{program}: {e}"))
}

fn assert_well(run: &Output) {
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{out}\n{err}");
}

#[test]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn a_client_is_served() {
    assert_well(&said("python3", &["tests/lsp/client.py", env!("CARGO_BIN_EXE_sockbook")]));
}

/// The configuration is the page's own.
#[test]
#[cfg_attr(without = "nvim", ignore = "nvim is missing")]
fn neovim_is_served() {
    let page = std::fs::read_to_string("docs/editors.md").unwrap();
    let lua =
        page.split("```lua\n").nth(1).and_then(|rest| rest.split("```").next()).expect("Lua in the page");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    std::fs::write(path("init.lua"), lua.replace("{ 'sockbook', 'lsp' }", "{ vim.env.SOCKBOOK, 'lsp' }"))
        .unwrap();
    let script = "let host = localhost\nc = socket inet steam\nprint   $host\n";
    std::fs::write(path("a.sock"), script).unwrap();
    let run = Command::new("nvim")
        .args(["--headless", "-i", "NONE", "-n", "-u", &path("init.lua"), &path("a.sock")])
        .args(["-c", "luafile tests/lsp/neovim.lua"])
        .env("SOCKBOOK", env!("CARGO_BIN_EXE_sockbook"))
        .env("XDG_STATE_HOME", folder.path())
        .env_remove("SOCKBOOK_LANG")
        .output()
        .expect("nvim runs");
    assert_well(&run);
    let said = String::from_utf8_lossy(&run.stderr).replace('\r', "");
    let want = "2: `steam` is not a socket type\nclean\nprint $machine\n";
    assert_eq!(said.trim(), want.trim(), "{}", String::from_utf8_lossy(&run.stdout));
}

#[test]
#[cfg_attr(without = "node", ignore = "node is missing")]
fn the_extension_starts_the_server() {
    let run = said("node", &["tests/lsp/extension.js"]);
    assert_well(&run);
    let want = "started: sockbook lsp for sock\nstopped\nstarted: /opt/sockbook lsp --lang es for sock\nstopped\n\
        warned: sockbook: run `npm install --omit=dev` in the folder of the extension\ntrue\n";
    assert_eq!(String::from_utf8_lossy(&run.stdout), want);
}

#[test]
fn the_configurations_of_the_page_are_read() {
    let page = std::fs::read_to_string("docs/editors.md").unwrap();
    let helix =
        page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("TOML in the page");
    let read = toml::de::DeTable::parse(helix).unwrap().into_inner();
    let server =
        read["language-server"].get_ref().as_table().unwrap()["sockbook"].get_ref().as_table().unwrap();
    assert_eq!(server["command"].get_ref().as_str(), Some("sockbook"));
    assert_eq!(server["args"].get_ref().as_array().unwrap()[0].get_ref().as_str(), Some("lsp"));
    assert!(
        std::fs::read_to_string("README.md").unwrap().contains("](docs/editors.md)"),
        "the README leads to it"
    );
}
