use network_core::prelude::*;

network! {
    pub struct Net(4) -> 2 {
        dense(2);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut net = Net::boxed(1);
    let gradient = Net::gradient();
    let mut adam = Adam::new(1e-3);
    adam.step(&mut net, &gradient);
    network_core::save::load(&mut net, "net.safetensors")?;
    Ok(())
}
