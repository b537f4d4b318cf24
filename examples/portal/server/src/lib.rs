//! The portal of an election: what voters and the bureau meet in a browser, around the boxes of `urne`.
//!
//! | module | what is in it |
//! |---|---|
//! | [`config`] | the folder of an election and `portal.toml` |
//! | [`boxes`] | the one thread that owns all boxes: stored, anchored, answered |
//! | [`db`] | SQLite and PostgreSQL, and the tables |
//! | [`accounts`] | voters, passwords, links by e-mail |
//! | [`sessions`], [`limits`], [`captcha`] | who is asking, how often, and whether it is a person |
//! | [`web`] | the router, headers, errors |
//! | [`voter`], [`account_pages`], [`complaints`], [`bureau`], [`api`] | the pages, and what the booth asks |
//! | [`serve`] | connections, and a stop that answers what is queued |
//!
//! No voting code and no key of the issuer ever comes here: codes are the issuer's, another process.

#![forbid(unsafe_code)]

pub mod account_pages;
pub mod accounts;
pub mod api;
pub mod boxes;
pub mod bureau;
pub mod captcha;
pub mod clock;
pub mod complaints;
pub mod config;
pub mod contests;
pub mod db;
pub mod disk;
pub mod election;
pub mod i18n;
pub mod issuer;
pub mod issuing;
pub mod limits;
pub mod mail;
pub mod monitor;
pub mod page;
pub mod programs;
pub mod serve;
pub mod sessions;
pub mod setup;
pub mod voter;
pub mod web;

use std::error::Error;

/// What is wrong, for whoever starts a program.
pub type Failure = Box<dyn Error + Send + Sync>;
