//! One runner for layers and networks: first pass, three optimizer steps, inference.

use crate::losses::{AnyLoss, Target};
use crate::optimizers::AnyOptimizer;
use network_core::bytemuck::{Zeroable, cast_slice, zeroed_box};
use network_core::clip::clip_by_norm;
use network_core::kernels::SimdPath;
use network_core::nalgebra::SVector;
use network_core::rand::SeedableRng;
use network_core::{Generator, Layer, Pass, Sample, Scalar};
use network_tests::reference::{Case, case, gradients, parameters};

/// Tensors whose entries are all below this may be 0 but for rounding, as is the
/// gradient of a bias in front of a batch norm. `figures.py` uses the same number.
const FLOOR: f64 = 0.01;

/// A layer or network with all the memory that training needs.
struct Run<L: Layer, const BATCH: usize> {
    layer: Box<L>,
    cache: Box<L::Cache<BATCH>>,
    gradient: Box<L::Gradient>,
    scratch: Vec<L::Scalar>,
    generator: Generator,
}

impl<L: Layer, const BATCH: usize> Run<L, BATCH> {
    fn new(layer: Box<L>) -> Self {
        Self {
            layer,
            cache: zeroed_box(),
            gradient: zeroed_box(),
            scratch: vec![Zeroable::zeroed(); L::SCRATCH.max(L::INFER_SCRATCH) * BATCH],
            generator: Generator::seed_from_u64(0),
        }
    }

    fn forward(&mut self, x: &[L::Input], y: &mut [L::Output]) {
        let path = SimdPath::detect();
        let mut pass = Pass {
            path,
            generator: &mut self.generator,
            accumulate: false,
            probe: None,
        };
        self.layer
            .forward(&mut pass, x, y, &mut self.cache, &mut self.scratch);
        self.layer.update_statistics(&self.cache);
    }

    fn backward(
        &mut self,
        x: &[L::Input],
        y: &[L::Output],
        d_y: &[L::Output],
        d_x: Option<&mut [L::Input]>,
    ) {
        let path = SimdPath::detect();
        let mut pass = Pass {
            path,
            generator: &mut self.generator,
            accumulate: false,
            probe: None,
        };
        let (cache, gradient) = (&mut self.cache, &mut self.gradient);
        self.layer.backward(
            &mut pass,
            x,
            y,
            d_y,
            d_x,
            cache,
            gradient,
            &mut self.scratch,
        );
    }
}

/// Runs the case of `file` called `name` on a layer or network whose hyperparameters are
/// set, and compares all that the case holds.
pub(crate) fn check<T, L, const OUTPUT: usize>(file: &str, name: &str, layer: Box<L>)
where
    T: Scalar,
    L: Layer<Scalar = T, Output = SVector<T, OUTPUT>>,
{
    const BATCH: usize = 16;
    let case = case(file, name);
    let mut run = Run::<L, BATCH>::new(layer);
    case.load(&mut *run.layer);
    let loss = AnyLoss::of(&case, "/loss");
    let mut optimizer = AnyOptimizer::<L>::of(&case, "/optimizer");
    let target = Target::of(&case);

    let mut x: Vec<L::Input> = Vec::new();
    for row in case.given::<T>("/input").chunks(<L::Input as Sample>::LEN) {
        let mut sample = L::Input::zeroed();
        sample.as_mut_slice().copy_from_slice(row);
        x.push(sample);
    }
    let mut d_x = x.clone();
    let mut y = vec![SVector::repeat(T::ZERO); x.len()];
    let mut d_y = y.clone();

    let (mut losses, mut norms) = (Vec::new(), Vec::new());
    for step in 0..3 {
        run.forward(&x, &mut y);
        losses.push(loss.evaluate(&y, &target, Some(&mut d_y)).unwrap());
        // The gradient of the parameters must not depend on whether d_x is wanted.
        run.backward(&x, &y, &d_y, (step == 0).then_some(&mut d_x));
        if step == 0 {
            case.assert_close("/output", cast_slice::<_, T>(&y));
            case.assert_close("/d_output", cast_slice::<_, T>(&d_y));
            case.assert_close("/d_input", cast_slice::<_, T>(&d_x));
            assert_gradients(&case, &run);
        }
        if let Some(bound) = case.number("/clip_norm") {
            let norm = clip_by_norm::<L>(&mut run.gradient, bound).unwrap();
            norms.push(T::from_f64(norm));
        }
        optimizer.step(&mut run.layer, &run.gradient);
    }
    case.assert_close("/losses", &losses);
    case.assert_close("/norms", &norms);

    let names = case.names(false);
    let after = parameters(&*run.layer);
    assert_eq!(after.len(), names.len(), "{}: parameters", case.name);
    for (parameter, name) in after.iter().zip(&names) {
        case.assert_close_from(FLOOR, &format!("/after/{name}"), &parameter.values);
    }
    let mut scratch = vec![T::ZERO; L::INFER_SCRATCH * x.len()];
    run.layer
        .infer(SimdPath::detect(), &x, &mut y, &mut scratch);
    case.assert_close("/inference", cast_slice::<_, T>(&y));
}

fn assert_gradients<L: Layer, const BATCH: usize>(case: &Case, run: &Run<L, BATCH>) {
    let names = case.names(true);
    let gradients = gradients(&*run.layer, &run.gradient);
    assert_eq!(gradients.len(), names.len(), "{}: gradients", case.name);
    for (gradient, name) in gradients.iter().zip(&names) {
        case.assert_close_from(FLOOR, &format!("/gradients/{name}"), &gradient.values);
    }
}
