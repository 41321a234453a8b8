// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
import * as dns from 'dns';
function f5() {
  dns.lookup((err) => {
    return f2().then(v => ok(1), fail);
  });
}
