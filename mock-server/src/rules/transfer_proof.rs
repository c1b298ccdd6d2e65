//! 转让证明 (R164 Art 25, 30): which paper proves which acquisition, and what goes without papers.

use lingminban::{
    api::{CourtDocument, FindingCode, TransferRequest},
    codes::AcquisitionMethod,
};

use crate::engine::{
    Fault,
    filing::{Field, Filing},
};
use crate::field;

type Submission<'a> = Filing<'a, TransferRequest>;
type Member<T> = Field<TransferRequest, T>;

/// The papers of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// 发票.
    Invoice,
    /// 法律文书.
    CourtDocument,
    /// 公证书、协议、批准文件.
    Deed,
}

/// The paper that proves an acquisition. The definition of 转让证明 names invoice, decisions and deeds for
/// some ways and is silent of others: those are taken for resting on a deed.
#[must_use]
pub const fn paper(acquisition: AcquisitionMethod) -> Paper {
    use AcquisitionMethod as By;
    match acquisition {
        By::Purchase => Paper::Invoice,
        By::CourtMediation | By::CourtRuling | By::CourtJudgment | By::ArbitrationAward => {
            Paper::CourtDocument
        }
        By::Gift
        | By::Inheritance
        | By::Allocation
        | By::DebtSettlement
        | By::MilitaryTransfer
        | By::AssetRestructuring
        | By::WholeAssetSale
        | By::BroughtFromAbroad
        | By::Prize
        | By::DivorceAgreement
        | By::Other => Paper::Deed,
    }
}

/// The paper that is needed, and no other; the certificate, unless a notice of enforcement says that it
/// was not handed over.
#[must_use]
pub fn examine(filing: &Submission<'_>) -> Vec<Fault> {
    let mut faults = papers(filing);
    faults.extend(certificate(filing));
    faults
}

fn papers(filing: &Submission<'_>) -> Vec<Fault> {
    let Some(acquisition) = filing.get(field!(transfer_proof.acquisition)) else {
        return Vec::new();
    };
    let (invoice, court, deed): (Member<_>, Member<_>, Member<_>) = (
        field!(transfer_proof.invoice?),
        field!(transfer_proof.court_document?),
        field!(transfer_proof.deed?),
    );
    let wanted = paper(*acquisition);
    let papers = [
        (Paper::Invoice, invoice.pointer, filing.has(invoice)),
        (Paper::CourtDocument, court.pointer, filing.has(court)),
        (Paper::Deed, deed.pointer, filing.has(deed)),
    ];
    let wrong = papers.into_iter().filter_map(|(paper, pointer, given)| {
        let code = match (paper == wanted, given) {
            (true, false) => FindingCode::TransferProofMissing,
            (false, true) => FindingCode::ProofNotOfAcquisition,
            _ => return None,
        };
        Some(Fault::finding(code, pointer))
    });
    wrong.collect()
}

fn certificate(filing: &Submission<'_>) -> Option<Fault> {
    let number: Member<_> = field!(registration_certificate_number?);
    let notice: Member<_> = field!(transfer_proof.court_document?.enforcement_notice_number?);
    // Whether a notice may be there at all is not known before the proof can be read.
    filing.get(field!(transfer_proof.acquisition))?;
    let missing = !filing.has(number) && !filing.has(notice);
    missing.then(|| Fault::finding(FindingCode::CertificateNotNamed, number.pointer))
}

/// 协助执行通知书 (R164 Art 30): whether the papers of the vehicle need not be handed in.
#[must_use]
pub fn has_enforcement_notice(request: &TransferRequest) -> bool {
    let document = request.transfer_proof.court_document.as_ref();
    document.is_some_and(|document: &CourtDocument| document.enforcement_notice_number.is_some())
}
