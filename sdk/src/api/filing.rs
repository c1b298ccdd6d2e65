//! What every request that files an application has in common.

use super::{
    Document, Family, FilingQuery, Json, NoParams, Operation, OperatorId, OutletId,
    PartnerReference, Party, ProblemCode, Submitted,
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
        Mortgage = "mortgage", "抵押登记";
        MortgageRelease = "mortgage_release", "解除抵押登记";
        Pledge = "pledge", "质押备案";
        PledgeRelease = "pledge_release", "解除质押备案";
        InspectionMark = "inspection_mark", "核发检验合格标志";
        ExemptMark = "exempt_mark", "核发免检标志";
        TemporaryPlate = "temporary_plate", "临时行驶车号牌";
        PlateExchange = "plate_exchange", "互换号牌";
        MoveIn = "move_in", "迁入登记";
        AddressChange = "address_change", "住所变更备案";
        Alteration = "alteration", "变更登记";
        CoOwnerChange = "co_owner_change", "共同所有人变更登记";
        IdentityChange = "identity_change", "身份证明号码变更备案";
        Correction = "correction", "登记错误更正";
    }
}

/// 业务申请: a request that files an application for one vehicle, whatever its service.
///
/// [`for_each_filing!`](crate::for_each_filing) lists them.
pub trait FilingRequest: Document {
    /// 业务类型.
    const SERVICE: Service;

    /// 业务类别.
    type Family: Family;

    /// Where in the request the applicant's 证件号码 stands (RFC 6901).
    const APPLICANT_IDENTITY: &'static str;

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
    fn vin(&self) -> &Vin;
}

/// Writes a service that is filed: its operation, and its request with the members every request has.
///
/// The files of its examples are named after the service and the example.
macro_rules! filing {
    (
        service: $service:ident = $id:literal,
        applicant: $applicant:ident,
        tag: $tag:expr,
        path: $path:literal,
        scope: $scope:ident,
        summary: $summary:literal,
        description: $description:literal,
        examples: { $($example:literal: $shows:literal,)+ },

        $(#[doc = $operation_doc:literal])+
        pub struct $operation:ident;

        $(#[doc = $request_doc:literal])+
        pub struct $request:ident {
            $($members:tt)*
        }
    ) => {
        $(#[doc = $operation_doc])+
        pub struct $operation;

        impl $crate::api::operation::sealed::Sealed for $operation {}

        impl $crate::api::Operation for $operation {
            const ID: &'static str = concat!("submit_", $id);
            const SUMMARY: &'static str = $summary;
            const DESCRIPTION: &'static str = $description;
            const TAG: $crate::api::Tag = $tag;
            const METHOD: http::Method = http::Method::POST;
            const PATH: &'static str = $path;
            const REPEAT: $crate::api::Repeat = $crate::api::Repeat::KeyRequired;
            const ACCESS: $crate::api::Access =
                $crate::api::Access::Token($crate::api::Scope::$scope);
            const PROBLEMS: &'static [$crate::api::ProblemCode] = $crate::api::filing::PROBLEMS;
            const LINKS: &'static [$crate::api::operation::Link] = $crate::api::applications::LINKS;
            const EXAMPLES: &'static [$crate::api::operation::Example] =
                &[$($crate::api::operation::Example {
                    name: $example,
                    summary: $shows,
                    json: include_str!(concat!("examples/", $id, ".", $example, ".json")),
                }),+];

            type Path = $crate::api::NoParams;
            type Query = $crate::api::FilingQuery;
            type Body = $crate::api::Json<$request>;
            type Output = $crate::api::Submitted;
        }

        $(#[doc = $request_doc])+
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, bon::Builder)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub struct $request {
            /// 经办人编号: an assessed operator of the outlet.
            pub operator_id: $crate::api::OperatorId,
            /// 合作单位业务编号: the partner's own name of this submission, unique for ever.
            pub partner_reference: $crate::api::PartnerReference,
            /// 网点编号; may be left out by a partner with one outlet.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub outlet_id: Option<$crate::api::OutletId>,
            $($members)*
        }

        impl $crate::api::FilingRequest for $request {
            const SERVICE: $crate::api::Service = $crate::api::Service::$service;

            const APPLICANT_IDENTITY: &'static str =
                concat!("/", stringify!($applicant), "/identity_number");

            type Family = $crate::api::family::$scope;

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

            fn vin(&self) -> &$crate::identifiers::Vin {
                &self.vehicle.vin
            }
        }
    };
}
pub(super) use filing;

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
            $crate::api::SubmitMortgage, $crate::api::MortgageRequest, "抵押登记", submit_mortgage, validate_mortgage;
            $crate::api::SubmitMortgageRelease, $crate::api::MortgageReleaseRequest, "解除抵押登记", submit_mortgage_release, validate_mortgage_release;
            $crate::api::SubmitPledge, $crate::api::PledgeRequest, "质押备案", submit_pledge, validate_pledge;
            $crate::api::SubmitPledgeRelease, $crate::api::PledgeReleaseRequest, "解除质押备案", submit_pledge_release, validate_pledge_release;
            $crate::api::SubmitInspectionMark, $crate::api::InspectionMarkRequest, "核发检验合格标志", submit_inspection_mark, validate_inspection_mark;
            $crate::api::SubmitExemptMark, $crate::api::ExemptMarkRequest, "核发免检标志", submit_exempt_mark, validate_exempt_mark;
            $crate::api::SubmitTemporaryPlate, $crate::api::TemporaryPlateRequest, "临时行驶车号牌", submit_temporary_plate, validate_temporary_plate;
            $crate::api::SubmitPlateExchange, $crate::api::PlateExchangeRequest, "互换号牌", submit_plate_exchange, validate_plate_exchange;
            $crate::api::SubmitMoveIn, $crate::api::MoveInRequest, "迁入登记", submit_move_in, validate_move_in;
            $crate::api::SubmitAddressChange, $crate::api::AddressChangeRequest, "住所变更备案", submit_address_change, validate_address_change;
            $crate::api::SubmitAlteration, $crate::api::AlterationRequest, "变更登记", submit_alteration, validate_alteration;
            $crate::api::SubmitCoOwnerChange, $crate::api::CoOwnerChangeRequest, "共同所有人变更登记", submit_co_owner_change, validate_co_owner_change;
            $crate::api::SubmitIdentityChange, $crate::api::IdentityChangeRequest, "身份证明号码变更备案", submit_identity_change, validate_identity_change;
            $crate::api::SubmitCorrection, $crate::api::CorrectionRequest, "登记错误更正", submit_correction, validate_correction;
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
    ProblemCode::DistrictNotEntrusted,
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
