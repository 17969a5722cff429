//! The prompt, on rustyline.
use crate::script::Options;
use anyhow::Result;
pub fn main(_options: &Options) -> Result<i32> {
    Ok(0)
}
