use network_core::prelude::*;

network! {
    #[derive(Clone, Debug)]
    pub struct Net(4) -> 3 {
        dense(16) -> tanh;
        dence(3);
    }
}

network! {
    pub struct Outer(4) -> 3 {
        inner: Net;
        dense(3);
    }
}

network! {
    struct Headless(4) 3 {
        dense(3);
    }
}

/// What a program does with a network: none of it is worth a word while the declaration is wrong.
struct Agent {
    network: Box<Net>,
    outer: Outer,
}

fn train() -> Result<Agent, Box<dyn std::error::Error>> {
    let mut data = Dataset::new([[0.0, 0.1, 0.2, 0.9]].map(SVector::<f32, 4>::from), [0_usize])?;
    let mut network = Net::boxed(7);
    let history = Trainer::<Net, _, _, 32>::new(CrossEntropy::default(), Adam::new(1e-2))
        .epochs(100)
        .fit(&mut network, &data, None)?;
    println!("{history} {}", Net::PARAMETERS);
    let mut workspace = Net::workspace::<32>();
    let mut gradient = Net::gradient();
    let mut adam = Adam::new(1e-3).for_network::<Net>();
    for epoch in 0..10 {
        data.shuffle(epoch);
        for (x, y) in data.batches(32)? {
            network.forward(x, &mut workspace);
            let loss = workspace.loss(&CrossEntropy::default(), y)?;
            network.backward(x, &mut workspace, &mut gradient);
            clip_by_norm::<Net>(&mut gradient, 1.0)?;
            adam.step(&mut network, &gradient);
            println!("epoch {epoch}: loss {loss}");
        }
    }
    let class = network.predict(&SVector::from([0.9, 0.8, 0.2, 0.1])).imax();
    println!("class {class} of {network:?}");
    network.save("net.safetensors")?;
    Ok(Agent {
        network: network.clone(),
        outer: Outer::new(1),
    })
}

fn main() {
    let agent = train().unwrap();
    let output: SVector<f32, 3> = agent.outer.predict(&SVector::zeros());
    let _ = (output, agent.network, Headless::new(1).predict(&output));
}
