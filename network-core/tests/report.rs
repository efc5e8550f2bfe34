//! The gradient-flow report on real trainings: each verdict has a network made to have that
//! trouble, and healthy networks have none.

#[path = "report/common.rs"]
mod common;
#[path = "report/healthy.rs"]
mod healthy;
#[path = "report/observer.rs"]
mod observer;
#[path = "report/verdicts.rs"]
mod verdicts;
