//! 业务类别: services of one kind, as types, so that a mix-up of kinds does not compile.

use super::{Scope, operation::sealed::Sealed};

/// What one scope covers, and a client has a group of methods for.
///
/// Sealed: families and [`Bundles`].
pub trait Grouped: Sealed + Send + Sync + 'static {
    /// 权限范围: what a token needs for them.
    const SCOPE: Scope;
}

/// 业务类别: the services that one scope covers. [`FilingRequest::Family`](super::FilingRequest::Family)
/// names that of a request.
///
/// Sealed: the list in [`for_each_family!`](crate::for_each_family) names them all.
pub trait Family: Grouped {}

/// 一窗通办. No family: the parts of a bundle are of several.
#[derive(Clone, Copy, Debug)]
pub struct Bundles;

impl Sealed for Bundles {}

impl Grouped for Bundles {
    const SCOPE: Scope = Scope::Bundles;
}

/// Calls a macro with every family: its type, which has the name of its scope, and the name of the method
/// that gives its group; and its Chinese name.
#[macro_export]
macro_rules! for_each_family {
    ($callback:path) => {
        $callback! {
            Registrations, registrations, "注册登记";
            Transfers, transfers, "转让登记";
            Changes, changes, "变更登记、变更备案和注销登记";
            Replacements, replacements, "牌证补换领";
            Mortgages, mortgages, "抵押登记、质押备案及其解除";
            Inspections, inspections, "机动车检验和检验合格标志";
        }
    };
}

macro_rules! families {
    ($($family:ident, $method:ident, $chinese:literal;)+) => { $(
        #[doc = concat!($chinese, ".")]
        #[derive(Clone, Copy, Debug)]
        pub struct $family;

        impl Sealed for $family {}

        impl Grouped for $family {
            const SCOPE: Scope = Scope::$family;
        }

        impl Family for $family {}
    )+ };
}
crate::for_each_family!(families);

#[cfg(test)]
mod tests {
    use super::{
        super::{Access, FilingRequest, Operation},
        *,
    };

    macro_rules! scopes {
        ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
            /// Of every service: what its operation asks for, and its family's scope.
            fn scopes() -> Vec<(Access, Scope)> {
                vec![$( (
                    <$operation>::ACCESS,
                    <<$request as FilingRequest>::Family as Grouped>::SCOPE,
                ) ),+]
            }
        };
    }
    crate::for_each_filing!(scopes);

    macro_rules! words {
        ($($family:ident, $method:ident, $chinese:literal;)+) => {
            fn words() -> Vec<(Scope, &'static str)> {
                vec![$( ($family::SCOPE, stringify!($method)) ),+]
            }
        };
    }
    crate::for_each_family!(words);

    #[test]
    fn a_family_is_what_one_scope_covers() {
        for (access, scope) in scopes() {
            assert_eq!(access, Access::Token(scope));
            assert!(
                words().iter().any(|(listed, _)| *listed == scope),
                "{scope}"
            );
        }
        for (scope, method) in words() {
            assert_eq!(scope.as_str(), method);
        }
    }
}
