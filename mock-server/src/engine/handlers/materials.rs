use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderMap;
use lingminban::{
    api::{
        ApplicationStatus as Status, Found, ListMaterials, Material, MaterialKind, MaterialList,
        MaterialState, Place, ProblemCode, PutMaterial,
    },
    moment::Moment,
};
use sha2::{Digest, Sha256};

use super::applications::{own, wrong_state};
use crate::engine::{
    Engine,
    docket::{MaterialEntry, Number, ScanEntry},
    events, lifecycle,
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
};

impl Handle<PutMaterial> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<PutMaterial>,
    ) -> Result<Found<Material>, Refusal> {
        let number = own(scene, &input.path.application_id)?;
        let digest: [u8; 32] = Sha256::digest(&input.body.bytes).into();
        scene.notes.material = Some(digest);
        if announced(scene.headers).is_some_and(|announced| announced != digest) {
            let place = Place::Header("Content-Digest");
            return Err(Refusal::at(ProblemCode::DigestMismatch, place));
        }
        let entry = &scene.state.docket[number];
        let status = entry.status();
        let material = entry
            .material(input.path.kind)
            .filter(|material| material.state != MaterialState::Exempted)
            .ok_or_else(not_required)?;
        let repeated = material
            .scan
            .as_ref()
            .is_some_and(|scan| scan.digest == digest);
        if repeated {
            return Ok(Found(told(material)));
        }
        if !matches!(status, Status::Received | Status::SupplementRequired) {
            return Err(wrong_state());
        }
        let scan = ScanEntry {
            digest,
            size: u32::try_from(input.body.bytes.len()).unwrap_or(u32::MAX),
            received_at: scene.now,
        };
        let received = scene
            .state
            .docket
            .receive(number, input.path.kind, scan.clone());
        let answer = received.map(told).ok_or_else(not_required)?;
        events::received(scene.state, number, input.path.kind, scene.now);
        share(scene, number, input.path.kind, &scan);
        if status == Status::Received {
            for part in scene.state.docket.bundle_of(number) {
                lifecycle::reschedule(scene.city, scene.state, part, scene.now);
            }
        }
        Ok(Found(answer))
    }
}

/// 一次提交: what one part of a bundle was given, the others that miss it have too.
fn share(scene: &mut Scene<'_>, number: Number, kind: MaterialKind, scan: &ScanEntry) {
    let parts: Vec<Number> = scene.state.docket.sharing(number, kind).collect();
    for part in parts {
        let misses = scene
            .state
            .docket
            .get(part)
            .is_some_and(|entry| entry.missing().any(|material| material.kind == kind));
        if misses {
            scene.state.docket.receive(part, kind, scan.clone());
            events::received(scene.state, part, kind, scene.now);
        }
    }
}

impl Handle<ListMaterials> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListMaterials>,
    ) -> Result<Found<MaterialList>, Refusal> {
        let number = own(scene, &input.path.application_id)?;
        let items = scene.state.docket[number]
            .materials
            .iter()
            .map(told)
            .collect();
        Ok(Found(MaterialList { items }))
    }
}

fn not_required() -> Refusal {
    let place = Place::Parameter("kind".to_owned());
    Refusal::at(ProblemCode::MaterialNotRequired, place)
}

fn told(material: &MaterialEntry) -> Material {
    let scan = material.scan.as_deref();
    Material {
        kind: material.kind.into(),
        state: material.state.into(),
        lookup: material.lookup.map(Into::into),
        size_bytes: scan.map(|scan| scan.size),
        sha256: scan.map(|scan| {
            scan.digest
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect()
        }),
        received_at: scan.map(|scan| Moment::new(scan.received_at)),
    }
}

/// The SHA-256 of `Content-Digest` (RFC 9530); other algorithms are not looked at. What is sent as
/// SHA-256 and is none fits no content.
fn announced(headers: &HeaderMap) -> Option<[u8; 32]> {
    let values = headers.get_all("content-digest").iter();
    let digests = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','));
    let sha256 = digests
        .filter_map(|digest| digest.trim().strip_prefix("sha-256="))
        .next()?;
    let encoded = sha256
        .strip_prefix(':')
        .and_then(|text| text.strip_suffix(':'));
    let bytes = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
    Some(
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .unwrap_or([0; 32]),
    )
}
