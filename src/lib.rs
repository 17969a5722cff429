//! A notebook for sockets.
pub mod diagnostic;
pub mod literal;
pub mod syntax;

pub mod endpoint;
pub mod errno;
pub mod outcome;
pub mod value;

pub mod net;
pub mod scope;
pub mod session;

pub mod command;

pub mod engine;

pub mod manual;
pub mod render;

pub mod cli;
pub mod prompt;
pub mod script;
pub mod suite;
pub mod transcript;
