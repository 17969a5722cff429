//! `sockbook test`.
use anyhow::Result;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct TestArguments {
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

pub fn main(_arguments: TestArguments) -> Result<i32> {
    Ok(0)
}
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    Ok(paths.to_vec())
}
