//! What data go through on their way into a network and out of it, in one piece.

use super::{Standardization, StandardizationError};
use crate::network::with_scratch;
use crate::{Network, Sample, Streaming};

/// The constants that a network's inputs and targets were standardized with, and the names of
/// features and classes: what a program needs besides the network to use it.
///
/// [`Dataset::preprocessing`](super::Dataset::preprocessing) has those of a data set, and
/// [`save_with_preprocessing`](crate::save::save_with_preprocessing) puts them into the
/// network's file.
///
/// # Examples
///
/// ```
/// use network_core::prelude::*;
///
/// network! {
///     /// From humidity and temperature to pressure.
///     pub struct Weather(2) -> 1 { dense(8) -> tanh; dense(1); }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut train = Dataset::new(
///     [[0.3, 291.0], [0.5, 285.0], [0.9, 280.0]].map(SVector::<f32, 2>::from),
///     [[101_900.0], [101_300.0], [100_200.0]].map(SVector::<f32, 1>::from),
/// )?;
/// train.standardize()?;
/// train.standardize_targets()?;
/// let net = Weather::new(1); // and training
///
/// let preprocessing = train.preprocessing();
/// let pascal = preprocessing.predict(&net, &SVector::from([0.6, 284.0]));
/// # assert!((90_000.0..120_000.0).contains(&pascal[0]), "{pascal}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessing<X, Y> {
    /// Of the inputs; `None` if they go in as they are.
    pub input: Option<Standardization<X>>,
    /// Of the targets; `None` if predictions come out as they are.
    pub target: Option<Standardization<Y>>,
    /// The features' names; empty if they have none.
    pub feature_names: Vec<String>,
    /// The classes' names, in order of their index; empty if they have none.
    pub class_names: Vec<String>,
}

/// Nothing is standardized, and nothing has a name.
impl<X, Y> Default for Preprocessing<X, Y> {
    fn default() -> Self {
        Self {
            input: None,
            target: None,
            feature_names: Vec::new(),
            class_names: Vec::new(),
        }
    }
}

impl<X: Sample, Y: Sample> Preprocessing<X, Y> {
    /// A network's answer to one sample, each in its own units: standardizes a copy of `x`,
    /// and takes the prediction back to the targets' units.
    ///
    /// Allocates nothing unless a sample would not be safe on the stack (32 KiB), as
    /// [`Network::predict`].
    pub fn predict<N: Network<Input = X, Output = Y>>(&self, network: &N, x: &X) -> Y {
        let mut y = Y::zeroed();
        with_scratch::<X, X>(1, |copy| {
            copy[0] = *x;
            if let Some(input) = &self.input {
                input.apply(&mut copy[0]);
            }
            y = network.predict(&copy[0]);
        });
        if let Some(target) = &self.target {
            target.invert(&mut y);
        }
        y
    }

    /// The constants of one step, for a stream: those of each feature, which are the same at
    /// every step ([`Standardization::fit_steps`]).
    ///
    /// # Errors
    ///
    /// If they are others at every step, as those of [`Standardization::fit`].
    ///
    /// # Examples
    ///
    /// ```
    /// use network_core::prelude::*;
    ///
    /// network! {
    ///     pub struct Forecast([2; 3]) -> [1; 3] { gru(4); dense(1); }
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (x, y) = ([20.0, 0.1, 21.0, 0.3, 22.0, 0.8], [1013.0, 1012.0, 1010.0]);
    /// let mut train = Dataset::new([SVector::<f32, 6>::from(x)], [SVector::<f32, 3>::from(y)])?;
    /// train.standardize_steps::<2>()?;
    /// train.standardize_target_steps::<1>()?;
    /// let net = Forecast::new(1); // and training
    ///
    /// let preprocessing = train.preprocessing().of_step::<Forecast>()?;
    /// let mut state = Forecast::state();
    /// let pressure = preprocessing.step(&net, &SVector::from([20.5, 0.2]), &mut state);
    /// # assert!((1000.0..1020.0).contains(&pressure[0]), "{pressure}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn of_step<N: Streaming<Input = X, Output = Y>>(
        &self,
    ) -> Result<Preprocessing<N::StepInput, N::StepOutput>, StandardizationError> {
        Ok(Preprocessing {
            input: of_step(self.input.as_ref())?,
            target: of_step(self.target.as_ref())?,
            class_names: self.class_names.clone(),
            ..Preprocessing::default()
        })
    }

    /// A network's answer to the next step of a stream, each in its own units, as
    /// [`Preprocessing::predict`]: for the constants [of a step](Preprocessing::of_step).
    pub fn step<N: Streaming<StepInput = X, StepOutput = Y>>(
        &self,
        network: &N,
        x: &X,
        state: &mut N::State,
    ) -> Y {
        let mut x = *x;
        if let Some(input) = &self.input {
            input.apply(&mut x);
        }
        let mut y = network.step(&x, state);
        if let Some(target) = &self.target {
            target.invert(&mut y);
        }
        y
    }
}

/// The same constants for one step.
fn of_step<S, Step: Sample>(
    constants: Option<&Standardization<S>>,
) -> Result<Option<Standardization<Step>>, StandardizationError> {
    constants
        .map(|constants| Standardization::new(constants.mean(), constants.deviation()))
        .transpose()
}
