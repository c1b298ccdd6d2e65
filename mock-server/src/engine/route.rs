//! From method and path to operation.

use http::Method;
use lingminban::{api::Operation, for_each_control_operation, for_each_operation};

use super::{Engine, control, pipeline};
use crate::server::Reply;

type Serve = fn(&Engine, &pipeline::Request<'_>) -> Option<Reply>;

/// Finds the operation of a method and path.
pub struct Router(matchit::Router<Vec<(Method, Serve)>>);

/// Where a request goes.
pub enum Route<'a> {
    /// To an operation.
    Operation {
        /// Serves it.
        serve: Serve,
        /// Values of the path template.
        path: Vec<(&'a str, &'a str)>,
    },
    /// The path exists, the method does not.
    WrongMethod {
        /// Methods that do.
        allow: String,
    },
    /// Nowhere.
    Unknown,
}

impl Default for Router {
    /// All operations of the contract and of the control interface: one without a handler does not
    /// compile.
    fn default() -> Self {
        let mut paths: Vec<(&'static str, Vec<(Method, Serve)>)> = Vec::new();
        let mut add =
            |path, method, serve: Serve| match paths.iter_mut().find(|(known, _)| *known == path) {
                Some((_, methods)) => methods.push((method, serve)),
                None => paths.push((path, vec![(method, serve)])),
            };
        macro_rules! operations {
            ($($operation:ty),+ $(,)?) => { $(
                add(<$operation>::PATH, <$operation>::METHOD, pipeline::serve::<$operation>);
            )+ };
        }
        macro_rules! control_operations {
            ($($operation:ty),+ $(,)?) => { $(
                add(<$operation>::PATH, <$operation>::METHOD, control::serve::<$operation>);
            )+ };
        }
        for_each_operation!(operations);
        for_each_control_operation!(control_operations);
        let mut router = matchit::Router::new();
        for (path, methods) in paths {
            // A template that clashes with another is not routed; a test asks for every one.
            let _ = router.insert(path, methods);
        }
        Self(router)
    }
}

impl Router {
    /// Finds the operation.
    #[must_use]
    pub fn find<'a>(&'a self, method: &Method, path: &'a str) -> Route<'a> {
        let Ok(found) = self.0.at(path) else {
            return Route::Unknown;
        };
        match found.value.iter().find(|(known, _)| known == method) {
            Some((_, serve)) => Route::Operation {
                serve: *serve,
                path: found.params.iter().collect(),
            },
            None => {
                let known: Vec<&str> = found
                    .value
                    .iter()
                    .map(|(known, _)| known.as_str())
                    .collect();
                Route::WrongMethod {
                    allow: known.join(", "),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_routed() {
        let router = Router::default();
        macro_rules! ask {
            ($($operation:ty),+ $(,)?) => { $(
                let path = <$operation>::PATH.replace(['{', '}'], "");
                let found = router.find(&<$operation>::METHOD, &path);
                assert!(matches!(found, Route::Operation { .. }), "{}", <$operation>::ID);
            )+ };
        }
        for_each_operation!(ask);
        for_each_control_operation!(ask);
    }
}
