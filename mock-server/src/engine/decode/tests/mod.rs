mod agreement;
mod bodies;
mod limits;
mod single_faults;
mod tree;

use lingminban::api::Place;

use super::{Schemas, Unreadable};
use crate::engine::Fault;

fn schemas() -> Schemas {
    Schemas::new(lingminban_openapi::document)
}

fn pointer(fault: &Fault) -> &str {
    match &fault.place {
        Place::Pointer(pointer) => pointer,
        other => panic!("{other:?} is not in the body"),
    }
}

fn faults(refusal: Option<Unreadable>) -> Vec<Fault> {
    match refusal {
        Some(Unreadable::Faulty { faults, .. }) => faults,
        Some(Unreadable::Malformed(fault)) => panic!("malformed: {fault:?}"),
        None => panic!("accepted"),
    }
}

fn malformed(refusal: Option<Unreadable>) -> Fault {
    match refusal {
        Some(Unreadable::Malformed(fault)) => fault,
        Some(Unreadable::Faulty { faults, .. }) => panic!("read: {faults:?}"),
        None => panic!("accepted"),
    }
}
