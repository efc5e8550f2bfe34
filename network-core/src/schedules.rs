//! Schedules
