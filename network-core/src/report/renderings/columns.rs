//! The measured numbers by name, as JSON and CSV files hold them; `docs/report-schema.md`
//! describes them.

use crate::report::{LayerFlow, StepFlow, TimeFlow};

/// A number of a reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column<T> {
    pub(super) name: &'static str,
    /// `None` if it was not measured.
    pub(super) number: fn(&T) -> Option<f64>,
}

const fn column<T>(name: &'static str, number: fn(&T) -> Option<f64>) -> Column<T> {
    Column { name, number }
}

/// Of the whole network.
pub(super) const STEP: &[Column<StepFlow>] = &[
    column("loss", |step| Some(step.loss)),
    column("loss_deviation", |step| Some(step.loss_deviation)),
    column("learning_rate", |step| Some(step.learning_rate)),
    column("gradient_norm", |step| Some(step.gradient_norm)),
    column("clipped_norm", |step| Some(step.clipped_norm)),
    column("clipped_share", |step| Some(wide(step.clipped_share))),
    column("gradient_cosine", |step| step.gradient_cosine.map(wide)),
];

/// Of one layer.
pub(super) const LAYER: &[Column<LayerFlow>] = &[
    column("activation_rms", |layer| Some(wide(layer.activation.rms))),
    column("activation_mean", |layer| Some(wide(layer.activation.mean))),
    column("activation_deviation", |layer| {
        Some(wide(layer.activation.deviation))
    }),
    column("activation_variation", |layer| {
        Some(wide(layer.activation.variation))
    }),
    column("activation_cosine", |layer| {
        Some(wide(layer.activation.cosine))
    }),
    column("sparsity", |layer| Some(wide(layer.activation.sparsity))),
    column("dead", |layer| layer.activation.dead.map(wide)),
    column("saturated", |layer| layer.activation.saturated.map(wide)),
    column("delta_rms", |layer| Some(wide(layer.delta_rms))),
    column("factor", |layer| layer.factor.map(wide)),
    column("skip_share", |layer| layer.skip_share.map(wide)),
    column("weight_norm", |layer| {
        Some(wide(layer.gradient?.weight_norm))
    }),
    column("gradient_norm", |layer| {
        Some(wide(layer.gradient?.gradient_norm))
    }),
    column("update_norm", |layer| {
        Some(wide(layer.gradient?.update_norm))
    }),
    column("update_ratio", |layer| {
        layer.gradient?.update_ratio().map(wide)
    }),
    column("gradient_cosine", |layer| layer.gradient?.cosine.map(wide)),
    column("gradient_zero", |layer| Some(wide(layer.gradient?.zero))),
];

/// Of one time step of a recurrent layer.
pub(super) const TIME: &[Column<TimeFlow>] = &[
    column("activation_rms", |time| Some(wide(time.activation_rms))),
    column("delta_rms", |time| Some(wide(time.delta_rms))),
];

/// The number whose shortest decimal is that of this one: 0.1, not 0.10000000149.
fn wide(number: f32) -> f64 {
    number
        .to_string()
        .parse()
        .unwrap_or_else(|_| f64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_describes_every_column() {
        let schema = include_str!("../../../../docs/report-schema.md");
        let names = (STEP.iter().map(|c| c.name))
            .chain(LAYER.iter().map(|c| c.name))
            .chain(TIME.iter().map(|c| c.name));
        for name in names {
            assert!(schema.contains(&format!("| `{name}` |")), "{name}");
        }
    }

    #[test]
    fn short_decimals_stay_short() {
        assert_eq!(wide(0.1), 0.1);
        assert!(wide(f32::NAN).is_nan());
        assert_eq!(wide(f32::NEG_INFINITY), f64::NEG_INFINITY);
        assert_eq!(wide(f32::MIN_POSITIVE) as f32, f32::MIN_POSITIVE);
    }
}
