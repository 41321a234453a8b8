// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
import fs from 'fs';
import dns from 'dns';
import async from 'async';
class K {
  m0(v) { return f3(v) }
  async f5() {
    return await f1().
      then(api.save.bind(api));
  }
}
