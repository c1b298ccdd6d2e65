//! Methods of one family of services.

use std::{fmt, marker::PhantomData};

use super::{Client, Result, Submission};
use crate::api::{Application, Assessment, Family, FilingRequest, family};

/// 业务类别: a client for one family of services; files no other.
///
/// ```no_run
/// # use lingminban::{Client, Error, Submission, api::MortgageReleaseRequest};
/// # async fn run(client: Client, request: MortgageReleaseRequest) -> Result<(), Error> {
/// let mortgages = client.mortgages();
/// let assessed = mortgages.validate(&request).await?;
/// if assessed.findings.is_empty() {
///     let filed = mortgages.submit(&Submission::new(request)).await?;
///     println!("{}", filed.application_id);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Group<'a, F> {
    client: &'a Client,
    family: PhantomData<F>,
}

impl<F: Family> Group<'_, F> {
    /// 提交业务: files an application of the family; see [`Client::submit`].
    ///
    /// # Errors
    /// As [`Error`](super::Error) has them.
    pub async fn submit<R: FilingRequest<Family = F>>(
        &self,
        submission: &Submission<R>,
    ) -> Result<Application> {
        self.client.submit(submission).await
    }

    /// 预审: what filing would lead to; nothing is filed. See [`Client::validate`].
    ///
    /// # Errors
    /// As [`Error`](super::Error) has them.
    pub async fn validate<R: FilingRequest<Family = F>>(&self, request: &R) -> Result<Assessment> {
        self.client.validate(request).await
    }
}

impl<F: Family> Clone for Group<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Family> Copy for Group<'_, F> {}

impl<F: Family> fmt::Debug for Group<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("scope", &F::SCOPE)
            .finish_non_exhaustive()
    }
}

macro_rules! groups {
    ($($family:ident, $method:ident, $chinese:literal;)+) => {
        /// The families of services, each with methods of its own.
        impl Client { $(
            #[doc = concat!($chinese, ": the services of this family.")]
            #[must_use]
            pub fn $method(&self) -> Group<'_, family::$family> {
                Group {
                    client: self,
                    family: PhantomData,
                }
            }
        )+ }
    };
}
crate::for_each_family!(groups);
