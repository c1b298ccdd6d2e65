//! How the sandbox handles what is asked about journals.

use lingminban::{
    api::{
        FindingCode, Found, NoContent, Place, ProblemCode,
        control::{
            ClearJournal, ExportJournal, JournalExport, JournalFilter, JournalPage, ListJournal,
        },
    },
    moment::Moment,
    text::Language,
};

use super::pages::Page;
use crate::engine::{
    Engine, Fault,
    control::Command,
    directory::PartnerIndex,
    journal::{self, Entry, Reader},
    pipeline::Input,
    refusal::Refusal,
};

impl Command<ListJournal> for Engine {
    fn command(
        &self,
        language: Language,
        input: Input<ListJournal>,
    ) -> Result<Found<JournalPage>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let mut filter = input.query;
        check(&filter)?;
        let (size, token) = (filter.page_size.take(), filter.page_token.take());
        // A journal belongs to no partner: the list is the same for all.
        let page = Page::new::<ListJournal>(&filter, PartnerIndex::FIRST, size, token.as_deref())?;
        let journal = space.journal();
        let mut passing = journal.passing(&filter, page.from.into());
        let shown: Vec<Entry<'_>> = passing.by_ref().take(page.size).collect();
        let next = passing.next();
        let reader = Reader::new(self, &space, &journal, language);
        let (evicted, evicted_at) = journal.evicted();
        Ok(Found(JournalPage {
            items: shown.into_iter().map(|entry| reader.read(entry)).collect(),
            next_page_token: next.and_then(|next| Some(page.token(next.number().try_into().ok()?))),
            evicted,
            evicted_before: evicted_at.map(Moment::new),
        }))
    }
}

impl Command<ExportJournal> for Engine {
    fn command(
        &self,
        language: Language,
        input: Input<ExportJournal>,
    ) -> Result<JournalExport, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let format = input.query.format;
        let filter = JournalFilter::from(input.query);
        check(&filter)?;
        let journal = space.journal();
        let reader = Reader::new(self, &space, &journal, language);
        let entries = journal.passing(&filter, 0);
        let entries = entries.map(|entry| reader.read(entry));
        Ok(JournalExport {
            text: journal::export(format, entries, self.public_url()),
            format: Some(format),
        })
    }
}

impl Command<ClearJournal> for Engine {
    fn command(&self, _: Language, input: Input<ClearJournal>) -> Result<NoContent, Refusal> {
        self.named_space(&input.path.space_id)?.journal().clear();
        Ok(NoContent)
    }
}

/// A misspelt operation would look like one that nobody asked for, and a time that ends before it
/// begins like one in which nothing happened.
fn check(filter: &JournalFilter) -> Result<(), Refusal> {
    let operation = filter.operation.as_ref();
    let misspelt = operation.is_some_and(|id| !journal::is_operation(id.as_str()));
    let backwards = filter
        .from
        .zip(filter.before)
        .is_some_and(|(from, before)| before < from);
    let faults: Vec<Fault> = [
        (misspelt, "operation", FindingCode::NotInList),
        (backwards, "before", FindingCode::OutOfRange),
    ]
    .into_iter()
    .filter(|(wrong, ..)| *wrong)
    .map(|(_, name, code)| Fault::at(Place::Parameter(name.to_owned()), code))
    .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Refusal::new(ProblemCode::InvalidParameter).with_faults(faults))
    }
}
