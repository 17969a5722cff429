//! Scripts side by side: workers take them in order, each with a gate of its own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;

use anyhow::{Context, Result};

use super::one::{self, Case, Settings, Verdict};
use crate::net::gate::{main_gate, register, signalled};

/// Runs them all and hands each result on as it comes; they are returned in the order of the files.
pub fn run(
    files: &[PathBuf],
    settings: &Settings,
    jobs: usize,
    fail_fast: bool,
    each: &mut dyn FnMut(&Case),
) -> Result<Vec<Case>> {
    let gate = main_gate();
    let mut cases: Vec<Case> = files.iter().map(|f| Case::new(f, Verdict::NotRun)).collect();
    let stop = AtomicBool::new(false);
    let mut note = |at: usize, case: Case, stop: &AtomicBool| {
        let bad = matches!(case.verdict, Verdict::Failed | Verdict::Invalid | Verdict::Broken);
        if fail_fast && bad {
            stop.store(true, SeqCst);
        }
        each(&case);
        cases[at] = case;
    };
    if jobs == 1 {
        for (at, file) in files.iter().enumerate() {
            if stop.load(SeqCst) || signalled().is_some() {
                break;
            }
            note(at, one::run(file, settings, &gate), &stop);
        }
        return Ok(cases);
    }
    let next = AtomicUsize::new(0);
    let (send, results) = mpsc::channel::<(usize, Case)>();
    std::thread::scope(|scope| -> Result<()> {
        for worker in 0..jobs {
            let (send, next, stop) = (send.clone(), &next, &stop);
            let work = move || -> std::io::Result<()> {
                let registered = register()?;
                let gate = registered.gate();
                loop {
                    let at = next.fetch_add(1, SeqCst);
                    let Some(file) = files.get(at) else { return Ok(()) };
                    if stop.load(SeqCst) || signalled().is_some() {
                        return Ok(());
                    }
                    let file: &Path = file;
                    if send.send((at, one::run(file, settings, &gate))).is_err() {
                        return Ok(());
                    }
                }
            };
            std::thread::Builder::new()
                .name(format!("test {worker}"))
                .stack_size(8 << 20)
                .spawn_scoped(scope, work)
                .context("cannot start a thread")?;
        }
        drop(send);
        while let Ok((at, case)) = results.recv() {
            note(at, case, &stop);
        }
        Ok(())
    })?;
    Ok(cases)
}
