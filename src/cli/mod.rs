//! The commands: parse, load, call, print. The only module that prints.
