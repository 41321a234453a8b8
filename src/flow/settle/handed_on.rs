//! A call that is handed the callback itself: `read(path, callback)`.

use super::{
    InPlace,
    error_first::awaited,
    lower::{Lowerer, refusal, short},
};
use crate::{
    edit::{Refusal, RefusalCode},
    flow::{
        Stmt,
        asynclib::{hands_over_nothing, last_of_waterfall},
        callback::{called_names, hands_both_on, may_hand_result_beside_error, names, results},
        classify::called_function,
        elsewhere::elsewhere,
        known::{Evidence, builtin, known},
        promisify::{Call, hands_nothing},
    },
    syntax::node::unparenthesized,
};

impl<'a> Lowerer<'a, '_> {
    /// `read(path, callback)`: the promise form's outcome is the function's own.
    pub(super) fn handed_on(&mut self, call: &Call<'a>) -> Result<Vec<Stmt>, Refusal> {
        // What it is handed to may do without it.
        let is_builtin = builtin(self.cx, unparenthesized(call.callee)).is_some();
        self.hands_on |= !is_builtin && !results::needs_callback(self.cx, call.callee);
        if let Some(name) = self.called_in_full() {
            return self.handed_on_in_full(call, &name);
        }
        let promised = self.promised(call)?;
        if let Some(in_place) = &promised.in_place {
            // What the last of the tasks hands over goes to the callback.
            self.successes.says_null = true;
            match in_place.value {
                Some(_) => self.successes.with_value = true,
                None => self.successes.alone = true,
            }
        } else {
            self.check_one_result(call)?;
            self.note_results(call);
            let has_both = hands_both_on(self.cx, call.callee, &call.arguments);
            if has_both || may_hand_result_beside_error(self.cx, call.callee) {
                self.assume("Nobody looks at a result that is handed over along with an error.");
            }
        }
        let mut out: Vec<Stmt> = promised.setup.into_iter().collect();
        if let Some(InPlace { statements, value }) = promised.in_place {
            out.extend(statements);
            out.push(Stmt::Return(value));
        } else if promised.drops {
            out.push(Stmt::Expression(awaited(&promised.text)));
            out.push(Stmt::Return(None));
        } else {
            out.push(Stmt::Return(Some(promised.text)));
        }
        Ok(out)
    }

    /// What is handed on with the callback comes back as one value. Says how many there are at most, as far as that is known.
    fn check_one_result(&mut self, call: &Call<'a>) -> Result<Option<usize>, Refusal> {
        let is_denied = |name: &String| self.cx.callbacks.taken(name).is_some_and(|most| most > 1);
        let results = match known(self.cx, call.callee) {
            // A name tells less than somebody who takes more results.
            Some(k) if k.by == Evidence::Name && called_names(self.cx, call.callee).iter().any(is_denied) => None,
            Some(known) => known.api.results.or_else(|| {
                let results = results::of_function(self.cx, last_of_waterfall(self.cx, call.node)?)?;
                (results.most > 1).then_some(results.most)
            }),
            // A promise has one result.
            None if elsewhere(self.cx, call.callee).is_some() => Some(1),
            None => self.results_of(call),
        };
        match results {
            Some(0 | 1) => {}
            Some(_) => return refusal(RefusalCode::ManyResults, call.callee),
            None if self.takes_one_result(call) => {}
            None => {
                let name = short(self.cx.text(call.callee));
                self.assume(format!("`{name}` calls back with one result at most."));
            }
        }
        Ok(results)
    }

    /// Notes what the callback gets by a function that it is handed on to. It may count that, and `util.callbackify` always
    /// hands over two values.
    fn note_results(&mut self, call: &Call<'a>) {
        let known = known(self.cx, call.callee).filter(|known| known.by != Evidence::Name);
        let is_of_tasks = hands_over_nothing(self.cx, call.callee);
        let results = match known {
            _ if is_of_tasks => Some(0),
            Some(known) if hands_nothing(self.cx, known.api, &call.arguments) => Some(0),
            Some(known) => known.api.results,
            None => self.results_of(call),
        };
        let is_certain = is_of_tasks || known.is_some() || called_function(self.cx, call.callee).is_some();
        self.successes.says_null = true;
        self.successes.is_guess |= !is_certain || results.is_none();
        match results {
            Some(0) if is_certain => self.successes.alone = true,
            Some(0) => self.successes.by_others = true,
            _ => self.successes.with_value = true,
        }
    }

    /// Whether everybody in sight who is called back by this function, or by the one that is called, or by what either hands its
    /// callback on to, takes one result at most; and somebody is in sight.
    fn takes_one_result(&self, call: &Call<'a>) -> bool {
        let own = self.function.map(|f| names(self.cx, f)).unwrap_or_default();
        let all = own.into_iter().chain(called_names(self.cx, call.callee));
        let taken: Vec<_> = all.filter_map(|name| self.cx.callbacks.taken_behind(&name)).collect();
        !taken.is_empty() && taken.iter().all(|most| *most <= 1)
    }

    /// How many results the functions that a call may reach hand over at most, as far as all of them are in sight.
    fn results_of(&self, call: &Call<'a>) -> Option<usize> {
        let callee = unparenthesized(call.callee);
        if let Some(function) = called_function(self.cx, callee) {
            return self.cx.callbacks.results_within(&results::of_function(self.cx, function)?);
        }
        self.cx.callbacks.results(called_names(self.cx, callee).first()?)
    }
}
