//! What every request that files an application has in common.

use super::{
    Document, FilingQuery, Json, NoParams, Operation, OperatorId, OutletId, PartnerReference,
    Party, ProblemCode, Submitted,
};
use crate::{identifiers::Vin, wire_enum::wire_enum};

wire_enum! {
    /// 业务类型.
    pub enum Service {
        Registration = "registration", "注册登记";
        Transfer = "transfer", "转让登记";
        ContactChange = "contact_change", "联系方式变更备案";
        OwnerNameChange = "owner_name_change", "姓名（名称）变更备案";
        Deregistration = "deregistration", "注销登记";
        PlateReplacement = "plate_replacement", "补换领号牌";
        DrivingPermitReplacement = "driving_permit_replacement", "补换领行驶证";
        RegistrationCertificateReplacement = "registration_certificate_replacement", "补换领登记证书";
        InspectionMarkReplacement = "inspection_mark_replacement", "补换领检验合格标志";
    }
}

/// 业务申请: a request that files an application for one vehicle, whatever its service.
///
/// [`for_each_filing!`](crate::for_each_filing) lists them.
pub trait FilingRequest: Document {
    /// 业务类型.
    const SERVICE: Service;

    /// The operation it is sent with.
    type Operation: Operation<Path = NoParams, Query = FilingQuery, Body = Json<Self>, Output = Submitted>;

    /// 经办人编号.
    fn operator_id(&self) -> &OperatorId;

    /// 合作单位业务编号.
    fn partner_reference(&self) -> &PartnerReference;

    /// 网点编号, when named.
    fn outlet_id(&self) -> Option<&OutletId>;

    /// 申请人: who is told how it goes.
    fn applicant(&self) -> &Party;

    /// 车辆识别代号.
    fn vin(&self) -> Vin;
}

/// Says which members of a request [`FilingRequest`] finds what in.
macro_rules! filing_request {
    ($request:ident, $service:ident, $operation:ident, applicant: $applicant:ident) => {
        impl $crate::api::FilingRequest for $request {
            const SERVICE: $crate::api::Service = $crate::api::Service::$service;

            type Operation = $operation;

            fn operator_id(&self) -> &$crate::api::OperatorId {
                &self.operator_id
            }

            fn partner_reference(&self) -> &$crate::api::PartnerReference {
                &self.partner_reference
            }

            fn outlet_id(&self) -> Option<&$crate::api::OutletId> {
                self.outlet_id.as_ref()
            }

            fn applicant(&self) -> &$crate::api::Party {
                &self.$applicant
            }

            fn vin(&self) -> $crate::identifiers::Vin {
                self.vehicle.vin
            }
        }
    };
}
pub(super) use filing_request;

/// Calls a macro with everything that files an application: its operation, its request, its Chinese
/// name, and the names of the methods that file and that assess it.
///
/// A request left out of this list has no method in any client; one that is in it must be judged by
/// the sandbox, or the sandbox does not compile.
#[macro_export]
macro_rules! for_each_filing {
    ($callback:path) => {
        $callback! {
            $crate::api::SubmitRegistration, $crate::api::RegistrationRequest, "注册登记", submit_registration, validate_registration;
            $crate::api::SubmitTransfer, $crate::api::TransferRequest, "转让登记", submit_transfer, validate_transfer;
            $crate::api::SubmitContactChange, $crate::api::ContactChangeRequest, "联系方式变更备案", submit_contact_change, validate_contact_change;
            $crate::api::SubmitOwnerNameChange, $crate::api::OwnerNameChangeRequest, "姓名（名称）变更备案", submit_owner_name_change, validate_owner_name_change;
            $crate::api::SubmitDeregistration, $crate::api::DeregistrationRequest, "注销登记", submit_deregistration, validate_deregistration;
            $crate::api::SubmitPlateReplacement, $crate::api::PlateReplacementRequest, "补换领号牌", submit_plate_replacement, validate_plate_replacement;
            $crate::api::SubmitDrivingPermitReplacement, $crate::api::DrivingPermitReplacementRequest, "补换领行驶证", submit_driving_permit_replacement, validate_driving_permit_replacement;
            $crate::api::SubmitRegistrationCertificateReplacement, $crate::api::RegistrationCertificateReplacementRequest, "补换领登记证书", submit_registration_certificate_replacement, validate_registration_certificate_replacement;
            $crate::api::SubmitInspectionMarkReplacement, $crate::api::InspectionMarkReplacementRequest, "补换领检验合格标志", submit_inspection_mark_replacement, validate_inspection_mark_replacement;
        }
    };
}

/// Refusals of every operation that files something.
pub(super) const PROBLEMS: &[ProblemCode] = &[
    ProblemCode::ServiceNotEntrusted,
    ProblemCode::VehicleClassNotEntrusted,
    ProblemCode::OutletNotOfPartner,
    ProblemCode::OperatorNotOfOutlet,
    ProblemCode::OperatorNotAssessed,
    ProblemCode::OperatorCertificateLapsed,
    ProblemCode::AlreadySubmitted,
    ProblemCode::VehicleAlreadyRegistered,
    ProblemCode::VehicleInProcess,
];

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! services_of {
        ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
            fn filings() -> Vec<(Service, &'static str, &'static str, [&'static str; 2])> {
                vec![$( (
                    <$request>::SERVICE,
                    <$operation>::ID,
                    $chinese,
                    [stringify!($submit), stringify!($validate)],
                ) ),+]
            }
        };
    }
    crate::for_each_filing!(services_of);

    #[test]
    fn every_service_is_filed_with_its_own_operation() {
        let filings = filings();
        let services: Vec<Service> = filings.iter().map(|(service, ..)| *service).collect();
        assert_eq!(services, Service::ALL);
        for (service, operation, chinese, [submit, validate]) in filings {
            assert_eq!(operation, format!("submit_{service}"));
            assert_eq!(submit, operation);
            assert_eq!(validate, format!("validate_{service}"));
            assert_eq!(chinese, service.chinese_name());
        }
    }
}
