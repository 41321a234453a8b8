import * as fs from 'fs';

type Done<T> = (err: Error | null, value?: T) => void;

// expect: callback 1 once error-first results=1 sync=never
export function size(path: string, done: Done<number>): void {
  fs.stat(path, (err, stat) => {
    if (err) return done(err);
    done(null, stat!.size);
  });
}

// expect: callback 1 once optional
export function maybe(path: string, done?: Done<string>): void {
  if (done) done(null, path as string);
}

// expect: callback 1 once error-first results=1
export function certain(path: string, done?: Done<string>): void {
  done!(null, path);
}

export class Store {
  // expect: callback 1 once error-first presumed=0
  get(key: string, cb: Done<string>) {
    this.read(key, (err, text) => (err ? cb(err) : cb(null, text)));
  }

  // expect: callback 1 twice
  private read(key: string, cb: Done<string>) {
    if (!key) cb(new Error('no key'));
    fs.readFile(key, 'utf8', cb);
  }

  // expect: plain
  map(list: string[], mapper: (text: string) => string): string[] {
    return list.map(mapper);
  }
}
