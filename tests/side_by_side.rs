//! Scripts that run side by side in one process leave each other alone.

use std::process::Command;

/// Closes a socket under a call that waits, again and again.
const CLOSES: &str = "repeat 20
    l = socket inet stream
    bind 127.0.0.1 0
    listen
    spawn waiting
        fails EBADF l.accept --timeout 1m
    end
    l.close
    wait waiting
end
";

/// Waits on sockets that no script closes, and that are numbered as the others' are.
const WAITS: &str = "a, b = socketpair
repeat 40
    fails TimeoutError b.recv --timeout 2ms
    fails TimeoutError poll a b --timeout 2ms
    sleep 1ms
end
";

#[test]
fn a_close_ends_no_call_of_another_script() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..8 {
        std::fs::write(folder.path().join(format!("closes{at}.sock")), CLOSES).unwrap();
        std::fs::write(folder.path().join(format!("waits{at}.sock")), WAITS).unwrap();
    }
    let run = Command::new(env!("CARGO_BIN_EXE_sockbook"))
        .args(["test", "-j", "8"])
        .arg(folder.path())
        .output()
        .expect("the binary runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}
